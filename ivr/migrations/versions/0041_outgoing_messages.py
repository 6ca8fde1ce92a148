"""What the clinic writes to patients."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.create_table(
        "outgoing_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("appointment_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("address", sa.String(120), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.String(36), nullable=True),
        sa.CheckConstraint(
            "status IN ('queued','sent','failed')", name=op.f("ck_outgoing_message_status")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_outgoing_message_appointment_id_appointment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_outgoing_message_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_message")),
    )
    op.create_index(
        "uq_outgoing_message_queued",
        "outgoing_message",
        ["appointment_id"],
        unique=True,
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "ix_outgoing_message_due",
        "outgoing_message",
        ["next_at"],
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "ix_outgoing_message_appointment", "outgoing_message", ["appointment_id", "id"]
    )


def downgrade() -> None:
    op.drop_table("outgoing_message")
