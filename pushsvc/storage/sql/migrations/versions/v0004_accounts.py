"""
The publisher's half: what accounts have enabled.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """
    Make the table.
    """
    op.create_table(
        "accounts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("kept", sa.Text, nullable=False),
        sa.Column("waits", sa.SmallInteger, nullable=False),
        sa.Column("enabled", sa.Double),
        sa.Column("suspended", sa.Double),
        sqlite_with_rowid=False,
    )
    waits = sa.text("waits > 0")
    op.create_index("accounts_waiting", "accounts", ["name"], sqlite_where=waits, postgresql_where=waits)
    op.create_index("accounts_enabled", "accounts", ["enabled"])
    op.create_index("accounts_suspended", "accounts", ["suspended"])


def downgrade() -> None:
    """
    Nobody has enabled anything.
    """
    op.drop_table("accounts")
