"""Who asked for an agent's next state, and since when the phone is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0050"

TEXTS = {"changed_by": 64, "note": 300}


def upgrade() -> None:
    op.add_column(
        "agent_wish", sa.Column("phone_gone_at", sa.DateTime(timezone=True), nullable=True)
    )
    for name, length in TEXTS.items():
        op.add_column(
            "agent_wish", sa.Column(name, sa.String(length), server_default="", nullable=False)
        )
        op.alter_column("agent_wish", name, server_default=None)


def downgrade() -> None:
    for name in ("phone_gone_at", *TEXTS):
        op.drop_column("agent_wish", name)
