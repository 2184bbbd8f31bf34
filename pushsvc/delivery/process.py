"""
How processes that share an outbox call themselves, and which of them are dead.

A lease of a dead process ends by itself. One that died on this machine need not be waited for: a phone is waiting.
"""

import contextlib
import os
import secrets
import socket
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")


def ownName() -> str:
    """
    A name for the process that asks: no other has it, now or after a restart. To be asked for once it has forked.
    """
    return f"{_where()}/{os.getpid()}/{secrets.token_hex(4)}"


def isDead(owner: str, own: str) -> bool:
    """
    Whether the process of that name surely lives no more.

    :param own: the asking process's name.
    """
    if owner == own:
        return False
    where, _, pid = owner.rpartition("/")[0].rpartition("/")
    ownWhere, _, ownPid = own.rpartition("/")[0].rpartition("/")
    if where != ownWhere or not pid.isdecimal():
        return False
    # The number is ours now.
    return pid == ownPid or not _lives(int(pid))


def _where() -> str:
    """
    Within what process numbers mean the same: one boot of one machine, and one namespace. Where there is no saying,
    the host's name has to do.
    """
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts += [_BOOT.read_text().strip()[:8], os.readlink(_NAMESPACE)]
    return "+".join(parts)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
