"""
Looks into a database that a service may be using, and leaves no trace: no file beside SQLite's that would be another
user's.
"""

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Engine, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from pushsvc.storage.sql.upgrade import requireKnown


def lookInto(url: URL, engine: Engine) -> None:
    """
    See whether it is a database, and one that this version can use.

    :raises alembic.util.CommandError: a newer version of pushsvc was here.
    :raises DBAPIError: what is there is something else.
    """
    if url.get_backend_name() != "sqlite":
        with engine.connect() as connection:
            requireKnown(connection)
        return
    path = Path(url.database or "").absolute()
    if not path.exists():
        return
    # Nothing is locked, nor is the log beside it read: both would make files.
    asItLies = f"{path.as_uri()}?mode=ro&immutable=1"
    reading = create_engine("sqlite://", poolclass=NullPool, creator=lambda: sqlite3.connect(asItLies, uri=True))
    try:
        with reading.connect() as connection:
            requireKnown(connection)
    except DBAPIError as e:
        # Somebody may be writing just now, and half of a page is no news.
        if getattr(e.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise
