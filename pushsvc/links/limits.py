"""
How much a peer may say.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """
    How much a peer may say at once.

    :ivar size: bytes of one stanza, or of the stream's header.
    :ivar elements: how many one stanza may have.
    :ivar depth: how deep elements may be nested; the stream itself is the first level.
    :ivar tag: bytes of an unfinished tag with its attributes: the parser looks at it from its start with every read.
    :ivar skips: a stanza beyond the limits is read past, and handed on as refused; else it ends the stream.
    """

    size: int
    elements: int
    depth: int = 64
    tag: int = 32_768
    skips: bool = False


# Who has not proven anything yet has no need of more than a handshake.
UNAUTHENTICATED = Limits(size=10_000, elements=100)
AUTHENTICATED = Limits(size=262_144, elements=4_000)
