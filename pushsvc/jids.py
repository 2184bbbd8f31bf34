"""
JIDs as peers write them, prepared (RFC 6122), or found to be none.

Twisted does the preparing; what it lets through (``@domain``, ``domain/``, parts without end) is refused here, and what
needs no preparing skips it: a publish names up to three JIDs, and stringprep costs more than reading all the rest.

In resources there may be what has been in Unicode only since stringprep: people give their clients emoji for names, and
their servers take them. It stays as it is (RFC 3454, section 7: whoever asks may).
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from twisted.words.protocols.jabber import jid
from twisted.words.protocols.jabber.xmpp_stringprep import resourceprep

PART_MAX = 1023
# Characters: what DNS has room for.
DOMAIN_MAX = 253
LONGEST_REMEMBERED = 255

_PLAIN = re.compile(
    r"(?:([a-z0-9._+=%~-]+)@)?([a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?:/([!-~]+))?"
)


class Address(NamedTuple):
    """
    A JID in its prepared form.

    :ivar full: all of it.
    :ivar bare: without the resource.
    """

    full: str
    bare: str
    local: str | None
    domain: str
    resource: str | None


def addressOf(text: str) -> Address | None:
    """
    The JID that a text is.

    :returns: None when it is none.
    """
    # What is remembered is short, and is a JID: whoever sends nonsense does not fill our memory with it.
    if not text:
        return None
    try:
        return _remembered(text) if len(text) <= LONGEST_REMEMBERED else _read(text)
    except ValueError:
        return None


def _read(text: str) -> Address:
    if len(text) > 3 * PART_MAX + 2:
        raise ValueError
    if plain := _PLAIN.fullmatch(text):
        local, domain, resource = plain.groups()
    else:
        local, domain, resource = _prepared(text)
    if any(part is not None and len(part.encode("utf-8")) > PART_MAX for part in (local, domain, resource)):
        raise ValueError
    bare = f"{local}@{domain}" if local else domain
    return Address(f"{bare}/{resource}" if resource else bare, bare, local, domain, resource)


_remembered = lru_cache(8192)(_read)


def _prepared(text: str) -> tuple[str | None, str, str | None]:
    beforeResource, slash, resourceText = text.partition("/")
    localText, at, domainText = beforeResource.rpartition("@")
    if (slash and not resourceText) or (at and not localText):
        raise ValueError
    # Preparing is slow, and one character may become eighteen: what will be too long is found out first, quickly.
    for part, longest in ((localText, PART_MAX), (domainText, DOMAIN_MAX), (resourceText, PART_MAX)):
        if len(unicodedata.normalize("NFKC", part)) > longest:
            raise ValueError
    try:
        local, domain, _ = jid.parse(beforeResource)
    except (jid.InvalidFormat, IndexError):  # COMPAT: an empty label in a domain is an IndexError in Twisted.
        raise ValueError from None
    resource = _resourceOf(resourceText)
    # Preparing may leave nothing of what was there.
    if (slash and not resource) or (at and not local) or not domain:
        raise ValueError
    return local, domain, resource or None


def _resourceOf(text: str) -> str:
    # Unicode as stringprep knows it: later versions take apart what servers leave whole.
    prepared = unicodedata.ucd_3_2_0.normalize("NFKC", resourceprep.map(text))
    resourceprep.check_prohibiteds(prepared)
    resourceprep.check_bidirectionals(prepared)
    return prepared


def domainOf(jid: str) -> str:
    """
    The domain of a prepared JID.
    """
    return bareOf(jid).rpartition("@")[2]


def bareOf(jid: str) -> str:
    """
    A prepared JID without its resource.
    """
    return jid.partition("/")[0]
