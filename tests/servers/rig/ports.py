"""
Ports on loopback that nobody has, and that nobody gets before we do.
"""

import random
import socket
import sys
from contextlib import closing
from pathlib import Path

LOOPBACK = "127.0.0.1"

# Each connection to elsewhere takes a port, out of these: one that was free a moment ago may be gone.
_TAKEN_BY_CONNECTIONS = Path("/proc/sys/net/ipv4/ip_local_port_range")
_RANGES = (range(20000, 32000), range(10000, 16000), range(61000, 65536))

# Tests must not choose the same for that reason, nor because Hypothesis wants them to be the same every time.
_random = random.SystemRandom()
# What we have given out, and what says so to other processes as long as this one lives.
_given: dict[int, int] = {}


def freePort() -> int:
    """
    A port that is free for TCP and UDP, and was not given out before: not by other processes either, that test beside
    us and have not opened theirs yet, or just now start again what was there.
    """
    ports = _ports()
    for _ in range(1000):
        port = _random.choice(ports)
        if port not in _given and _isFree(port) and _reserve(port):
            return port
    raise RuntimeError("no free port")


def isOpen(port: int, address: str = LOOPBACK) -> bool:
    """
    Whether somebody listens there.
    """
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def _ports() -> range:
    try:
        low, high = (int(each) for each in _TAKEN_BY_CONNECTIONS.read_text().split())
    except OSError:
        return _RANGES[0]
    return next((each for each in _RANGES if each.stop <= low or each.start > high), _RANGES[0])


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


def _reserve(port: int) -> bool:
    # The name of a socket that is nowhere in the file system: it is the machine's as ports are, and ends with us.
    with closing(socket.socket(socket.AF_UNIX)) as mark:
        if sys.platform == "linux":
            try:
                mark.bind(f"\0pushsvc-tests-port-{port}")
            except OSError:
                return False
        _given[port] = mark.detach()
    return True
