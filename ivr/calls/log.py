"""The call log: begins calls, appends to their stream, ends each exactly once."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from ivr.calls.model import Call
from ivr.calls.schemas import CallView, LegView, NumberedEvent
from ivr.calls.stream import EventStream
from ivr.clinic.model import Patient
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import NotFound
from ivr.flow.events import (
    CallStarted,
    EventBase,
    Outcome,
    PatientIdentified,
    RedFlagHeard,
    TurnUnderstood,
)
from ivr.recordings.model import Recording

How = Literal["phone_and_birth_date", "document", "agent", "new", "appointment"]


class CallLog:
    """Everything that happens to calls goes through here."""

    def __init__(self, database: Database, clock: Clock, stream: EventStream) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream

    # --- Writing -----------------------------------------------------------------------

    def start(
        self,
        started: CallStarted,
        *,
        call_id: str | None = None,
        channel: str = "",
        linked_id: str = "",
        branch_id: int | None = None,
    ) -> str:
        """Open a call and return its id (made when not given). A call that is already
        open keeps its first start."""
        call_id = call_id or str(uuid.uuid4())
        self._stream.begin(
            started, call_id, channel=channel[:128], linked_id=linked_id[:64], branch_id=branch_id
        )
        return call_id

    def append(self, call_id: str, event: EventBase) -> int:
        """Store an event of a call; returns its number in the stream."""
        return self._stream.publish(event, call_id=call_id)

    def note(self, call_id: str, event: EventBase) -> None:
        """Store an event of a call together with the next of the same thread."""
        self._stream.note(event, call_id=call_id)

    def settle(self) -> None:
        """Store what this thread has noted."""
        self._stream.settle()

    def set_patient(self, call_id: str, patient_id: int, how: How = "agent") -> None:
        """The call belongs to this patient."""
        self.append(call_id, PatientIdentified(patient_id=patient_id, how=how))

    def carry_on(self, before: str, call_id: str) -> None:
        """``call_id`` goes on with what ``before`` was about: whose it is, what was wanted
        and how urgent it sounded, each as it was last written down."""
        last: dict[str, EventBase] = {}
        for stored in self._stream.of_call(before):
            match stored.event:
                case PatientIdentified() | RedFlagHeard() | TurnUnderstood(kind="intent"):
                    last.pop(stored.type, None)
                    last[stored.type] = stored.event
        with self._database.transaction() as session:
            patient_id = session.scalar(select(Call.patient_id).where(Call.id == before))
        for event in last.values():
            if not isinstance(event, PatientIdentified):
                self.append(call_id, event)
            elif patient_id is not None:
                self.append(call_id, event.model_copy(update={"patient_id": patient_id}))

    def finish(self, call_id: str, outcome: Outcome | None = None) -> None:
        """End a call, once: later calls change nothing. Without ``outcome`` it is derived
        from the call's events."""
        self._stream.end(call_id, outcome)

    def finish_absent(
        self, present: Collection[str], *, grace: timedelta = timedelta(seconds=15)
    ) -> list[str]:
        """End as ``lost`` every open call that the switch does not have (any more) among
        ``present``; returns their ids. Calls younger than ``grace`` are left alone."""
        before = self._clock.now() - grace
        with self._database.transaction() as session:
            open_calls = session.scalars(
                select(Call.id).where(Call.status != "ended", Call.started_at < before)
            ).all()
        gone = [call_id for call_id in open_calls if call_id not in present]
        return [call_id for call_id in gone if self._stream.end(call_id, "lost")]

    def open_ids(self) -> frozenset[str]:
        """The calls that have not ended."""
        with self._database.transaction() as session:
            return frozenset(session.scalars(select(Call.id).where(Call.status != "ended")))

    # --- Reading -----------------------------------------------------------------------

    def knows(self, call_id: str) -> bool:
        """Whether the call has been opened."""
        with self._database.transaction() as session:
            return session.scalar(select(Call.id).where(Call.id == call_id)) is not None

    def get(self, call_id: str) -> CallView:
        """One call with its legs."""
        with self._database.transaction() as session:
            found = _views(session, _query().where(Call.id == call_id))
        if not found:
            raise NotFound("There is no such call.")
        return found[0]

    def live(
        self, branch_id: int | None = None, *, session: Session | None = None
    ) -> list[CallView]:
        """Calls that have not ended, oldest first. ``session``: read within it, so that a
        snapshot and the stream's number agree."""
        query = _query().where(Call.status != "ended").order_by(Call.started_at)
        if branch_id is not None:
            query = query.where((Call.branch_id == branch_id) | (Call.branch_id.is_(None)))
        if session is not None:
            return _views(session, query)
        with self._database.transaction() as own:
            return _views(own, query)

    def past(
        self,
        *,
        before: datetime | None = None,
        since: datetime | None = None,
        branch_id: int | None = None,
        patient_id: int | None = None,
        numbers: Sequence[str] = (),
        outcome: str | None = None,
        limit: int = 50,
    ) -> list[CallView]:
        """Ended calls, newest first. Page on with ``before`` = the last ``started_at``. With
        the patient's go those from ``numbers`` of which it is not known who called."""
        query = _query().where(Call.status == "ended")
        if before is not None:
            query = query.where(Call.started_at < before)
        if since is not None:
            query = query.where(Call.started_at >= since)
        if branch_id is not None:
            query = query.where((Call.branch_id == branch_id) | (Call.branch_id.is_(None)))
        if patient_id is not None:
            nobody_s = and_(Call.patient_id.is_(None), Call.ani.in_(numbers))
            query = query.where(or_(Call.patient_id == patient_id, nobody_s))
        if outcome is not None:
            query = query.where(Call.outcome == outcome)
        query = query.order_by(Call.started_at.desc(), Call.id).limit(min(limit, 500))
        with self._database.transaction() as session:
            return _views(session, query)

    def events(self, call_id: str, after_seq: int = 0) -> list[NumberedEvent]:
        """The stream of one call, in order."""
        return self._stream.of_call(call_id, after_seq)


def _query() -> Select[Any]:
    recording = (
        select(Recording.id)
        .where(Recording.call_id == Call.id, Recording.status.in_(("recording", "sealed")))
        .order_by(Recording.started_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(Call, Patient.given, Patient.family, recording)
        .outerjoin(Patient, Patient.id == Call.patient_id)
        .options(selectinload(Call.legs))
    )


def _views(session: Session, query: Select[Any]) -> list[CallView]:
    return [
        CallView(
            id=call.id,
            direction=call.direction,
            ani=call.ani,
            dnis=call.dnis,
            caller_name=call.caller_name,
            language=call.language,
            flow=call.flow,
            branch_id=call.branch_id,
            patient_id=call.patient_id,
            patient_name=f"{given or ''} {family or ''}".strip(),
            status=call.status,
            reason=call.reason,
            recording_consent=call.recording_consent,
            recording_id=recording_id,
            started_at=call.started_at,
            answered_at=call.answered_at,
            ended_at=call.ended_at,
            outcome=call.outcome,
            last_seq=call.last_seq,
            legs=tuple(
                LegView(
                    channel=leg.channel,
                    kind=leg.kind,
                    agent=leg.agent,
                    started_at=leg.started_at,
                    answered_at=leg.answered_at,
                    ended_at=leg.ended_at,
                    cause=leg.cause,
                )
                for leg in call.legs
            ),
        )
        for call, given, family, recording_id in session.execute(query)
    ]
