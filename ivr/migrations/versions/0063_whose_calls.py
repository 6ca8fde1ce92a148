"""The calls of a patient, of a number dialled and of a name shown are found without reading all."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"


def upgrade() -> None:
    for name, column, where in (
        ("ix_call_patient", "patient_id", "patient_id IS NOT NULL"),
        ("ix_call_dialled", "dnis", "direction = 'outbound'"),
        ("ix_call_named", "caller_name", "caller_name <> ''"),
    ):
        op.create_index(name, "call", [column], postgresql_where=sa.text(where))


def downgrade() -> None:
    for name in ("ix_call_named", "ix_call_dialled", "ix_call_patient"):
        op.drop_index(name, "call")
