"""Calls as the console shows them: live, in the log, and one in full."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session

from ivr.agents.access import own_call, visible_call
from ivr.agents.model import User
from ivr.agents.viewer import Viewer
from ivr.calls.likely import likely_names, named_in, of_named
from ivr.calls.model import Call, StoredEvent
from ivr.calls.schemas import NumberedEvent
from ivr.calls.stream import numbered
from ivr.calls.unreached import unreached
from ivr.calls.views import (
    CallDetail,
    CallPage,
    CallSummary,
    ConsentGiven,
    Leg,
    Listening,
    RecordingInfo,
    StreamEvent,
    transcript,
)
from ivr.clinic.model import Branch, Patient
from ivr.consent.model import Consent
from ivr.database import Database
from ivr.errors import NotFound
from ivr.flow.phone_events import SUPERVISORS_ONLY
from ivr.recordings.model import Recording, RecordingListen


@dataclass(frozen=True)
class CallFilter:
    """What the log shows. Days are local to each call's branch, inclusive."""

    text: str = ""
    """Part of a name, even of a likely one, or of a number."""
    direction: str | None = None
    outcome: str | None = None
    reason: str | None = None
    branch_id: int | None = None
    patient_id: int | None = None
    day_from: date | None = None
    day_to: date | None = None
    recorded: bool | None = None
    mine: bool = False


@dataclass(frozen=True)
class OnAir:
    """A call that has not ended, and all that happened in it, as stored."""

    summary: CallSummary
    events: list[NumberedEvent]


class CallDesk:
    """Reads calls for one viewer at a time; never shows what is not theirs."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def live(self, viewer: Viewer) -> list[CallSummary]:
        """Calls that have not ended and that are the viewer's to read, oldest first."""
        chosen = select(Call).where(Call.status != "ended", visible_call(viewer))
        with self.database.transaction() as session:
            return _summaries(
                session, session.scalars(chosen.order_by(Call.started_at)).all(), viewer
            )

    def on_air_in(self, session: Session, call_ids: Sequence[str] | None = None) -> list[OnAir]:
        """Calls that have not ended, everybody's, oldest first; only those of ``call_ids``, if
        given."""
        chosen = select(Call).where(Call.status != "ended").order_by(Call.started_at)
        if call_ids is not None:
            chosen = chosen.where(Call.id.in_(call_ids))
        calls = session.scalars(chosen).all()
        events: dict[str, list[NumberedEvent]] = {call.id: [] for call in calls}
        for event in _stored(session, list(events)):
            events[event.call_id or ""].append(event)
        return [OnAir(call, events[call.id]) for call in _summaries(session, calls)]

    def events_on_air(self) -> list[NumberedEvent]:
        """The events of all calls that have not ended, as stored."""
        with self.database.transaction() as session:
            return _stored(session, select(Call.id).where(Call.status != "ended"))

    def page(
        self, viewer: Viewer, wanted: CallFilter, *, before: str = "", limit: int = 50
    ) -> CallPage:
        """Calls that match, newest first, from the one after ``before`` on."""
        with self.database.transaction() as session:
            conditions = [visible_call(viewer), *_conditions(session, viewer, wanted)]
            total = session.scalar(select(func.count()).select_from(Call).where(*conditions))
            chosen = select(Call).where(*conditions)
            if before:
                last = session.get(Call, before)
                if last is None:
                    raise NotFound("The page to go on from is unknown; start from the first one.")
                chosen = chosen.where(
                    func.row(Call.started_at, Call.id) < func.row(last.started_at, last.id)
                )
            chosen = chosen.order_by(Call.started_at.desc(), Call.id.desc()).limit(limit + 1)
            calls = session.scalars(chosen).all()
            shown = calls[:limit]
            following = shown[-1].id if len(calls) > limit else None
            return CallPage(
                calls=_summaries(session, shown, viewer), total=total or 0, next=following
            )

    def detail(self, viewer: Viewer, call_id: str) -> CallDetail:
        """One call in full; raises :class:`NotFound`, also for calls of others."""
        with self.database.transaction() as session:
            call = session.scalar(select(Call).where(Call.id == call_id, visible_call(viewer)))
            if call is None:
                raise NotFound("There is no such call among those you may see.")
            (summary,) = _summaries(session, [call], viewer)
            playable = viewer.supervises or bool(
                session.scalar(select(Call.id).where(Call.id == call_id, own_call(viewer)))
            )
            listened = _listened(session, call_id) if viewer.supervises else {}
            events = told(viewer, events_of(session, [call_id]))
            return CallDetail(
                **summary.model_dump(),
                events=events,
                transcript=transcript(events, call.started_at),
                legs=[Leg.model_validate(leg, from_attributes=True) for leg in call.legs],
                consents=[
                    ConsentGiven.model_validate(row, from_attributes=True)
                    for row in session.scalars(
                        select(Consent).where(Consent.call_id == call_id).order_by(Consent.at)
                    )
                ],
                recording_files=[
                    _recording(row, listened.get(row.id, []), playable=playable)
                    for row in session.scalars(
                        select(Recording)
                        .where(Recording.call_id == call_id)
                        .order_by(Recording.started_at)
                    )
                ],
            )

    def demand(self, viewer: Viewer, call_id: str) -> None:
        """Raise :class:`NotFound` unless the call is one the viewer may read about."""
        with self.database.transaction() as session:
            known = select(Call.id).where(Call.id == call_id, visible_call(viewer))
            if session.scalar(known) is None:
                raise NotFound("There is no such call among those you may see.")

    def may_listen(self, viewer: Viewer, recording_id: str) -> bool:
        """Supervisors to what they may see, agents to the calls they took."""
        allowed = visible_call(viewer) if viewer.supervises else own_call(viewer)
        with self.database.transaction() as session:
            found = select(Recording.id).join(Call, Call.id == Recording.call_id)
            return session.scalar(found.where(Recording.id == recording_id, allowed)) is not None


