"""The schema the migrations make is the one the models say."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, pool, text

from ivr.database import Database
from ivr.migrations import config, metadata, migrate

EXCLUSIONS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype IN ('x', 'c') AND conrelid::regclass::text NOT LIKE 'procrastinate%'
ORDER BY conname
"""


def test_models_and_migrations_agree(database: Database) -> None:
    engine = create_engine(database.url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_object": lambda o, name, kind, r, c: (
                    not (kind == "table" and name.startswith("procrastinate"))
                )
            },
        )
        assert compare_metadata(context, metadata()) == []


def test_the_constraints_no_comparison_sees_agree_too(own_database: Database) -> None:
    with own_database.transaction() as session:
        migrated = session.execute(text(EXCLUSIONS)).all()
        for table in reversed(metadata().sorted_tables):
            session.execute(text(f'DROP TABLE "{table.name}" CASCADE'))
        metadata().create_all(session.connection())
        assert session.execute(text(EXCLUSIONS)).all() == migrated
    assert any("EXCLUDE" in definition for _, definition in migrated)


def test_migrating_again_changes_nothing_and_going_back_leaves_nothing(
    own_database: Database,
) -> None:
    url = own_database.url
    migrate(url)
    command.downgrade(config(url), "base")
    engine = create_engine(url, poolclass=pool.NullPool)
    left = {t for t in inspect(engine).get_table_names() if not t.startswith("procrastinate")}
    assert left == {"alembic_version"}
    migrate(url)
