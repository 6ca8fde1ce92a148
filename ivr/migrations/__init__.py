"""The database's schema, step by step (Alembic), and the job queue's own schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData

from ivr.database import Base


def metadata() -> MetaData:
    """Every table of the product."""
    from ivr.agents import model as agents
    from ivr.calls import model as calls
    from ivr.campaigns import model as campaigns
    from ivr.clinic import model as clinic
    from ivr.consent import model as consent
    from ivr.recordings import model as recordings
    from ivr.tickets import model as tickets

    assert all((agents, calls, campaigns, clinic, consent, recordings, tickets))
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
