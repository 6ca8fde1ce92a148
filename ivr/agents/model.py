"""People who log in: agents and supervisors."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ivr.database import Base


class User(Base):
    """An account of the console."""

    __tablename__ = "app_user"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str]
    """argon2id."""
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    """Null: all branches."""
    extension: Mapped[str] = mapped_column(String(32), default="")
    """The agent's PJSIP endpoint."""
    language: Mapped[str] = mapped_column(String(8), default="es-ES")
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (CheckConstraint("role IN ('agent','supervisor')", name="role"),)


class LoginSession(Base):
    """A logged-in browser. Only the SHA-256 of the cookie's token is stored."""

    __tablename__ = "login_session"
    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class LoginAttempt(Base):
    """A failed login, for throttling and the audit log."""

    __tablename__ = "login_attempt"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(String(64), index=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
