"""Calling out: what is to be said to whom, and every attempt, written before it is dialled."""

from datetime import datetime

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
from sqlalchemy.orm import Mapped, mapped_column

from ivr.database import Base


class Attempt(Base):
    """One try to reach a patient about an appointment. ``step`` counts the tries; the pair
    (appointment, purpose, step) exists once, and only one try at a time is not over, so
    nothing is dialled twice."""

    __tablename__ = "attempt"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    purpose: Mapped[str] = mapped_column(String(32), default="reminder")
    step: Mapped[int]
    starts_at: Mapped[datetime]
    """The date it is about: an appointment that moves is reminded of anew."""
    number: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(16), default="planned")
    """``planned`` → ``dialling`` → ``answered`` → ``done``; or ``failed``, ``skipped``."""
    outcome: Mapped[str] = mapped_column(String(24), default="")
    """``confirmed``, ``cancelled``, ``queue``, ``no_answer``, ``busy``, ``wrong_person``,
    ``machine``, ``no_decision``, ``unreachable``, ``unknown``, ``opted_out``, ``changed``,
    ``no_number``, ``no_birth_date``."""
    call_id: Mapped[str | None] = mapped_column(String(36))
    planned_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    not_before: Mapped[datetime | None]
    """A further try waits until then."""
    any_hour: Mapped[bool] = mapped_column(default=False)
    """Also outside calling hours: a trial on a line of one's own."""
    dialled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("appointment_id", "purpose", "step"),
        Index(
            "uq_attempt_open",
            "appointment_id",
            "purpose",
            unique=True,
            postgresql_where=text("status IN ('planned','dialling','answered')"),
        ),
        CheckConstraint(
            "status IN ('planned','dialling','answered','done','failed','skipped')", name="status"
        ),
    )
