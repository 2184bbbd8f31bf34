"""
Looking into a database before the service starts, or while it runs.
"""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pushsvc.errors import CannotOpen
from pushsvc.storage import sql
from pushsvc.storage.sql.engine import makeEngine, readURL


def check(path: Path) -> None:
    sql.makeStorage(f"sqlite:///{path}", None).check()


def test_whatIsNoDatabase(tmp_path: Path) -> None:
    """
    A file that is something else is told.
    """
    (tmp_path / "letter").write_text("Wherefore art thou silent?" * 100)

    with pytest.raises(CannotOpen, match="letter: DatabaseError: file is not a database"):
        check(tmp_path / "letter")


def test_anEmptyFile(tmp_path: Path) -> None:
    """
    An empty file is a database in which nothing is yet, as is one that is not there.
    """
    (tmp_path / "empty").touch()

    check(tmp_path / "empty")
    check(tmp_path / "nowhere")

    assert ["empty"] == [path.name for path in tmp_path.iterdir()]


def test_whatANewerVersionHasUsed(tmp_path: Path) -> None:
    """
    A database that a newer version has used is told before the service is started, with what to do; no file is made
    beside it, which could be another user's than the service's.
    """
    path = tmp_path / "pushsvc.db"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
    # The last one to close it puts into it what stood beside it.
    database.close()

    with pytest.raises(CannotOpen, match="a newer version of pushsvc has used it; run that one"):
        check(path)

    assert ["pushsvc.db"] == [each.name for each in tmp_path.iterdir()]


def test_whatANewerVersionHasUsedOnPostgreSQL(postgresqlURL: str, opened: Any) -> None:
    """
    So it is with PostgreSQL.
    """
    opened(postgresqlURL)
    sql.makeStorage(postgresqlURL, None).check()
    engine = makeEngine(readURL(postgresqlURL))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(CannotOpen, match="a newer version of pushsvc has used it; run that one"):
        sql.makeStorage(postgresqlURL, None).check()
