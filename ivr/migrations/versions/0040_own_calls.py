"""An agent's own calls found without reading everybody's."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0030"


def upgrade() -> None:
    op.create_index(
        "ix_event_handled",
        "event",
        [sa.text("(data ->> 'agent')"), "call_id"],
        postgresql_where=sa.text("type IN ('agent.connected','call.started')"),
    )


def downgrade() -> None:
    op.drop_index("ix_event_handled", "event")
