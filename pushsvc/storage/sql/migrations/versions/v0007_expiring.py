"""
Finding what nobody wants any more, however much waits.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """
    Make the index.
    """
    free = sa.text("owner IS NULL")
    op.create_index("outbox_expiring", "outbox", ["expires"], sqlite_where=free, postgresql_where=free)


def downgrade() -> None:
    """
    Walk through everything again.
    """
    op.drop_index("outbox_expiring", "outbox")
