"""Where a queue's callers go on to when they have waited long enough."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"
FOREIGN_KEY = "fk_queue_overflow_to_queue"


def upgrade() -> None:
    op.add_column("queue", sa.Column("overflow_to", sa.String(length=40)))
    op.create_foreign_key(
        FOREIGN_KEY,
        "queue",
        "queue",
        ["overflow_to"],
        ["name"],
        ondelete="SET NULL",
        onupdate="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    )


def downgrade() -> None:
    op.drop_constraint(FOREIGN_KEY, "queue")
    op.drop_column("queue", "overflow_to")
