"""Reminders for a new date, and tried again: one open try at a time."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("attempt", sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE attempt SET starts_at = lower(during)"
        " FROM appointment WHERE appointment.id = attempt.appointment_id"
    )
    op.alter_column("attempt", "starts_at", nullable=False)
    op.add_column("attempt", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "attempt", sa.Column("any_hour", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.alter_column("attempt", "any_hour", server_default=None)
    op.create_index(
        "uq_attempt_open",
        "attempt",
        ["appointment_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("status IN ('planned','dialling','answered')"),
    )


def downgrade() -> None:
    op.drop_index("uq_attempt_open", table_name="attempt")
    for column in ("any_hour", "not_before", "starts_at"):
        op.drop_column("attempt", column)