def events_of(session: Session, call_ids: Sequence[str]) -> list[StreamEvent]:
    """All events of these calls in the order of the stream."""
    return typed(_stored(session, call_ids))


def typed(events: Sequence[NumberedEvent]) -> list[StreamEvent]:
    """Stored events as the API shows them."""
    return [StreamEvent.model_validate(event, from_attributes=True) for event in events]


def _stored(session: Session, call_ids: Sequence[str] | Select[str]) -> list[NumberedEvent]:
    chosen = select(StoredEvent).where(StoredEvent.call_id.in_(call_ids))
    return [numbered(row) for row in session.scalars(chosen.order_by(StoredEvent.number))]


def told(viewer: Viewer, events: Sequence[StreamEvent]) -> list[StreamEvent]:
    """The events without those that are for supervisors only."""
    return [x for x in events if viewer.supervises or x.data.type not in SUPERVISORS_ONLY]


def _conditions(session: Session, viewer: Viewer, wanted: CallFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    branch = viewer.branch_or_own(wanted.branch_id) if wanted.branch_id is not None else None
    for column, value in (
        (Call.direction, wanted.direction),
        (Call.outcome, wanted.outcome),
        (Call.reason, wanted.reason),
        (Call.branch_id, branch),
        (Call.patient_id, wanted.patient_id),
    ):
        if value is not None:
            found.append(column == value)
    if wanted.text:
        part = f"%{_escaped(wanted.text)}%"
        digits = re.sub(r"[\s+().-]", "", wanted.text)
        matches: list[ColumnElement[bool]] = [
            of_named(session, viewer, named_in(session, part)),
            and_(Call.caller_name != literal_column("''"), Call.caller_name.ilike(part)),
        ]
        if digits.isdigit() and len(digits) >= 3:
            matches.append(Call.ani.contains(digits))
            matches.append(Call.dnis.contains(digits))
        found.append(or_(*matches))
    zone = func.coalesce(
        select(Branch.zone).where(Branch.id == Call.branch_id).scalar_subquery(),
        select(Branch.zone).order_by(Branch.id).limit(1).scalar_subquery(),
        "UTC",
    )
    day = func.date(func.timezone(zone, Call.started_at))
    for wanted_day, later in ((wanted.day_from, True), (wanted.day_to, False)):
        if wanted_day is not None:
            # a coarse bound first, so that the index on started_at serves
            edge = datetime.combine(wanted_day, time(), UTC)
            if later:
                found += [Call.started_at >= edge - timedelta(days=1), day >= wanted_day]
            else:
                found += [Call.started_at < edge + timedelta(days=2), day <= wanted_day]
    if wanted.recorded is not None:
        sealed = (
            select(Recording.id)
            .where(Recording.call_id == Call.id, Recording.status == "sealed")
            .exists()
        )
        found.append(sealed if wanted.recorded else ~sealed)
    if wanted.mine:
        found.append(own_call(viewer))
    return found


def _escaped(text: str) -> str:
    return text.strip().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _summaries(
    session: Session, calls: Sequence[Call], viewer: Viewer | None = None
) -> list[CallSummary]:
    """``viewer`` None: without what depends on who looks."""
    ids = [call.id for call in calls]
    if not ids:
        return []
    branches = {branch.id: branch for branch in session.scalars(select(Branch).order_by(Branch.id))}
    first = next(iter(branches.values()), None)
    patients = {
        patient.id: patient.full_name
        for patient in session.scalars(
            select(Patient).where(Patient.id.in_({c.patient_id for c in calls if c.patient_id}))
        )
    }
    agents: dict[str, list[str]] = {}
    for call_id, data in session.execute(
        select(StoredEvent.call_id, StoredEvent.data)
        .where(StoredEvent.call_id.in_(ids), StoredEvent.type == "agent.connected")
        .order_by(StoredEvent.number)
    ):
        if data["agent"] not in agents.setdefault(call_id or "", []):
            agents[call_id or ""].append(data["agent"])
    sealed = dict(
        session.execute(
            select(Recording.call_id, func.count())
            .where(Recording.call_id.in_(ids), Recording.status == "sealed")
            .group_by(Recording.call_id)
        ).all()
    )
    in_vain = unreached(session, calls)
    likely = likely_names(session, viewer, calls) if viewer is not None else {}
    views = []
    for call in calls:
        branch = branches.get(call.branch_id) if call.branch_id else None
        placed = branch or first
        views.append(
            CallSummary.model_validate(
                {
                    **{name: getattr(call, name) for name in _COPIED},
                    "branch": branch.name if branch else "",
                    "zone": placed.zone if placed else "UTC",
                    "patient_name": patients.get(call.patient_id or 0, ""),
                    "likely_name": likely.get(call.id, ""),
                    "unreached": in_vain.get(call.id),
                    "duration_s": (call.ended_at - call.started_at).total_seconds()
                    if call.ended_at
                    else None,
                    "agents": agents.get(call.id, []),
                    "recordings": sealed.get(call.id, 0),
                }
            )
        )
    return views


_COPIED = (
    "id",
    "direction",
    "ani",
    "dnis",
    "caller_name",
    "language",
    "flow",
    "branch_id",
    "patient_id",
    "status",
    "reason",
    "recording_consent",
    "started_at",
    "answered_at",
    "ended_at",
    "outcome",
)


def _listened(session: Session, call_id: str) -> dict[str, list[Listening]]:
    """Who listened to each recording of the call, oldest first."""
    found: dict[str, list[Listening]] = {}
    for recording_id, at, username in session.execute(
        select(Recording.id, RecordingListen.at, User.username)
        .join(RecordingListen, RecordingListen.recording_id == Recording.id)
        .join(User, User.id == RecordingListen.user_id)
        .where(Recording.call_id == call_id)
        .order_by(RecordingListen.at, RecordingListen.id)
    ):
        found.setdefault(recording_id, []).append(Listening(at=at, by=username))
    return found


def _recording(row: Recording, listened: list[Listening], *, playable: bool) -> RecordingInfo:
    sealed = row.status == "sealed" and playable
    return RecordingInfo(
        id=row.id,
        status=row.status,
        purpose=row.purpose,
        duration_s=row.duration_s,
        started_at=row.started_at,
        ended_at=row.ended_at,
        delete_after=row.delete_after,
        audio=f"/api/v1/recordings/{row.id}/audio" if sealed else "",
        listened=listened,
    )
