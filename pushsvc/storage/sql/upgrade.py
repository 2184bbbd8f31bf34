"""
Brings a database to the schema of this version.
"""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

# Any number, as long as it stays the same: several processes may start at once.
_LOCK = 0x70757368


def toHead(engine: Engine) -> None:
    """
    Run what is missing, all of it or nothing.

    :raises alembic.util.CommandError: a newer version of pushsvc was here.
    """
    config = _config()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        requireKnown(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def requireKnown(connection: Connection) -> None:
    """
    Look whether `toHead` would know what there is.

    :raises alembic.util.CommandError: a newer version of pushsvc was here.
    """
    found = MigrationContext.configure(connection).get_current_revision()
    steps = ScriptDirectory.from_config(_config()).walk_revisions()
    if found is not None and found not in {step.revision for step in steps}:
        raise CommandError("a newer version of pushsvc has used it; run that one, or restore a backup from before")


def requireHead(engine: Engine) -> None:
    """
    Look whether nothing is missing. Whoever only looks in beside a service changes nothing under its feet: it may be of
    an older version.

    :raises alembic.util.CommandError: another version of pushsvc was here last.
    """
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != ScriptDirectory.from_config(_config()).get_current_head():
        raise CommandError("start this version of the service first, or use the one that runs")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "pushsvc.storage.sql:migrations")
    return config
