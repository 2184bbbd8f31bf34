"""
Connections that do as pushsvc needs: what was committed is on disk, and whoever writes waits for its turn.
"""

import errno
import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

# Execution options of connections that only read: each statement for itself.
READING = {"isolation_level": "AUTOCOMMIT"}

# In a connection's ``info``: whether what begins now will write. Only SQLite's one connection does both.
WRITES = "writes"

# PostgreSQL can be told, for all that use it, to say that something is on disk before it is. Other than that it is the
# operator's to say on how many disks.
_DURABLE = """
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""

# PostgreSQL decides once how to go about a statement, when next to nothing waits, and then rather walks through a table
# than along its index. When much has come to wait it would go on so until it has counted. Where there is no index it
# walks nevertheless; but it takes that for so dear that it would compile the statement first.
_ALONG_INDEXES = "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name IN ('enable_seqscan', 'jit')"

# Seconds that a database may keep us waiting for a connection, and for a lock.
PATIENCE = 5


def readURL(text: str) -> URL:
    """
    The database that an URL means.

    :raises ValueError: none that can be used here. The URL is not repeated: it may hold a password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("cannot be read as an URL") from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise ValueError(f"{url.drivername}: use memory, sqlite or postgresql")
    if url.drivername == "sqlite" and (not url.database or url.database.startswith((":", "file:"))):
        raise ValueError("sqlite needs the path of a file; what is not to be kept goes to memory:")
    return url


def makeEngine(url: URL) -> Engine:
    """
    An engine without a pool: whoever asks for a connection keeps it.

    Errors do not repeat the parameters of statements: they are tokens, JIDs and bodies.
    """
    arguments: dict[str, Any] = {"check_same_thread": False, "timeout": PATIENCE, "isolation_level": None}
    if url.get_backend_name() == "postgresql":
        # A server that has heard us and vanishes before it answers owes us nothing that TCP would miss: it is asked.
        alive = {"keepalives_idle": PATIENCE, "keepalives_interval": PATIENCE}
        arguments = {"connect_timeout": PATIENCE, "tcp_user_timeout": 4000 * PATIENCE, **alive}
    # What the URL says goes first.
    arguments = {name: value for name, value in arguments.items() if name not in url.query}
    try:
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=arguments)
    except ModuleNotFoundError as e:
        raise ValueError(f"{e.name} is not installed: pip install 'pushsvc[postgresql]'") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepareSQLite)
        event.listen(engine, "begin", _beginSQLite)
    else:
        event.listen(engine, "connect", _preparePostgreSQL)
    return engine


def touch(url: URL, make: bool = True) -> None:
    """
    Make SQLite's file if there is none, readable by nobody else: it will hold tokens. So will the files that SQLite
    puts beside it, which take their mode from this one.

    :param make: False: only look whether it is there.
    :raises OSError: it cannot be made, or not be opened for writing.
    """
    if url.get_backend_name() == "sqlite" and url.database:
        os.close(os.open(url.database, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if make else 0), 0o600))


def tryOut(url: URL, engine: Engine) -> None:
    """
    Look whether it could be opened, and make nothing.

    :raises Exception: it could not.
    """
    if url.get_backend_name() != "sqlite":
        with engine.connect():
            return
    path = Path(url.database or "")
    if path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CLOEXEC))
    elif not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    elif not os.access(path.parent, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path.parent))


def _prepareSQLite(connection: Any, record: Any) -> None:
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        raise OSError(f"SQLite cannot keep a write-ahead log there (it offers: {mode})")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _beginSQLite(connection: Connection) -> None:
    # The driver would begin on its own, at the first write: two processes that had read before could never write.
    # Who only reads does so statement by statement, and waits for nobody.
    if connection.info.get(WRITES, True):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _preparePostgreSQL(connection: Any, record: Any) -> None:
    # Not forever: everything that is asked for waits in one line.
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{PATIENCE}s'")
        cursor.execute(f"SET statement_timeout = '{6 * PATIENCE}s'")
        cursor.execute(_DURABLE)
        cursor.execute(_ALONG_INDEXES)
    connection.commit()
