"""
Registrations and the outbox.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """
    Make both tables.
    """
    op.create_table(
        "registrations",
        sa.Column("node", sa.Text, primary_key=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("device_id", sa.Text, nullable=False),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("device_name", sa.Text),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("details", sa.Text),
        sa.Column("digests", sa.LargeBinary, nullable=False),
        sa.Column("registered", sa.Double, nullable=False),
        sa.Column("renewed", sa.Double, nullable=False),
        sa.UniqueConstraint("owner", "device_id", "room", name="registrations_identity"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("target_key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("slot", sa.SmallInteger, nullable=False),
        sa.Column("app", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("details", sa.Text),
        sa.Column("priority", sa.SmallInteger, nullable=False),
        sa.Column("summary", sa.Text),
        sa.Column("encrypted", sa.Text),
        sa.Column("push_id", sa.Text, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("accepted", sa.Double, nullable=False),
        sa.Column("expires", sa.Double, nullable=False),
        sa.Column("due", sa.Double, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("lease", sa.Double),
        sa.UniqueConstraint("target_key", "kind", "slot", name="outbox_place"),
    )
    free = sa.text("owner IS NULL")
    op.create_index("outbox_free", "outbox", ["due", "lane"], sqlite_where=free, postgresql_where=free)
    held = sa.text("owner IS NOT NULL")
    op.create_index("outbox_held", "outbox", ["owner", "lease"], sqlite_where=held, postgresql_where=held)


def downgrade() -> None:
    """
    Forget everything.
    """
    op.drop_table("outbox")
    op.drop_table("registrations")
