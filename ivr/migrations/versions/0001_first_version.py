"""The tables of the first version."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table('branch',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('spoken_names', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('directions', sa.String(), nullable=False),
    sa.Column('city', sa.String(), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('region', sa.String(length=8), nullable=False),
    sa.Column('zone', sa.String(), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_branch'))
    )
    op.create_table('clinic',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('caller_id', sa.String(length=20), nullable=False),
    sa.Column('settings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinic'))
    )
    op.create_table('event',
    sa.Column('number', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('type', sa.String(length=40), nullable=False),
    sa.Column('call_id', sa.String(length=36), nullable=True),
    sa.Column('call_seq', sa.Integer(), nullable=True),
    sa.Column('branch_id', sa.BigInteger(), nullable=True),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_event'))
    )
    op.create_index('ix_event_at', 'event', ['at'], unique=False)
    op.create_index('uq_event_call_seq', 'event', ['call_id', 'call_seq'], unique=True)
    op.create_table('login_attempt',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_attempt'))
    )
    op.create_index(op.f('ix_login_attempt_address'), 'login_attempt', ['address'], unique=False)
    op.create_index(op.f('ix_login_attempt_at'), 'login_attempt', ['at'], unique=False)
    op.create_index(op.f('ix_login_attempt_username'), 'login_attempt', ['username'], unique=False)
    op.create_table('professional',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('given', sa.String(), nullable=False),
    sa.Column('family', sa.String(), nullable=False),
    sa.Column('specialty', sa.String(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_professional'))
    )
    op.create_table('service',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('spoken_names', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('specialty', sa.String(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('preparation', sa.String(), nullable=False),
    sa.Column('first_visit', sa.Boolean(), nullable=False),
    sa.Column('by_phone', sa.Boolean(), nullable=False),
    sa.Column('price_cents', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint('minutes BETWEEN 5 AND 480', name=op.f('ck_service_minutes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service')),
    sa.UniqueConstraint('code', name=op.f('uq_service_code'))
    )
    op.create_table('app_user',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('password_hash', sa.String(), nullable=False),
    sa.Column('branch_id', sa.BigInteger(), nullable=True),
    sa.Column('extension', sa.String(length=32), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('must_change_password', sa.Boolean(), nullable=False),
    sa.CheckConstraint("role IN ('agent','supervisor')", name=op.f('ck_app_user_role')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_app_user_branch_id_branch')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_app_user')),
    sa.UniqueConstraint('username', name=op.f('uq_app_user_username'))
    )
    op.create_table('leave',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('professional_id', sa.BigInteger(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.CheckConstraint('first_day <= last_day', name=op.f('ck_leave_order')),
    sa.ForeignKeyConstraint(['professional_id'], ['professional.id'], name=op.f('fk_leave_professional_id_professional'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leave'))
    )
    op.create_table('local_holiday',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('branch_id', sa.BigInteger(), nullable=True),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_local_holiday_branch_id_branch'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_local_holiday'))
    )
    op.create_table('opening_hours',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('branch_id', sa.BigInteger(), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('opens', sa.Time(), nullable=False),
    sa.Column('closes', sa.Time(), nullable=False),
    sa.CheckConstraint('opens < closes', name=op.f('ck_opening_hours_order')),
    sa.CheckConstraint('weekday BETWEEN 0 AND 6', name=op.f('ck_opening_hours_weekday')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_opening_hours_branch_id_branch'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opening_hours'))
    )
    op.create_table('patient',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('given', sa.String(), nullable=False),
    sa.Column('family', sa.String(), nullable=False),
    sa.Column('birth_date', sa.Date(), nullable=True),
    sa.Column('document', sa.String(length=20), nullable=True),
    sa.Column('email', sa.String(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('preferred_channel', sa.String(length=16), nullable=False),
    sa.Column('warnings', sa.String(), nullable=False),
    sa.Column('notes', sa.String(), nullable=False),
    sa.Column('balance_cents', sa.Integer(), nullable=False),
    sa.Column('home_branch_id', sa.BigInteger(), nullable=True),
    sa.Column('search_keys', postgresql.ARRAY(sa.Integer()), nullable=False),
    sa.Column('provisional', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['home_branch_id'], ['branch.id'], name=op.f('fk_patient_home_branch_id_branch')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patient'))
    )
    op.create_index(op.f('ix_patient_document'), 'patient', ['document'], unique=False)
    op.create_index('ix_patient_search', 'patient', ['search_keys'], unique=False, postgresql_using='gin', postgresql_with={'fastupdate': 'off'})
    op.create_table('professional_hours',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('professional_id', sa.BigInteger(), nullable=False),
    sa.Column('branch_id', sa.BigInteger(), nullable=False),
    sa.Column('weekday', sa.Integer(), nullable=False),
    sa.Column('starts', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.CheckConstraint('starts < ends', name=op.f('ck_professional_hours_order')),
    sa.CheckConstraint('weekday BETWEEN 0 AND 6', name=op.f('ck_professional_hours_weekday')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_professional_hours_branch_id_branch'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['professional_id'], ['professional.id'], name=op.f('fk_professional_hours_professional_id_professional'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_professional_hours'))
    )
    op.create_table('professional_service',
    sa.Column('professional_id', sa.BigInteger(), nullable=False),
    sa.Column('service_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['professional_id'], ['professional.id'], name=op.f('fk_professional_service_professional_id_professional'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_professional_service_service_id_service'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('professional_id', 'service_id', name=op.f('pk_professional_service'))
    )
    op.create_table('appointment',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('reference', sa.String(length=12), nullable=True),
    sa.Column('patient_id', sa.BigInteger(), nullable=True),
    sa.Column('professional_id', sa.BigInteger(), nullable=False),
    sa.Column('branch_id', sa.BigInteger(), nullable=False),
    sa.Column('service_id', sa.BigInteger(), nullable=False),
    sa.Column('during', postgresql.TSTZRANGE(), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('held_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('call_id', sa.String(length=36), nullable=True),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('notes', sa.String(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    postgresql.ExcludeConstraint((sa.text("int8range(patient_id, patient_id, '[]')"), '&&'), (sa.column('during'), '&&'), where=sa.text("patient_id IS NOT NULL AND status IN ('held','booked','confirmed','arrived')"), using='gist', name='ex_appointment_patient_time'),
    postgresql.ExcludeConstraint((sa.text("int8range(professional_id, professional_id, '[]')"), '&&'), (sa.column('during'), '&&'), where=sa.text("status IN ('held','booked','confirmed','arrived','completed','no_show')"), using='gist', name='ex_appointment_professional_time'),
    sa.CheckConstraint("(status = 'held') = (held_until IS NOT NULL)", name=op.f('ck_appointment_hold')),
    sa.CheckConstraint("status = 'held' OR patient_id IS NOT NULL OR status IN ('released','expired')", name=op.f('ck_appointment_patient')),
    sa.CheckConstraint("status IN ('held','booked','confirmed','arrived','completed','no_show','cancelled','released','expired')", name=op.f('ck_appointment_status')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_appointment_branch_id_branch')),
    sa.ForeignKeyConstraint(['patient_id'], ['patient.id'], name=op.f('fk_appointment_patient_id_patient')),
    sa.ForeignKeyConstraint(['professional_id'], ['professional.id'], name=op.f('fk_appointment_professional_id_professional')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_appointment_service_id_service')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment')),
    sa.UniqueConstraint('reference', name=op.f('uq_appointment_reference'))
    )
    op.create_index('ix_appointment_call', 'appointment', ['call_id'], unique=False)
    op.create_index('ix_appointment_held', 'appointment', ['held_until'], unique=False, postgresql_where=sa.text("status = 'held'"))
    op.create_index('ix_appointment_patient', 'appointment', ['patient_id'], unique=False)
    op.create_index('ix_appointment_professional_starts', 'appointment', ['professional_id', sa.literal_column('lower(during)')], unique=False)
    op.create_index('ix_appointment_starts', 'appointment', [sa.literal_column('lower(during)')], unique=False)
    op.create_table('call',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('linked_id', sa.String(length=64), nullable=False),
    sa.Column('channel', sa.String(length=128), nullable=False),
    sa.Column('direction', sa.String(length=8), nullable=False),
    sa.Column('ani', sa.String(length=40), nullable=False),
    sa.Column('dnis', sa.String(length=40), nullable=False),
    sa.Column('caller_name', sa.String(length=200), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('flow', sa.String(length=64), nullable=False),
    sa.Column('flow_version', sa.String(length=64), nullable=False),
    sa.Column('branch_id', sa.BigInteger(), nullable=True),
    sa.Column('patient_id', sa.BigInteger(), nullable=True),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=64), nullable=False),
    sa.Column('recording_consent', sa.String(length=16), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=16), nullable=True),
    sa.Column('last_seq', sa.Integer(), nullable=False),
    sa.CheckConstraint("status IN ('live','queued','talking','ended')", name=op.f('ck_call_status')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_call_branch_id_branch')),
    sa.ForeignKeyConstraint(['patient_id'], ['patient.id'], name=op.f('fk_call_patient_id_patient'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call'))
    )
    op.create_index(op.f('ix_call_ani'), 'call', ['ani'], unique=False)
    op.create_index(op.f('ix_call_linked_id'), 'call', ['linked_id'], unique=False)
    op.create_index('ix_call_open', 'call', ['status'], unique=False, postgresql_where=sa.text("status <> 'ended'"))
    op.create_index('ix_call_started', 'call', ['started_at'], unique=False)
    op.create_table('login_session',
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_login_session_user_id_app_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_sha256', name=op.f('pk_login_session'))
    )
    op.create_index(op.f('ix_login_session_user_id'), 'login_session', ['user_id'], unique=False)
    op.create_table('patient_phone',
    sa.Column('patient_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['patient_id'], ['patient.id'], name=op.f('fk_patient_phone_patient_id_patient'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('patient_id', 'number', name=op.f('pk_patient_phone'))
    )
    op.create_index(op.f('ix_patient_phone_number'), 'patient_phone', ['number'], unique=False)
    op.create_table('waiting_list',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('patient_id', sa.BigInteger(), nullable=False),
    sa.Column('service_id', sa.BigInteger(), nullable=False),
    sa.Column('professional_id', sa.BigInteger(), nullable=True),
    sa.Column('branch_id', sa.BigInteger(), nullable=True),
    sa.Column('wishes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_waiting_list_branch_id_branch')),
    sa.ForeignKeyConstraint(['patient_id'], ['patient.id'], name=op.f('fk_waiting_list_patient_id_patient'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['professional_id'], ['professional.id'], name=op.f('fk_waiting_list_professional_id_professional')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_waiting_list_service_id_service')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_list')),
    sa.UniqueConstraint('patient_id', 'service_id', name=op.f('uq_waiting_list_patient_id_service_id'))
    )
    op.create_table('attempt',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('appointment_id', sa.BigInteger(), nullable=False),
    sa.Column('patient_id', sa.BigInteger(), nullable=False),
    sa.Column('purpose', sa.String(length=32), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('outcome', sa.String(length=24), nullable=False),
    sa.Column('call_id', sa.String(length=36), nullable=True),
    sa.Column('planned_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('dialled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("status IN ('planned','dialling','answered','done','failed','skipped')", name=op.f('ck_attempt_status')),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointment.id'], name=op.f('fk_attempt_appointment_id_appointment')),
    sa.ForeignKeyConstraint(['patient_id'], ['patient.id'], name=op.f('fk_attempt_patient_id_patient')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt')),
    sa.UniqueConstraint('appointment_id', 'purpose', 'step', name=op.f('uq_attempt_appointment_id_purpose_step'))
    )
    op.create_index(op.f('ix_attempt_appointment_id'), 'attempt', ['appointment_id'], unique=False)
    op.create_table('call_leg',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('call_id', sa.String(length=36), nullable=False),
    sa.Column('channel', sa.String(length=128), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('agent', sa.String(length=64), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cause', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_call_leg_call_id_call'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_leg')),
    sa.UniqueConstraint('call_id', 'channel', name=op.f('uq_call_leg_call_id_channel'))
    )
    op.create_index(op.f('ix_call_leg_call_id'), 'call_leg', ['call_id'], unique=False)
    op.create_table('consent',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('purpose', sa.String(length=32), nullable=False),
    sa.Column('decision', sa.String(length=16), nullable=False),
    sa.Column('how', sa.String(length=16), nullable=False),
    sa.Column('wording_version', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('call_id', sa.String(length=36), nullable=True),
    sa.Column('patient_id', sa.BigInteger(), nullable=True),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_consent_call_id_call'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['patient_id'], ['patient.id'], name=op.f('fk_consent_patient_id_patient'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent'))
    )
    op.create_index(op.f('ix_consent_call_id'), 'consent', ['call_id'], unique=False)
    op.create_index(op.f('ix_consent_number'), 'consent', ['number'], unique=False)
    op.create_index(op.f('ix_consent_patient_id'), 'consent', ['patient_id'], unique=False)
    op.create_table('ticket',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('reference', sa.String(length=12), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('summary', sa.String(), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('patient_id', sa.BigInteger(), nullable=True),
    sa.Column('call_id', sa.String(length=36), nullable=True),
    sa.Column('branch_id', sa.BigInteger(), nullable=True),
    sa.Column('audio_path', sa.String(), nullable=False),
    sa.Column('owner_id', sa.BigInteger(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("status IN ('open','closed')", name=op.f('ck_ticket_status')),
    sa.ForeignKeyConstraint(['branch_id'], ['branch.id'], name=op.f('fk_ticket_branch_id_branch')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_ticket_call_id_call'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['owner_id'], ['app_user.id'], name=op.f('fk_ticket_owner_id_app_user')),
    sa.ForeignKeyConstraint(['patient_id'], ['patient.id'], name=op.f('fk_ticket_patient_id_patient'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket')),
    sa.UniqueConstraint('reference', name=op.f('uq_ticket_reference'))
    )
    op.create_table('recording',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('call_id', sa.String(length=36), nullable=False),
    sa.Column('consent_id', sa.BigInteger(), nullable=False),
    sa.Column('purpose', sa.String(length=32), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('path', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('duration_s', sa.Double(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('delete_after', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("status IN ('recording','sealed','erased','lost')", name=op.f('ck_recording_status')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_recording_call_id_call')),
    sa.ForeignKeyConstraint(['consent_id'], ['consent.id'], name=op.f('fk_recording_consent_id_consent')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recording'))
    )
    op.create_index(op.f('ix_recording_call_id'), 'recording', ['call_id'], unique=False)
    op.create_table('recording_listen',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('recording_id', sa.String(length=36), nullable=True),
    sa.Column('ticket_id', sa.BigInteger(), nullable=True),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('num_nonnulls(recording_id, ticket_id) = 1', name=op.f('ck_recording_listen_one_audio')),
    sa.ForeignKeyConstraint(['recording_id'], ['recording.id'], name=op.f('fk_recording_listen_recording_id_recording')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_recording_listen_ticket_id_ticket')),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_recording_listen_user_id_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recording_listen'))
    )
    op.create_index(op.f('ix_recording_listen_recording_id'), 'recording_listen', ['recording_id'], unique=False)
    op.create_index(op.f('ix_recording_listen_ticket_id'), 'recording_listen', ['ticket_id'], unique=False)


def downgrade() -> None:
    op.drop_table('recording_listen')
    op.drop_table('recording')
    op.drop_table('ticket')
    op.drop_table('consent')
    op.drop_table('call_leg')
    op.drop_table('attempt')
    op.drop_table('waiting_list')
    op.drop_table('patient_phone')
    op.drop_table('login_session')
    op.drop_table('call')
    op.drop_table('appointment')
    op.drop_table('professional_service')
    op.drop_table('professional_hours')
    op.drop_table('patient')
    op.drop_table('opening_hours')
    op.drop_table('local_holiday')
    op.drop_table('leave')
    op.drop_table('app_user')
    op.drop_table('service')
    op.drop_table('professional')
    op.drop_table('login_attempt')
    op.drop_table('event')
    op.drop_table('clinic')
    op.drop_table('branch')
