"""Notes with an author, papers to bring, files put together; files found by pairs of words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from ivr.clinic import search

revision = "0020"
down_revision = "0010"
BATCH = 5_000
REMEMBER = """
CREATE FUNCTION remember_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO name_form (form, word)
    SELECT DISTINCT forms.form, fresh_word.word
    FROM (SELECT DISTINCT unnest(search_words) COLLATE "C" AS word FROM fresh) AS fresh_word
    CROSS JOIN LATERAL (
        SELECT fresh_word.word AS form
        UNION
        SELECT left(fresh_word.word, at - 1) || substr(fresh_word.word, at + 1)
        FROM generate_series(1, length(fresh_word.word)) AS at
        WHERE length(fresh_word.word) > 3
    ) AS forms
    WHERE NOT EXISTS (
        SELECT FROM name_form WHERE form = fresh_word.word AND word = fresh_word.word
    )
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.add_column(
        "patient",
        sa.Column(
            "pending_documents", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
    )
    op.add_column("patient", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_patient_merged_into_id_patient"), "patient", "patient", ["merged_into_id"], ["id"]
    )
    op.create_table(
        "patient_note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("patient_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("call_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
            name=op.f("fk_patient_note_patient_id_patient"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_patient_note_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_note")),
    )
    op.create_index(op.f("ix_patient_note_patient_id"), "patient_note", ["patient_id"])
    op.create_table(
        "patient_merge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kept_id", sa.BigInteger(), nullable=False),
        sa.Column("merged_id", sa.BigInteger(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by_id", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["kept_id"],
            ["patient.id"],
            name=op.f("fk_patient_merge_kept_id_patient"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["merged_id"],
            ["patient.id"],
            name=op.f("fk_patient_merge_merged_id_patient"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_patient_merge_user_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["app_user.id"], name=op.f("fk_patient_merge_undone_by_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_merge")),
    )
    op.create_index(op.f("ix_patient_merge_kept_id"), "patient_merge", ["kept_id"])
    op.create_index(op.f("ix_patient_merge_merged_id"), "patient_merge", ["merged_id"])
    op.add_column(
        "patient",
        sa.Column("search_words", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.create_table(
        "name_form",
        sa.Column("form", sa.String(collation="C"), nullable=False),
        sa.Column("word", sa.String(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("form", "word", name=op.f("pk_name_form")),
    )
    op.execute(REMEMBER)
    for moment in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER remember_words_{moment.lower()} AFTER {moment} ON patient "
            "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION remember_words()"
        )
    _write_keys_anew()


def _write_keys_anew() -> None:
    """Files are found by other keys than before."""
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(
        sa.text(
            "SELECT id, given, family, document, ARRAY(SELECT number FROM patient_phone "
            "WHERE patient_id = patient.id) AS numbers FROM patient "
            "WHERE id > :last ORDER BY id LIMIT :most"
        ),
        {"last": last, "most": BATCH},
    ).all():
        connection.execute(
            sa.text("UPDATE patient SET search_keys = :search_keys, search_words = :search_words WHERE id = :id"),
            [
                {"id": row.id, **search.index(row.given, row.family, row.document, row.numbers)}
                for row in rows
            ],
        )
        last = rows[-1].id


def downgrade() -> None:
    for moment in ("insert", "update"):
        op.execute(f"DROP TRIGGER remember_words_{moment} ON patient")
    op.execute("DROP FUNCTION remember_words()")
    op.drop_table("name_form")
    op.drop_column("patient", "search_words")
    op.drop_table("patient_merge")
    op.drop_table("patient_note")
    op.drop_constraint(op.f("fk_patient_merged_into_id_patient"), "patient", type_="foreignkey")
    op.drop_column("patient", "merged_into_id")
    op.drop_column("patient", "pending_documents")
