"""How Alembic reaches the database."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine, pool, text

from ivr.migrations import LOCK, metadata


def include(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """The job queue's own tables are made by its own schema."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def run() -> None:
    """Migrate in one transaction."""
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        context.configure(
            connection=connection,
            target_metadata=metadata(),
            include_object=include,
            compare_server_default=True,
        )
        context.run_migrations()


run()
