"""Recordings and who listened to them."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.database import Base


class Recording(Base):
    """One encrypted audio file, the consent it rests on and its call."""

    __tablename__ = "recording"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), index=True)
    consent_id: Mapped[int] = mapped_column(ForeignKey("consent.id"))
    purpose: Mapped[str] = mapped_column(String(32), default="quality")
    status: Mapped[str] = mapped_column(String(16), default="recording")
    """``recording`` → ``sealed`` (encrypted and stored) → ``erased``; or ``lost``."""
    path: Mapped[str] = mapped_column(default="")
    """Key within the recording store."""
    sha256: Mapped[str] = mapped_column(String(64), default="")
    """Of the plain WAV file."""
    duration_s: Mapped[float | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    delete_after: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("status IN ('recording','sealed','erased','lost')", name="status"),
    )


class RecordingListen(Base):
    """A user opened the audio of a recording, or of the spoken message of a ticket."""

    __tablename__ = "recording_listen"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recording.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime]
    __table_args__ = (
        CheckConstraint("num_nonnulls(recording_id, ticket_id) = 1", name="one_audio"),
    )
