"""
What became of pushes is remembered, and lanes can be served one by one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """
    Make the table, and the index.
    """
    op.create_table(
        "verdicts",
        sa.Column("node", sa.Text, sa.ForeignKey("registrations.node", ondelete="CASCADE"), primary_key=True),
        sa.Column("succeeded", sa.Double),
        sa.Column("failed", sa.Double),
        sa.Column("word", sa.Text),
        sqlite_with_rowid=False,
    )
    free = sa.text("owner IS NULL")
    op.create_index("outbox_lanes", "outbox", ["lane", "due"], sqlite_where=free, postgresql_where=free)


def downgrade() -> None:
    """
    Remember nothing.
    """
    op.drop_index("outbox_lanes", "outbox")
    op.drop_table("verdicts")
