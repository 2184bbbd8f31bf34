"""
JIDs as peers write them, prepared (RFC 6122), or found to be none.

Twisted does the preparing; what it lets through (``@domain``, ``domain/``, parts without end) is refused here, and what
needs no preparing skips it: a publish names up to three JIDs, and stringprep costs more than reading all the rest.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from twisted.words.protocols.jabber import jid

PART_MAX = 1023

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


@lru_cache(8192)
def addressOf(text: str) -> Address | None:
    """
    The JID that a text is.

    :returns: None when it is none.
    """
    if len(text) > 3 * PART_MAX + 2:
        return None
    if plain := _PLAIN.fullmatch(text):
        local, domain, resource = plain.groups()
    else:
        beforeResource, slash, resourceText = text.partition("/")
        localText, at, _ = beforeResource.partition("@")
        if (slash and not resourceText) or (at and not localText):
            return None
        try:
            local, domain, resource = jid.parse(text)
        except (jid.InvalidFormat, IndexError):  # COMPAT: an empty label in a domain is an IndexError in Twisted.
            return None
        # Preparing may leave nothing of what was there.
        if (slash and not resource) or (at and not local) or not domain:
            return None
    if any(part is not None and len(part.encode("utf-8")) > PART_MAX for part in (local, domain, resource)):
        return None
    bare = f"{local}@{domain}" if local else domain
    return Address(f"{bare}/{resource}" if resource else bare, bare, local, domain, resource)
