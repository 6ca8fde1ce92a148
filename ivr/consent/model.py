"""The consent ledger: rows are added, never changed."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, String
from sqlalchemy.orm import Mapped, mapped_column

from ivr.database import Base


class Consent(Base):
    """One decision about one purpose, with its wording and how it was given."""

    __tablename__ = "consent"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(32))
    """``recording``, ``automated_calls``, ``marketing_whatsapp``…"""
    decision: Mapped[str] = mapped_column(String(16))
    """``granted``, ``refused``, ``unanswered``, ``revoked``."""
    how: Mapped[str] = mapped_column(String(16))
    wording_version: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8), default="es-ES")
    call_id: Mapped[str | None] = mapped_column(
        ForeignKey("call.id", ondelete="SET NULL"), index=True
    )
    patient_id: Mapped[int | None] = mapped_column(
        ForeignKey("patient.id", ondelete="CASCADE"), index=True
    )
    number: Mapped[str] = mapped_column(String(20), default="", index=True)
    at: Mapped[datetime]
    until: Mapped[datetime | None]
