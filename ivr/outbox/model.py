"""What the clinic writes to patients: a row before anything is sent."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.database import Base


class OutgoingMessage(Base):
    """A message to a patient. Its words are made when it is sent, from the appointment as it
    is then: no text of it is kept."""

    __tablename__ = "outgoing_message"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(8), default="queued")
    reason: Mapped[str] = mapped_column(String(32), default="")
    """Why it could not be sent, or not yet: a code."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    call_id: Mapped[str | None] = mapped_column(String(36))
    """The call during which it was asked for, if any."""
    __table_args__ = (
        CheckConstraint("status IN ('queued','sent','failed')", name="status"),
        Index(
            "uq_outgoing_message_queued",
            "appointment_id",
            unique=True,
            postgresql_where=text("status = 'queued'"),
        ),
        Index("ix_outgoing_message_due", "next_at", postgresql_where=text("status = 'queued'")),
        Index("ix_outgoing_message_appointment", "appointment_id", "id"),
    )
