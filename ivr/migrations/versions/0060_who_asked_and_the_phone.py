"""Since when an agent's phone is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0050"


def upgrade() -> None:
    op.add_column(
        "agent_wish", sa.Column("phone_gone_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("agent_wish", "phone_gone_at")
