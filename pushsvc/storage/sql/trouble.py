"""
What went wrong in a database, for logs and for deciding what to do about it.
"""

import sqlite3
from typing import Any

from sqlalchemy.exc import DBAPIError, IntegrityError

# SQLite: BUSY and LOCKED. PostgreSQL: lock not available, statement timed out.
_BUSY_SQLITE = {5, 6}
_BUSY_POSTGRESQL = {"55P03", "57014"}


class Unreachable(Exception):
    """
    No connection could be made. Its cause says why.
    """


def concernsAll(error: Exception) -> bool:
    """
    Whether every other request would fare the same just now, and be kept waiting for it.
    """
    if isinstance(error, Unreachable):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _BUSY_SQLITE
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _BUSY_POSTGRESQL


def mayPass(error: Exception) -> bool:
    """
    Whether the same might work at once: the connection was an old one, or another process was faster.
    """
    return isinstance(error, IntegrityError) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def describe(error: BaseException) -> str:
    """
    What an operator may read about an error: no parameter of any statement, and no value that the database repeats.
    """
    if isinstance(error, Unreachable) and error.__cause__ is not None:
        return describe(error.__cause__)
    if isinstance(error, OSError):
        return str(error)
    if not isinstance(error, DBAPIError):
        # The text of an unexpected error may quote what it choked on; where it happened does not.
        return f"{type(error).__name__}{_place(error)}"
    cause: Any = error.orig
    if isinstance(cause, sqlite3.Error):
        return f"{type(cause).__name__}: {cause}"
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # Not the server speaks but its client: about the connection, or about a parameter.
        aboutConnection = error.connection_invalidated or error.statement is None
        text = f": {' '.join(str(cause).split())}" if aboutConnection else ""
        return f"{type(cause).__name__}{text}"
    # Class 22 quotes the value it dislikes; the others name tables, constraints and roles. Details are never told.
    text = "" if state.startswith("22") else f": {cause.diag.message_primary}"
    return f"{type(cause).__name__} ({state}){text}"


def _place(error: BaseException) -> str:
    traceback = error.__traceback__
    if traceback is None:
        return ""
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f" in {traceback.tb_frame.f_code.co_filename}, line {traceback.tb_lineno}"
