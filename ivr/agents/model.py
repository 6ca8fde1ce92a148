"""People who log in, what they do all day, and what supervisors changed."""

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
from sqlalchemy.dialects.postgresql import ExcludeConstraint
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
    device: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """From a known device: its :attr:`KnownDevice.token_sha256`. Empty: a stranger's."""


class KnownDevice(Base):
    """A browser that has logged in as the user before. Only the SHA-256 of its cookie's token
    is stored."""

    __tablename__ = "known_device"
    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]


class AgentWish(Base):
    """What an agent returns to once a call and its wrap-up are over, and whether their phone
    is there. Of who is not at work: who ended the shift."""

    __tablename__ = "agent_wish"
    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(32), default="")
    changed_by: Mapped[str] = mapped_column(String(64), default="")
    """User name of the supervisor who asked for it, until it is so; or empty."""
    note: Mapped[str] = mapped_column(String(300), default="")
    phone_gone_at: Mapped[datetime | None]
    """Since when the phone cannot ring; null: it can."""
    __table_args__ = (CheckConstraint("state IN ('available','paused','off')", name="state"),)


class AgentInterval(Base):
    """A stretch of time an agent spent in one state. ``ends_at`` null: the present one.

    No row: not at work. The exclusion keeps every second of a shift in exactly one state.
    """

    __tablename__ = "agent_interval"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(32), default="")
    """Of a pause: the clinic's code, or ``no_answer``."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    until: Mapped[datetime | None]
    """When it should be over: a wrap-up then is; a timed pause only shows that it is late."""
    call_id: Mapped[str | None] = mapped_column(String(36))
    changed_by: Mapped[str] = mapped_column(String(64), default="")
    """User name of the supervisor who put them there, or empty."""
    note: Mapped[str] = mapped_column(String(300), default="")
    __table_args__ = (
        CheckConstraint(
            "state IN ('available','ringing','on_call','wrap_up','paused','away')", name="state"
        ),
        CheckConstraint("ends_at >= starts_at", name="order"),
        ExcludeConstraint(
            (text("int8range(user_id, user_id, '[]')"), "&&"),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_agent_interval_one_state",
            using="gist",
        ),
        Index(
            "ix_agent_interval_now",
            "user_id",
            unique=True,
            postgresql_where=text("ends_at IS NULL"),
        ),
        Index("ix_agent_interval_starts_at", "starts_at"),
    )


class PauseReason(Base):
    """Why an agent may pause: the clinic's list."""

    __tablename__ = "pause_reason"
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    limit_s: Mapped[int | None]
    """After so many seconds the pause shows as too long."""
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]
    """Since when it is not offered any more; what was done under its name keeps it."""


class Disposition(Base):
    """How a call ended in the agent's words: the clinic's codes."""

    __tablename__ = "disposition"
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    needs_note: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]
    """Since when it is not offered any more; what was done under its name keeps it."""


class CallDisposition(Base):
    """What an agent chose for a call they took."""

    __tablename__ = "call_disposition"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(ForeignKey("disposition.code"))
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("call_id", "user_id"),)


class SupervisorAction(Base):
    """What a supervisor did to an agent or a waiting caller: kept, never changed."""

    __tablename__ = "supervisor_action"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    action: Mapped[str] = mapped_column(String(32))
    agent: Mapped[str] = mapped_column(String(64), default="")
    call_id: Mapped[str | None] = mapped_column(String(36))
    detail: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
