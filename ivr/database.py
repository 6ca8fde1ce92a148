"""One way to PostgreSQL: the declarative base, sessions and transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

from sqlalchemy import DateTime, Engine, MetaData, create_engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table; moments are always stored with their zone."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012


@lru_cache
def engine(url: str) -> Engine:
    """The process's connection pool for ``url`` (``postgresql+psycopg://…``)."""
    return create_engine(url, pool_size=20, max_overflow=60, pool_pre_ping=True)


class Database:
    """Short transactions: none stays open while a caller listens or speaks."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._sessions = sessionmaker(engine(url), expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session committed at the end, rolled back on any exception."""
        with self._sessions.begin() as session:
            yield session
