"""
How processes that share an outbox call themselves, and which of them are dead.

A lease of a dead process ends by itself. One that died on this machine need not be waited for: a phone is waiting.
"""

import os
import secrets
import socket


def ownName() -> str:
    """
    A name for this process that no other has, now or after a restart.
    """
    return f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"


def isDead(owner: str, own: str) -> bool:
    """
    Whether the process of that name surely lives no more.

    :param own: the asking process's name.
    """
    if owner == own:
        return False
    host, _, rest = owner.rpartition("/")[0].rpartition("/")
    ownHost, _, ownPid = own.rpartition("/")[0].rpartition("/")
    if host != ownHost or not rest.isdecimal():
        return False
    # The number is ours now: in containers every process is number 1.
    return rest == ownPid or not _lives(int(rest))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
