"""Queues, who takes their calls, and places kept in line."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ivr.database import Base


class Queue(Base):
    """A line in which callers wait for a person."""

    __tablename__ = "queue"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    """As the switch knows it."""
    title: Mapped[str] = mapped_column(String(60))
    strategy: Mapped[str] = mapped_column(String(16), default="longest_idle")
    ring_s: Mapped[int] = mapped_column(default=20)
    """How long a phone rings before the call goes on to the next."""
    overflow_s: Mapped[int] = mapped_column(default=600)
    """After so many seconds the caller goes on to ``overflow_to``."""
    overflow_to: Mapped[str | None] = mapped_column(
        ForeignKey(
            "queue.name",
            ondelete="SET NULL",
            onupdate="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        )
    )
    """Another queue; none: voicemail, which becomes a ticket."""
    answer_within_s: Mapped[int] = mapped_column(default=20)
    """Of the service level."""
    short_abandon_s: Mapped[int] = mapped_column(default=5)
    """Who hangs up sooner is not in the service level's denominator."""
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]
    """Since when it is not offered any more; what was done under its name keeps it."""
    __table_args__ = (
        CheckConstraint("strategy IN ('longest_idle','ring_all')", name="strategy"),
        CheckConstraint(
            "ring_s BETWEEN 5 AND 120 AND overflow_s BETWEEN 10 AND 7200 "
            "AND answer_within_s > 0 AND short_abandon_s >= 0",
            name="seconds",
        ),
    )


class QueueSkill(Base):
    """How well an agent serves a queue: level 1 is called first, 5 last."""

    __tablename__ = "queue_skill"
    queue: Mapped[str] = mapped_column(
        ForeignKey("queue.name", ondelete="CASCADE", onupdate="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    level: Mapped[int] = mapped_column(default=1)
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 5", name="level"),)


class KeptPlace(Base):
    """A caller who hung up and keeps the place in line: we call when it is their turn."""

    __tablename__ = "kept_place"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[str | None] = mapped_column(String(36))
    """The call in which they waited."""
    priority: Mapped[int] = mapped_column(default=0)
    waiting_since: Mapped[datetime]
    """The place: as if they had waited all the time."""
    status: Mapped[str] = mapped_column(String(16), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    dialled_call: Mapped[str | None] = mapped_column(String(36))
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint(
            "status IN ('waiting','dialling','done','ticket','cancelled')", name="status"
        ),
        Index(
            "uq_kept_place_number",
            "queue",
            "number",
            unique=True,
            postgresql_where=text("status IN ('waiting','dialling')"),
        ),
        Index("ix_kept_place_dialled", "dialled_call"),
    )
