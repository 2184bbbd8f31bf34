"""
Registrations can be counted by app without a look at each.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """
    Make the index.
    """
    op.create_index("registrations_app", "registrations", ["app"])


def downgrade() -> None:
    """
    Do without.
    """
    op.drop_index("registrations_app", "registrations")
