"""Agents' states, dispositions, queues and what supervisors do."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0010'
down_revision = '0005'


def upgrade() -> None:
    op.create_table('disposition',
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('needs_note', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_disposition'))
    )
    op.create_table('kept_place',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('queue', sa.String(length=40), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('call_id', sa.String(length=36), nullable=True),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('waiting_since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('dialled_call', sa.String(length=36), nullable=True),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("status IN ('waiting','dialling','done','ticket','cancelled')", name=op.f('ck_kept_place_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_place'))
    )
    op.create_index('ix_kept_place_dialled', 'kept_place', ['dialled_call'], unique=False)
    op.create_index('uq_kept_place_number', 'kept_place', ['queue', 'number'], unique=True, postgresql_where=sa.text("status IN ('waiting','dialling')"))
    op.create_table('pause_reason',
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('limit_s', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_pause_reason'))
    )
    op.create_table('queue',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('strategy', sa.String(length=16), nullable=False),
    sa.Column('ring_s', sa.Integer(), nullable=False),
    sa.Column('overflow_s', sa.Integer(), nullable=False),
    sa.Column('answer_within_s', sa.Integer(), nullable=False),
    sa.Column('short_abandon_s', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint("strategy IN ('longest_idle','ring_all')", name=op.f('ck_queue_strategy')),
    sa.CheckConstraint('ring_s BETWEEN 5 AND 120 AND overflow_s BETWEEN 10 AND 7200 AND answer_within_s > 0 AND short_abandon_s >= 0', name=op.f('ck_queue_seconds')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_queue'))
    )
    op.create_table('agent_interval',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('call_id', sa.String(length=36), nullable=True),
    sa.Column('changed_by', sa.String(length=64), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    postgresql.ExcludeConstraint((sa.text("int8range(user_id, user_id, '[]')"), '&&'), (sa.text('tstzrange(starts_at, ends_at)'), '&&'), using='gist', name='ex_agent_interval_one_state'),
    sa.CheckConstraint("state IN ('available','ringing','on_call','wrap_up','paused','away')", name=op.f('ck_agent_interval_state')),
    sa.CheckConstraint('ends_at >= starts_at', name=op.f('ck_agent_interval_order')),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_agent_interval_user_id_app_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agent_interval'))
    )
    op.create_index('ix_agent_interval_now', 'agent_interval', ['user_id'], unique=True, postgresql_where=sa.text('ends_at IS NULL'))
    op.create_index('ix_agent_interval_starts_at', 'agent_interval', ['starts_at'], unique=False)
    op.create_table('agent_wish',
    sa.Column('user_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=False),
    sa.CheckConstraint("state IN ('available','paused','off')", name=op.f('ck_agent_wish_state')),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_agent_wish_user_id_app_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_agent_wish'))
    )
    op.create_table('queue_skill',
    sa.Column('queue', sa.String(length=40), nullable=False),
    sa.Column('user_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.CheckConstraint('level BETWEEN 1 AND 5', name=op.f('ck_queue_skill_level')),
    sa.ForeignKeyConstraint(['queue'], ['queue.name'], name=op.f('fk_queue_skill_queue_queue'), onupdate='CASCADE', ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_queue_skill_user_id_app_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('queue', 'user_id', name=op.f('pk_queue_skill'))
    )
    op.create_table('supervisor_action',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('action', sa.String(length=32), nullable=False),
    sa.Column('agent', sa.String(length=64), nullable=False),
    sa.Column('call_id', sa.String(length=36), nullable=True),
    sa.Column('detail', sa.String(length=120), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_supervisor_action_user_id_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervisor_action'))
    )
    op.create_index(op.f('ix_supervisor_action_at'), 'supervisor_action', ['at'], unique=False)
    op.create_table('call_disposition',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('call_id', sa.String(length=36), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_call_disposition_call_id_call'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['code'], ['disposition.code'], name=op.f('fk_call_disposition_code_disposition')),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_call_disposition_user_id_app_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_disposition')),
    sa.UniqueConstraint('call_id', 'user_id', name=op.f('uq_call_disposition_call_id_user_id'))
    )
    op.create_index('ix_event_desk', 'event', ['at'], unique=False, postgresql_where=sa.text("type IN ('queue.left','agent.ringing','agent.connected','agent.disconnected','agent.no_answer')"))


def downgrade() -> None:
    op.drop_index('ix_event_desk', table_name='event', postgresql_where=sa.text("type IN ('queue.left','agent.ringing','agent.connected','agent.disconnected','agent.no_answer')"))
    op.drop_table('call_disposition')
    op.drop_index(op.f('ix_supervisor_action_at'), table_name='supervisor_action')
    op.drop_table('supervisor_action')
    op.drop_table('queue_skill')
    op.drop_table('agent_wish')
    op.drop_index('ix_agent_interval_starts_at', table_name='agent_interval')
    op.drop_index('ix_agent_interval_now', table_name='agent_interval', postgresql_where=sa.text('ends_at IS NULL'))
    op.drop_table('agent_interval')
    op.drop_table('queue')
    op.drop_table('pause_reason')
    op.drop_index('uq_kept_place_number', table_name='kept_place', postgresql_where=sa.text("status IN ('waiting','dialling')"))
    op.drop_index('ix_kept_place_dialled', table_name='kept_place')
    op.drop_table('kept_place')
    op.drop_table('disposition')
