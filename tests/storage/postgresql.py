"""
A PostgreSQL server of one's own, for as long as the tests run.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Where Debian and Fedora put it; the highest version is taken.
_PLACES = ("/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb")


class NoServer(Exception):
    """
    PostgreSQL is not installed, or does not start.
    """


@contextmanager
def server() -> Iterator[str]:
    """
    Make a cluster, start it on a socket in a folder of its own, and throw everything away in the end.

    :returns: the folder of the socket.
    :raises NoServer: that cannot be done.
    """
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="pushsvc-postgresql-"))
    try:
        user = _user()
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        data = str(folder / "data")
        log = str(folder / "log")
        _run(user, folder, programs / "initdb", "-D", data, "-U", "pushsvc", "-A", "trust", "-E", "UTF8", "--no-sync")
        # Without a network, and without waiting for a disk that nobody will look at again.
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        _run(user, folder, programs / "pg_ctl", "start", "-w", "-D", data, "-l", log, "-o", options)
        try:
            yield str(folder)
        finally:
            _run(user, folder, programs / "pg_ctl", "stop", "-m", "immediate", "-D", data)
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    found = [path for place in _PLACES for path in Path("/").glob(place.lstrip("/"))]
    if found:
        return max(found, key=_version).parent
    initdb = shutil.which("initdb")
    if initdb is None:
        raise NoServer("PostgreSQL is not installed")
    return Path(initdb).parent


def _version(initdb: Path) -> list[int]:
    return [int(part) for part in initdb.parent.parent.name.rpartition("-")[2].split(".") if part.isdigit()]


def _user() -> pwd.struct_passwd | None:
    """
    Who may run it: PostgreSQL does not want to be root.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoServer("PostgreSQL does not run as root, and there is neither postgres nor nobody")


def _run(user: pwd.struct_passwd | None, folder: Path, *command: str | Path) -> None:
    other = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    # To a file: the server would keep a pipe open for as long as it lives.
    with open(folder / "output", "wb") as output:
        try:
            done = subprocess.run(command, cwd=folder, stdout=output, stderr=output, timeout=60, **other)
        except subprocess.TimeoutExpired:
            raise NoServer(f"{Path(command[0]).name}: does not come to an end") from None
    if done.returncode != 0:
        said = (folder / "output").read_text(errors="replace")
        raise NoServer(f"{Path(command[0]).name}: {said}")
