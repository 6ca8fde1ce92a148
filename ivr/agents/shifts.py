"""Agents' states as rows, and the clinic's rules for the time after a call."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.agents.machine import Desk, State, Wished
from ivr.agents.model import AgentInterval, AgentWish, CallDisposition, PauseReason, User
from ivr.clinic.model import Clinic
from ivr.errors import Conflict, NotFound

WRAP_UP_S, EXTENSION_S, LONGEST_WRAP_UP_S = 45, 60, 600
"""Defaults of ``wrap_up_s`` and ``wrap_up_extend_s`` of the clinic's settings."""


@dataclass(frozen=True)
class Settings:
    """What the clinic decided about the time after a call; seconds."""

    wrap_up_s: int
    extension_s: int
    disposition_required: bool


@dataclass(frozen=True)
class StateView:
    """An agent now. ``since`` None: not at work."""

    username: str
    state: State
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None
    call_id: str = ""
    wish: Wished = "off"
    wish_reason: str = ""
    changed_by: str = ""
    note: str = ""
    wish_by: str = ""
    wish_note: str = ""
    there: bool = True
    """Whether the phone is there."""


def user_of(session: Session, username: str) -> User:
    """The active account of that name; raises :class:`NotFound`."""
    user = session.scalar(select(User).where(User.username == username, User.active))
    if user is None:
        raise NotFound("There is no such agent.")
    return user


def open_interval(session: Session, user: User) -> AgentInterval | None:
    """The user's present interval; None when not at work."""
    return session.scalar(
        select(AgentInterval).where(
            AgentInterval.user_id == user.id, AgentInterval.ends_at.is_(None)
        )
    )


def desk_of(view: StateView) -> Desk:
    """The view as the state machine takes it."""
    return Desk(
        state=view.state,
        reason=view.reason,
        call_id=view.call_id,
        wish=view.wish,
        wish_reason=view.wish_reason,
        by=view.changed_by,
        note=view.note,
        wish_by=view.wish_by,
        wish_note=view.wish_note,
        there=view.there,
    )


def view_of(user: User, row: AgentInterval | None, wish: AgentWish | None) -> StateView:
    """An agent now, from their rows."""
    wanted: Wished = "off"
    if wish is not None and (wish.state == "available" or wish.state == "paused"):
        wanted = wish.state  # type: ignore[assignment]
    wish = wish or AgentWish(reason="", changed_by="", note="")
    there = wish.phone_gone_at is None
    if row is None:
        return StateView(
            username=user.username,
            state="off",
            wish=wanted,
            wish_reason=wish.reason,
            changed_by=wish.changed_by,
            note=wish.note,
            there=there,
        )
    return StateView(
        username=user.username,
        state=row.state,  # type: ignore[arg-type]
        reason=row.reason,
        since=row.starts_at,
        until=row.until,
        call_id=row.call_id or "",
        wish=wanted,
        wish_reason=wish.reason,
        changed_by=row.changed_by,
        note=row.note,
        wish_by=wish.changed_by,
        wish_note=wish.note,
        there=there,
    )


def settings_of(session: Session) -> Settings:
    """The clinic's rules for the time after a call."""
    found = session.scalar(select(Clinic.settings).limit(1)) or {}
    return Settings(
        wrap_up_s=int(found.get("wrap_up_s", WRAP_UP_S)),
        extension_s=int(found.get("wrap_up_extend_s", EXTENSION_S)),
        disposition_required=bool(found.get("disposition_required", False)),
    )


def ends(session: Session, desk: Desk, now: datetime) -> datetime | None:
    """When a state that begins ``now`` should be over, if it has a limit."""
    if desk.state == "wrap_up":
        return now + timedelta(seconds=settings_of(session).wrap_up_s)
    if desk.state == "paused":
        reason = session.get(PauseReason, desk.reason)
        if reason is not None and reason.limit_s is not None:
            return now + timedelta(seconds=reason.limit_s)
    return None


def check_disposed(session: Session, user: User, call_id: str) -> None:
    """Raise :class:`Conflict` when the call's required disposition is missing."""
    if not call_id or not settings_of(session).disposition_required:
        return
    chosen = select(CallDisposition.id).where(
        CallDisposition.call_id == call_id, CallDisposition.user_id == user.id
    )
    if session.scalar(chosen) is None:
        raise Conflict("Say first how the call ended.", code="disposition_missing")
