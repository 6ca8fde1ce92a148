"""Calls, their legs, and the one stream of events."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ivr.database import Base

DESK_TYPES = "'queue.left','agent.ringing','agent.connected','agent.disconnected','agent.no_answer'"
"""Events that reports count, as a partial index names them."""


class Call(Base):
    """One conversation through all its legs."""

    __tablename__ = "call"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """UUID; the conversation id every leg carries."""
    linked_id: Mapped[str] = mapped_column(String(64), index=True, default="")
    """Asterisk's LINKEDID."""
    channel: Mapped[str] = mapped_column(String(128), default="")
    direction: Mapped[str] = mapped_column(String(8))
    ani: Mapped[str] = mapped_column(String(40), default="", index=True)
    """Number calling, E.164; empty when withheld."""
    dnis: Mapped[str] = mapped_column(String(40), default="")
    caller_name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(8), default="es-ES")
    flow: Mapped[str] = mapped_column(String(64), default="")
    flow_version: Mapped[str] = mapped_column(String(64), default="")
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id", ondelete="SET NULL"))
    status: Mapped[str] = mapped_column(String(16), default="live")
    """``live`` → ``queued`` → ``talking`` → ``ended``."""
    reason: Mapped[str] = mapped_column(String(64), default="")
    """Why they call: the last intent understood."""
    recording_consent: Mapped[str] = mapped_column(String(16), default="")
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    last_seq: Mapped[int] = mapped_column(default=0)
    legs: Mapped[list["CallLeg"]] = relationship(order_by="CallLeg.started_at")
    __table_args__ = (
        CheckConstraint("status IN ('live','queued','talking','ended')", name="status"),
        Index("ix_call_open", "status", postgresql_where=text("status <> 'ended'")),
        Index("ix_call_started", "started_at"),
        Index("ix_call_patient", "patient_id", postgresql_where=text("patient_id IS NOT NULL")),
        Index("ix_call_dialled", "dnis", postgresql_where=text("direction = 'outbound'")),
        Index("ix_call_named", "caller_name", postgresql_where=text("caller_name <> ''")),
    )


class CallLeg(Base):
    """One channel of a call."""

    __tablename__ = "call_leg"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(16))
    agent: Mapped[str] = mapped_column(String(64), default="")
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cause: Mapped[int | None]
    __table_args__ = (UniqueConstraint("call_id", "channel"),)


class StoredEvent(Base):
    """The stream: ``number`` orders everything, ``call_seq`` counts within a call from 1.

    Numbers become visible in order (writers take one advisory lock for the length of the
    insert), so "everything after N" misses nothing.
    """

    __tablename__ = "event"
    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    type: Mapped[str] = mapped_column(String(40))
    call_id: Mapped[str | None] = mapped_column(String(36))
    """No foreign key: an event is kept even when its call was never announced."""
    call_seq: Mapped[int | None]
    branch_id: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    __table_args__ = (
        Index("uq_event_call_seq", "call_id", "call_seq", unique=True),
        Index("ix_event_at", "at"),
        Index("ix_event_desk", "at", postgresql_where=text(f"type IN ({DESK_TYPES})")),
        Index(
            "ix_event_handled",
            text("(data ->> 'agent')"),
            "call_id",
            postgresql_where=text("type IN ('agent.connected','call.started')"),
        ),
        Index(
            "ix_event_appointment",
            text("(data ->> 'appointment_id')"),
            "number",
            postgresql_where=text("type = 'appointment.changed'"),
        ),
    )
