"""
Brings a database to the schema of this version.
"""

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

# Any number, as long as it stays the same: several processes may start at once.
_LOCK = 0x70757368


def toHead(engine: Engine) -> None:
    """
    Run what is missing, all of it or nothing.

    :raises alembic.util.CommandError: a newer version of pushsvc was here.
    """
    config = Config()
    config.set_main_option("script_location", "pushsvc.storage.sql:migrations")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

