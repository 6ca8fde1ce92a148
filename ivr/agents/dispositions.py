"""How calls ended in the agents' words: the clinic's codes, with a note where one is due."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ivr.agents.access import own_call
from ivr.agents.model import CallDisposition, Disposition, PauseReason, User
from ivr.agents.shifts import settings_of
from ivr.agents.viewer import Viewer
from ivr.calls.model import Call
from ivr.calls.stream import EventStream, Outgoing
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import InvalidInput, NotFound
from ivr.flow.events import CallDisposed


@dataclass(frozen=True)
class ReasonView:
    """Why an agent may pause. After ``limit_s`` it shows as too long."""

    code: str
    name: str
    limit_s: int | None


@dataclass(frozen=True)
class CodeView:
    """How a call may have ended."""

    code: str
    name: str
    needs_note: bool


@dataclass(frozen=True)
class Chosen:
    """What an agent chose for a call. ``note`` is personal data."""

    call_id: str
    agent: str
    code: str
    name: str
    note: str
    at: datetime


class Dispositions:
    """The clinic's lists and what agents chose from them."""

    def __init__(self, database: Database, clock: Clock, stream: EventStream) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream

    def reasons(self) -> list[ReasonView]:
        """The clinic's reasons for a pause, in its order."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(PauseReason)
                .where(PauseReason.retired_at.is_(None))
                .order_by(PauseReason.position)
            )
            return [ReasonView(row.code, row.name, row.limit_s) for row in rows]

    def codes(self) -> list[CodeView]:
        """The clinic's dispositions, in its order."""
        with self._database.transaction() as session:
            rows = session.scalars(
                select(Disposition)
                .where(Disposition.retired_at.is_(None))
                .order_by(Disposition.position)
            )
            return [CodeView(row.code, row.name, row.needs_note) for row in rows]

    def required(self) -> bool:
        """Whether an agent must choose one before the next call."""
        with self._database.transaction() as session:
            return settings_of(session).disposition_required

    def choose(self, viewer: Viewer, call_id: str, code: str, note: str = "") -> Chosen:
        """Set the viewer's disposition of a call they took, or change it. Raises
        :class:`NotFound` for calls of others, :class:`InvalidInput` for an unknown code or
        a missing note."""
        note = note.strip()
        with self._database.transaction() as session:
            self._stream.lock(session)
            call = session.scalar(select(Call).where(Call.id == call_id, own_call(viewer)))
            if call is None:
                raise NotFound("There is no such call among those you took.")
            chosen = session.get(Disposition, code)
            if chosen is None or chosen.retired_at is not None:
                raise InvalidInput("This is not among the clinic's dispositions.")
            if chosen.needs_note and not note:
                raise InvalidInput("This disposition needs a note.", code="note_missing")
            now = self._clock.now()
            values = {"code": code, "note": note, "at": now}
            session.execute(
                insert(CallDisposition)
                .values(call_id=call_id, user_id=viewer.id, **values)
                .on_conflict_do_update(
                    index_elements=[CallDisposition.call_id, CallDisposition.user_id],
                    set_=values,
                )
            )
            disposed = CallDisposed(agent=viewer.username, code=code, note=note)
            self._stream.add(session, [Outgoing(disposed, call_id, call.branch_id)])
            return Chosen(call_id, viewer.username, code, chosen.name, note, now)

    def of_call(self, viewer: Viewer, call_id: str) -> Chosen | None:
        """What the viewer chose for a call, if they have."""
        with self._database.transaction() as session:
            found = session.execute(
                select(CallDisposition, Disposition.name, User.username)
                .join(Disposition, Disposition.code == CallDisposition.code)
                .join(User, User.id == CallDisposition.user_id)
                .where(CallDisposition.call_id == call_id, User.id == viewer.id)
            ).first()
            if found is None:
                return None
            row, name, username = found
            return Chosen(call_id, username, row.code, name, row.note, row.at)
