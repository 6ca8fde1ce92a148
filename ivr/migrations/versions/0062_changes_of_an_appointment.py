"""What happened to one appointment is found without reading all events."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"


def upgrade() -> None:
    op.create_index(
        "ix_event_appointment",
        "event",
        [sa.text("(data ->> 'appointment_id')"), "number"],
        postgresql_where=sa.text("type = 'appointment.changed'"),
    )


def downgrade() -> None:
    op.drop_index("ix_event_appointment", "event")
