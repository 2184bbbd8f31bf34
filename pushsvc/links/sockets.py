"""
The connections below streams.
"""

import socket
from typing import Any

from twisted.internet.interfaces import ITCPTransport


def prepare(transport: Any) -> None:
    """
    Make a connection fit for small stanzas in both directions, and notice within two minutes, not two hours, that its
    peer has vanished, where the system can do so.
    """
    if not ITCPTransport.providedBy(transport):
        return
    # Answers are small: Nagle would hold each back until the one before is acknowledged.
    transport.setTcpNoDelay(True)
    transport.setTcpKeepAlive(True)
    connection: Any = transport  # TCP's of Twisted say more than their interface
    handle = connection.getHandle()
    if not isinstance(handle, socket.socket):
        return
    if hasattr(socket, "TCP_KEEPIDLE"):
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 15)
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Nothing of that happens while something we wrote is on its way: that would be sent again for a quarter of an
        # hour, and what is written meanwhile is lost.
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 120_000)
