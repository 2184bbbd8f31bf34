"""
Nodes that somebody created, and devices that are gone without having been registered.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """
    Make the tables.
    """
    op.create_table(
        "leaves",
        sa.Column("host", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("creator", sa.Text, nullable=False),
        sa.Column("kept", sa.Text, nullable=False),
    )
    op.create_index("leaves_name", "leaves", ["name"])
    op.create_index("leaves_creator", "leaves", ["creator"])
    op.create_table(
        "concerned",
        sa.Column("jid", sa.Text, primary_key=True),
        sa.Column("host", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.ForeignKeyConstraint(
            ["host", "name"], ["leaves.host", "leaves.name"], name="concerned_leaf", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("concerned_leaves", "concerned", ["host", "name"])
    op.create_table(
        "departures",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("until", sa.Double, nullable=False),
        sa.Column("kept", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("departures_kept", "departures", ["kept"])


def downgrade() -> None:
    """
    Nobody has created anything, and nobody is gone.
    """
    for table in ("departures", "concerned", "leaves"):
        op.drop_table(table)
