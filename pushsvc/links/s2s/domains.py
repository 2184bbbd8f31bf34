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


def withoutDot(text: str) -> str:
    """
    A JID without the final dot that DNS would allow its domain (RFC 7622 section 3.2).
    """
    bare, slash, resource = text.partition("/")
    return bare.removesuffix(".") + slash + resource


def hostAmong(hosts: frozenset[str], domain: str) -> str | None:
    """
    The host that a domain is, in whichever spelling.

    :returns: None: it is none of them.
    """
    if domain in hosts:
        return domain
    try:
        return _spelled(hosts).get(asciiOf(domain))
    except ValueError:
        return None


@lru_cache(64)
def _spelled(hosts: frozenset[str]) -> dict[str, str]:
    return {asciiOf(host): host for host in hosts}


def _encoded(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        # Registered under the older rules, which had room for more.
        return domain.encode("idna").decode("ascii").lower()
