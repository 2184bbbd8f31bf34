"""
The tables as they are now; ``migrations`` tells how they came to be so.

Times are seconds since 1970.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    bindparam,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeEngine

metadata = MetaData()

# The row is found by its node on every publish: SQLite keeps it right in the index.
registrations = Table(
    "registrations",
    metadata,
    Column("node", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("device_id", Text, nullable=False),
    # Empty for none: two NULLs would count as different in the constraint below.
    Column("room", Text, nullable=False),
    Column("device_name", Text),
    Column("app", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("details", Text),
    # One after the other, 32 bytes each: they are always read and written together.
    Column("digests", LargeBinary, nullable=False),
    Column("registered", Double, nullable=False),
    Column("renewed", Double, nullable=False),
    UniqueConstraint("owner", "device_id", "room", name="registrations_identity"),
    sqlite_with_rowid=False,
)

# Counted by app for every census: this holds all that is needed for it.
Index("registrations_app", registrations.c.app)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("target_key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("slot", SmallInteger, nullable=False),
    Column("app", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("details", Text),
    Column("priority", SmallInteger, nullable=False),
    Column("summary", Text),
    Column("encrypted", Text),
    Column("more", Text),
    Column("push_id", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("accepted", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Column("due", Double, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", Text),
    Column("lease", Double),
    UniqueConstraint("target_key", "kind", "slot", name="outbox_place"),
)

Index(
    "outbox_free",
    outbox.c.due,
    outbox.c.lane,
    sqlite_where=outbox.c.owner.is_(None),
    postgresql_where=outbox.c.owner.is_(None),
)
# What can be taken of one lane, however much waits on others.
Index(
    "outbox_lanes",
    outbox.c.lane,
    outbox.c.due,
    sqlite_where=outbox.c.owner.is_(None),
    postgresql_where=outbox.c.owner.is_(None),
)
Index(
    "outbox_held",
    outbox.c.owner,
    outbox.c.lease,
    sqlite_where=outbox.c.owner.is_not(None),
    postgresql_where=outbox.c.owner.is_not(None),
)

# What nobody wants any more. What is sent as soon as it is accepted never stands here, and costs nothing.
Index(
    "outbox_expiring",
    outbox.c.expires,
    sqlite_where=outbox.c.owner.is_(None),
    postgresql_where=outbox.c.owner.is_(None),
)

# Beside the registrations and not in them: it changes with pushes, and they are read with every publish.
verdicts = Table(
    "verdicts",
    metadata,
    Column("node", Text, ForeignKey("registrations.node", ondelete="CASCADE"), primary_key=True),
    Column("succeeded", Double),
    Column("failed", Double),
    Column("word", Text),
    sqlite_with_rowid=False,
)

# What is kept is JSON; beside it stands what rows are looked for by.
accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kept", Text, nullable=False),
    Column("waits", SmallInteger, nullable=False),
    Column("enabled", Double),
    Column("suspended", Double),
    sqlite_with_rowid=False,
)

Index(
    "accounts_waiting",
    accounts.c.name,
    sqlite_where=accounts.c.waits > 0,
    postgresql_where=accounts.c.waits > 0,
)
Index("accounts_enabled", accounts.c.enabled)
Index("accounts_suspended", accounts.c.suspended)

# Nodes that somebody created. What is kept is JSON; beside it stands what rows are looked for by.
leaves = Table(
    "leaves",
    metadata,
    Column("host", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("creator", Text, nullable=False),
    Column("kept", Text, nullable=False),
)

Index("leaves_name", leaves.c.name)
Index("leaves_creator", leaves.c.creator)

# Who is affiliated with them, or has subscribed to them.
concerned = Table(
    "concerned",
    metadata,
    Column("jid", Text, primary_key=True),
    Column("host", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    ForeignKeyConstraint(["host", "name"], ["leaves.host", "leaves.name"], name="concerned_leaf", ondelete="CASCADE"),
    sqlite_with_rowid=False,
)

Index("concerned_leaves", concerned.c.host, concerned.c.name)

# Devices that are gone without having been registered.
departures = Table(
    "departures",
    metadata,
    Column("key", Text, primary_key=True),
    Column("until", Double, nullable=False),
    Column("kept", Double, nullable=False),
    sqlite_with_rowid=False,
)

Index("departures_kept", departures.c.kept)


class _Many(TypeDecorator[Sequence[Any]]):
    """
    Any number of values in one parameter: an array, or where there are none, JSON.
    """

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        return list(value or ()) if dialect.name == "postgresql" else json.dumps(list(value or ()))


class isAmong(FunctionElement[bool]):
    """
    Whether a column's value is among those in a parameter.

    Unlike ``column.in_()``, it is the same text for any number of values, which the database then prepares only once.

    :param name: of the parameter: a sequence.
    """

    inherit_cache = True
    # Not Boolean: SQLAlchemy would add "= 1" for SQLite, which then walks through the whole table.
    type: TypeEngine[Any] = NullType()

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        super().__init__(column, bindparam(name, type_=_Many(column.type)))


@compiles(isAmong, "postgresql")
def _isAnyOf(element: isAmong, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = ANY({values})"


@compiles(isAmong, "sqlite")
def _isInList(element: isAmong, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"
