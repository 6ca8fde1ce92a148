"""Things a person must do: messages left, failed bookings, requests about data."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.database import Base


class Ticket(Base):
    """A task with an owner and a deadline."""

    __tablename__ = "ticket"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    """``message``, ``voicemail``, ``late``, ``complaint``, ``callback``, ``data_request``…"""
    status: Mapped[str] = mapped_column(String(16), default="open")
    summary: Mapped[str] = mapped_column(default="")
    number: Mapped[str] = mapped_column(String(20), default="")
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id", ondelete="SET NULL"))
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id", ondelete="SET NULL"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    audio_path: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    closed_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint("status IN ('open','closed')", name="status"),)
