"""Browsers that have logged in before, whose failures are counted by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"


def upgrade() -> None:
    op.create_table(
        "known_device",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_known_device")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name=op.f("fk_known_device_user_id_app_user"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_known_device_user_id"), "known_device", ["user_id"])
    op.add_column(
        "login_attempt", sa.Column("device", sa.String(64), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("login_attempt", "device")
    op.drop_table("known_device")
