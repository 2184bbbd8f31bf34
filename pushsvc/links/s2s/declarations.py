"""
What zope.interface has to know of connections with TLS, kept.

COMPAT: for each connection Twisted declares each interface of its transport, and overwrites it with the next. Zope
forgets what nobody has, and making it again takes as long as a good part of the handshake.
"""

from typing import Any

from twisted.protocols.tls import TLSMemoryBIOFactory
from zope.interface import providedBy
from zope.interface.declarations import Provides

# By the kind of transport, of which there are two or three.
_kept: dict[type, list[object]] = {}


def keep(transport: Any) -> None:
    """
    Keep what was declared for connections of this kind.

    :param transport: with TLS.
    """
    kind = type(transport)
    if kind not in _kept:
        declared = [Provides(TLSMemoryBIOFactory.protocol, interface) for interface in providedBy(transport)]
        _kept[kind] = [*declared, getattr(transport, "__provides__", None)]
