"""Where every agent is, second by second: follows the switch and what people ask for.

Changes go through :mod:`ivr.agents.machine` inside one transaction that holds the stream's
lock, so two processes never disagree. The switch is told afterwards.
"""

import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ivr.agents import machine
from ivr.agents.machine import Desk, Signal, Wished
from ivr.agents.model import AgentInterval, AgentWish, PauseReason, SupervisorAction, User
from ivr.agents.shifts import (
    LONGEST_WRAP_UP_S,
    StateView,
    check_disposed,
    desk_of,
    ends,
    open_interval,
    settings_of,
    user_of,
    view_of,
)
from ivr.calls.stream import EventStream, Outgoing
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import AuriculaError, Conflict, InvalidInput, NotFound, Unavailable
from ivr.flow.events import AgentStateChanged
from ivr.ports import AgentDesk

GONE = timedelta(minutes=30)
"""Away for so long is gone home without saying so; so is a pause without a phone."""

log = structlog.get_logger(__name__)


class Serves(Protocol):
    """A queue an agent takes calls of."""

    @property
    def queue(self) -> str: ...
    @property
    def penalty(self) -> int: ...


class States:
    """The agents' states. ``desk`` None: there is no switch to tell."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        stream: EventStream,
        desk: AgentDesk | None = None,
        serves: Callable[[str], Collection[Serves]] = lambda _agent: (),
    ) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream
        self._desk = desk
        self._serves = serves
        self._telling = threading.Lock()
        """One thread at a time tells the switch, so that what it heard last is the latest."""

    # --- Reading -----------------------------------------------------------------------

    def of(self, username: str) -> StateView:
        """One agent now."""
        with self._database.transaction() as session:
            user = user_of(session, username)
            return view_of(user, open_interval(session, user), session.get(AgentWish, user.id))

    def all(self, session: Session) -> list[tuple[User, StateView]]:
        """Everybody with a phone, whether at work or not."""
        rows = session.execute(
            select(User, AgentInterval, AgentWish)
            .outerjoin(
                AgentInterval,
                (AgentInterval.user_id == User.id) & AgentInterval.ends_at.is_(None),
            )
            .outerjoin(AgentWish, AgentWish.user_id == User.id)
            .where(User.active, User.extension != "")
            .order_by(User.name)
        )
        return [(user, view_of(user, interval, wish)) for user, interval, wish in rows]

    # --- What people ask for -------------------------------------------------------------

    def want(self, username: str, wish: Wished, reason: str = "") -> StateView:
        """The agent wants calls, a pause or to leave; in a call it counts from its end, and
        who wants calls without a phone is away until it is there.

        Raises :class:`Conflict` when the call's disposition must be chosen first or a shift
        would begin without a phone, and :class:`Unavailable` when the switch cannot be told.
        """
        self._check(wish, reason)
        with self._database.transaction() as session:
            user = user_of(session, username)
            now = view_of(user, open_interval(session, user), session.get(AgentWish, user.id))
            if now.state == "wrap_up" and wish == "available":
                check_disposed(session, user, now.call_id)
        asked = machine.wished(desk_of(now), wish, reason)
        if wish == "available" and asked.state == "off":
            raise _no_phone()
        if wish != "off":
            with self._telling:
                self._sign_on(username, asked.silent)
        return self._change(username, lambda desk, _: machine.wished(desk, wish, reason))

    def phone_there(self, username: str, *, begins: bool) -> StateView:
        """The agent's phone is ready: a shift goes on as it was, or begins with it if the
        agent ``begins`` one. A phone that comes back by itself begins none: somebody may
        have ended it meanwhile."""
        self.heard(username, "present")
        if self.of(username).state == "off":
            return self.want(username, "available") if begins else self.of(username)
        with self._telling:
            self._sign_on(username, desk_of(self.of(username)).silent)
        return self.of(username)

    def leave(self, username: str) -> None:
        """The agent logged out: the shift is over, in a call after it."""
        if self.of(username).state != "off":
            self._change(username, lambda desk, _: machine.wished(desk, "off"))

    def command(
        self, username: str, wish: Wished, reason: str, *, by: str, note: str = ""
    ) -> StateView:
        """A supervisor (``by``) changes an agent's state; written down with its note. Raises
        :class:`Conflict` for those who are not at work, or whom no call could reach."""
        self._check(wish, reason)
        if self.of(username).state == "off":
            raise Conflict("This agent is not at work: only they can begin.", code="off_work")

        def commanded(desk: Desk, session: Session) -> Desk:
            changed = machine.wished(desk, wish, reason, by, note)
            if wish == "available" and changed.state == "away":
                raise _no_phone()
            session.add(
                SupervisorAction(
                    at=self._clock.now(),
                    user_id=user_of(session, by).id,
                    action="agent.state",
                    agent=username,
                    detail=f"{wish} {reason}".strip(),
                    note=note,
                )
            )
            return changed

        return self._change(username, commanded)

    def extend(self, username: str) -> StateView:
        """More time for the wrap-up; raises :class:`Conflict` when there is none or it has
        been long enough."""
        with self._database.transaction() as session:
            self._stream.lock(session)
            user = user_of(session, username)
            row = open_interval(session, user)
            if row is None or row.state != "wrap_up" or row.until is None:
                raise Conflict("There is no wrap-up to extend.", code="no_wrap_up")
            more = row.until + timedelta(seconds=settings_of(session).extension_s)
            if more - row.starts_at > timedelta(seconds=LONGEST_WRAP_UP_S):
                raise Conflict("The wrap-up has been as long as it may be.", code="no_more_time")
            row.until = more
            view = view_of(user, row, session.get(AgentWish, user.id))
            self._announce(session, view)
            return view

    def wrapped_up(self, username: str) -> StateView:
        """The agent is done with the call; raises :class:`Conflict` when its disposition is
        missing and the clinic requires one."""
        with self._database.transaction() as session:
            user = user_of(session, username)
            row = open_interval(session, user)
            if row is not None and row.state == "wrap_up":
                check_disposed(session, user, row.call_id or "")
        return self._change(username, lambda desk, _: machine.wrapped_up(desk))

    # --- What the switch and the clock tell ------------------------------------------------

    def heard(self, username: str, signal: Signal, call_id: str = "") -> None:
        """The switch told something about an agent's phone. Unknown agents are ignored."""
        try:
            self._change(
                username,
                lambda desk, session: machine.heard(
                    desk, signal, call_id, wraps_up=settings_of(session).wrap_up_s > 0
                ),
            )
        except NotFound:
            log.info("signal of an unknown agent", signal=signal)

    def expire(self) -> int:
        """End the wrap-ups whose time is over, and the shifts of those long gone; returns
        how many. A pause goes on without a phone (a closed laptop at lunch) for as long as
        it may last, and in any case for as long as somebody may be away."""
        now = self._clock.now()
        paused_too_long = (
            (AgentInterval.state == "paused")
            & (AgentWish.phone_gone_at <= now - GONE)
            & (AgentInterval.starts_at <= now - GONE)
            & or_(AgentInterval.until.is_(None), AgentInterval.until <= now)
        )
        with self._database.transaction() as session:
            due = session.execute(
                select(User.username, AgentInterval.state)
                .join(AgentInterval, AgentInterval.user_id == User.id)
                .outerjoin(AgentWish, AgentWish.user_id == User.id)
                .where(
                    AgentInterval.ends_at.is_(None),
                    or_(
                        (AgentInterval.state == "wrap_up") & (AgentInterval.until <= now),
                        (AgentInterval.state == "away") & (AgentInterval.starts_at <= now - GONE),
                        paused_too_long,
                    ),
                )
            ).all()
        for username, state in due:
            if state == "wrap_up":
                self._change(username, lambda desk, _: machine.wrapped_up(desk))
            else:
                self.leave(username)
        return len(due)

    def reconcile(self, busy: Collection[str]) -> None:
        """After a gap: agents without a channel (not in ``busy``) have no call any more,
        and the switch hears again who takes calls."""
        with self._database.transaction() as session:
            everybody = [view for _, view in self.all(session) if view.state != "off"]
        for view in everybody:
            if view.username not in busy:
                self.heard(view.username, "ring_over", view.call_id)
                self.heard(view.username, "talked", view.call_id)
            try:
                self._sign_on(view.username, desk_of(self.of(view.username)).silent)
            except AuriculaError as error:
                log.warning("agent not signed on again", error=error.code)

    def skills_changed(self, username: str, dropped: str = "") -> None:
        """The agent serves other queues from now on; ``dropped`` no more."""
        view = self.of(username)
        if self._desk is None or view.state == "off":
            return
        try:
            if dropped:
                self._desk.sign_off(username, dropped)
            self._sign_on(username, desk_of(view).silent)
        except AuriculaError as error:
            log.warning("switch not told of an agent's queues", error=error.code)

    # --- How ---------------------------------------------------------------------------------

    def _check(self, wish: Wished, reason: str) -> None:
        if wish != "paused":
            return
        with self._database.transaction() as session:
            known = session.get(PauseReason, reason)
            if known is None or known.retired_at is not None:
                raise InvalidInput("This is not among the clinic's reasons for a pause.")

    def _change(self, username: str, change: Callable[[Desk, Session], Desk]) -> StateView:
        with self._database.transaction() as session:
            self._stream.lock(session)
            user = user_of(session, username)
            row, wish = open_interval(session, user), session.get(AgentWish, user.id)
            before = desk_of(view_of(user, row, wish))
            after = change(before, session)
            if wish is None:
                wish = AgentWish(user_id=user.id, state="off", reason="")
                session.add(wish)
            wish.state, wish.reason = after.wish, after.wish_reason
            if after.state == "off":
                wish.changed_by, wish.note = after.by, after.note
            else:
                wish.changed_by, wish.note = after.wish_by, after.wish_note
            if after.there:
                wish.phone_gone_at = None
            elif before.there:
                wish.phone_gone_at = self._clock.now()
            if (after.state, after.reason, after.call_id) != (
                before.state,
                before.reason,
                before.call_id,
            ):
                row = self._write(session, user, row, after)
            elif row is not None:
                row.changed_by, row.note = after.by, after.note
            view = view_of(user, row, wish)
            if after != replace(before, there=after.there):
                self._announce(session, view)
        self._tell(username, before, after)
        return view

    def _write(
        self,
        session: Session,
        user: User,
        row: AgentInterval | None,
        desk: Desk,
    ) -> AgentInterval | None:
        now = self._clock.now()
        if row is not None:
            now = max(now, row.starts_at)
            row.ends_at = now
            session.flush()
        fresh = None
        if desk.state != "off":
            fresh = AgentInterval(
                user_id=user.id,
                state=desk.state,
                reason=desk.reason,
                starts_at=now,
                until=ends(session, desk, now),
                call_id=desk.call_id or None,
                changed_by=desk.by,
                note=desk.note,
            )
            session.add(fresh)
        return fresh

    def _announce(self, session: Session, view: StateView) -> None:
        changed = AgentStateChanged(
            agent=view.username,
            state=view.state,
            reason=view.reason,
            until=view.until.isoformat() if view.until else "",
            call=view.call_id,
            by=view.changed_by,
        )
        self._stream.add(session, [Outgoing(changed)])

    def _sign_on(self, username: str, silent: str) -> None:
        if self._desk is None:
            raise Unavailable("The switch has not been set up: run make up.")
        for skill in self._serves(username):
            self._desk.sign_on(
                username, skill.queue, penalty=skill.penalty, paused=bool(silent), reason=silent
            )
        if not silent:
            self._desk.resume(username)

    def _tell(self, username: str, before: Desk, after: Desk) -> None:
        """A switch that is away hears it when it is back (:meth:`reconcile`). Who was off
        and stays so is left alone: they may be signing on at this moment."""
        if self._desk is None or before.state == after.state == "off":
            return
        if after.state != "off" and before.state != "off" and after.silent == before.silent:
            return
        try:
            with self._telling:
                self._tell_present(username)
        except AuriculaError as error:
            log.warning("switch not told of an agent's state", error=error.code)

    def _tell_present(self, username: str) -> None:
        """What is so by now: another thread may have changed it again."""
        assert self._desk is not None
        now = desk_of(self.of(username))
        if now.state == "off":
            for skill in self._serves(username):
                self._desk.sign_off(username, skill.queue)
        elif now.silent:
            self._desk.pause(username, now.silent)
        else:
            self._desk.resume(username)


def _no_phone() -> Conflict:
    return Conflict("Their phone is not connected: no call could reach them.", code="no_phone")
