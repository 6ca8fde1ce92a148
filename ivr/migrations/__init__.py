"""The database's schema, step by step (Alembic), and the job queue's own schema."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from procrastinate.schema import SchemaManager
from sqlalchemy import MetaData

from ivr.database import Base, libpq_url

LOCK = 0x4D494752
"""Advisory lock: two processes that start together migrate one after the other."""


def metadata() -> MetaData:
    """Every table of the product."""
    from ivr.agents import model as agents
    from ivr.calls import model as calls
    from ivr.campaigns import model as campaigns
    from ivr.clinic import model as clinic
    from ivr.consent import model as consent
    from ivr.outbox import model as outbox
    from ivr.queues import model as queues
    from ivr.recordings import model as recordings
    from ivr.tickets import model as tickets

    assert all((agents, calls, campaigns, clinic, consent, outbox, queues, recordings, tickets))
    return Base.metadata


def config(url: str) -> Config:
    """Alembic's configuration for the database at ``url``."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the schema to ``revision``; does nothing when it is there already."""
    command.upgrade(config(url), revision)
    _prepare_jobs(url)


def _prepare_jobs(url: str) -> None:
    """The job queue's tables, as its package makes them."""
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        there = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
        if there == (None,):
            connection.execute(SchemaManager.get_schema())
