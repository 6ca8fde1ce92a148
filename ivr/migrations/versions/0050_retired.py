"""What a clinic no longer uses at its desk; calls and reports still know its name."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0041"

TABLES = ("queue", "pause_reason", "disposition")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "retired_at")
