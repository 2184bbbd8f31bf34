"""
Domains as DNS and certificates spell them, and what may be wrong with finding one.
"""

from functools import lru_cache

import idna

NAME_MAX = 253
LABEL_MAX = 63


class NoSuchDomain(Exception):
    """
    DNS says for certain that nothing of XMPP is there: final.
    """


class LookupTrouble(Exception):
    """
    DNS says nothing, or nothing that helps: somebody may mend it.
    """


@lru_cache(4096)
def asciiOf(domain: str) -> str:
    """
    A domain in small letters and A-labels.

    :raises ValueError: no name in DNS can be like this.
    """
    # No spelling in ASCII is shorter; and preparing takes its time with long ones.
    if len(domain) > NAME_MAX:
        raise ValueError("a domain that is too long")
    name = domain.lower() if domain.isascii() else _encoded(domain)
    if len(name) > NAME_MAX or not all(0 < len(label) <= LABEL_MAX for label in name.split(".")):
        raise ValueError("a label that is too long or empty")
    return name


def _encoded(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        # Registered under the older rules, which had room for more.
        return domain.encode("idna").decode("ascii").lower()
