"""
Ports on loopback that nobody has.
"""

import random
import socket
from contextlib import closing

LOOPBACK = "127.0.0.1"

_given: set[int] = set()


def freePort() -> int:
    """
    A port that is free for TCP and UDP, and not given out before.
    """
    for _ in range(1000):
        port = random.randrange(20000, 32000)  # below those that the kernel gives to outgoing connections
        if port not in _given and _isFree(port):
            _given.add(port)
            return port
    raise RuntimeError("no free port")


def isOpen(port: int, address: str = LOOPBACK) -> bool:
    """
    Whether somebody listens there.
    """
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def _isFree(port: int) -> bool:
    with (
        closing(socket.socket()) as stream,
        closing(socket.socket(type=socket.SOCK_DGRAM)) as datagram,
    ):
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            stream.bind((LOOPBACK, port))
            datagram.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
