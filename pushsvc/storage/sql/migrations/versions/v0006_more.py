"""
What servers tell beside the summary.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """
    Make the column.
    """
    op.add_column("outbox", sa.Column("more", sa.Text))


def downgrade() -> None:
    """
    Tell nothing more.
    """
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("more")
