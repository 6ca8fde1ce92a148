"""Places kept in line, as the desk sees them: who waits at home for our call."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, StringConstraints
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.agents.access import User, in_short
from ivr.agents.model import SupervisorAction
from ivr.agents.viewer import Viewer
from ivr.calls.model import Call
from ivr.calls.stream import EventStream, Outgoing
from ivr.clinic.model import Branch, Patient
from ivr.clock import Clock
from ivr.database import Database
from ivr.errors import Conflict, NotFound
from ivr.flow.events import PlaceChanged
from ivr.queues.model import KeptPlace
from ivr.queues.service import Queues

UNDONE_WITHIN = timedelta(minutes=10)
"""Later the caller is not put back: they would be called about something long settled."""


class KeptPlaceView(BaseModel):
    """One who hung up and is called when it is their turn."""

    id: int
    queue: str
    """The queue's title."""
    who: str
    """For supervisors name or number; for agents "Ana R." or "…021" (decision 0040)."""
    number: str
    """Empty for agents: the call rings at their phone."""
    waiting_since: datetime
    attempts: int
    next_at: datetime
    """Not before this they are called (again)."""
    calling: bool
    zone: str


class Cancelling(BaseModel):
    """Why nobody need call them any more."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class KeptList:
    """Reads the places that are kept now, takes them out of the line and puts them back."""

    def __init__(
        self, database: Database, clock: Clock, stream: EventStream, queues: Queues
    ) -> None:
        self._database = database
        self._clock = clock
        self._stream = stream
        self._queues = queues

    def of(self, viewer: Viewer) -> Sequence[KeptPlaceView]:
        """Those of the viewer's branch, in the order of calling; an agent gets the queues
        they serve."""
        titles = {queue.name: queue.title for queue in self._queues.all()}
        served = {skill.queue for skill in self._queues.of(viewer.username)}
        with self._database.transaction() as session:
            zone = session.scalars(select(Branch.zone).order_by(Branch.id).limit(1)).first()
            rows = session.execute(
                select(KeptPlace, Call.branch_id, Branch.zone, Patient)
                .outerjoin(Call, Call.id == KeptPlace.call_id)
                .outerjoin(Branch, Branch.id == Call.branch_id)
                .outerjoin(Patient, Patient.id == Call.patient_id)
                .where(KeptPlace.status.in_(("waiting", "dialling")))
                .order_by(KeptPlace.priority.desc(), KeptPlace.waiting_since, KeptPlace.id)
            ).all()
            return [
                KeptPlaceView(
                    id=place.id,
                    queue=titles.get(place.queue, place.queue),
                    who=_who(place.number, patient, viewer),
                    number=place.number if viewer.supervises else "",
                    waiting_since=place.waiting_since,
                    attempts=place.attempts,
                    next_at=place.next_at,
                    calling=place.status == "dialling",
                    zone=of_branch or zone or "UTC",
                )
                for place, branch_id, of_branch, patient in rows
                if viewer.sees_branch(branch_id) and (viewer.supervises or place.queue in served)
            ]

    def cancel(self, viewer: Viewer, place_id: int, note: str) -> None:
        """Nobody calls them any more. Raises :class:`Conflict` while they are being called."""
        with self._database.transaction() as session:
            place = self._changeable(session, viewer, place_id)
            if place.status == "dialling":
                raise Conflict("They are being called now.", code="being_called")
            if place.status != "waiting":
                raise NotFound("Nobody waits there any more.")
            place.status, place.ended_at = "cancelled", self._clock.now()
            self._write_down(session, viewer, place, "cancelled", note)

    def restore(self, viewer: Viewer, place_id: int) -> None:
        """Back to the place they had. Raises :class:`Conflict` when it was taken away too
        long ago, or they have another one by now."""
        now = self._clock.now()
        with self._database.transaction() as session:
            place = self._changeable(session, viewer, place_id)
            again = session.scalar(
                select(KeptPlace.id).where(
                    KeptPlace.queue == place.queue,
                    KeptPlace.number == place.number,
                    KeptPlace.status.in_(("waiting", "dialling")),
                )
            )
            late = place.ended_at is None or now - place.ended_at > UNDONE_WITHIN
            if place.status != "cancelled" or late or again is not None:
                raise Conflict("This place cannot be given back any more.")
            place.status, place.ended_at = "waiting", None
            self._write_down(session, viewer, place, "waiting")

    def _changeable(self, session: Session, viewer: Viewer, place_id: int) -> KeptPlace:
        """The place, locked; :class:`NotFound` for those that the viewer is not shown."""
        self._stream.lock(session)
        place = session.get(KeptPlace, place_id, with_for_update=True)
        served = {skill.queue for skill in self._queues.of(viewer.username)}
        if (
            place is None
            or not viewer.sees_branch(_branch(session, place))
            or not (viewer.supervises or place.queue in served)
        ):
            raise NotFound("Nobody waits there any more.")
        return place

    def _write_down(
        self,
        session: Session,
        viewer: Viewer,
        place: KeptPlace,
        status: Literal["cancelled", "waiting"],
        note: str = "",
    ) -> None:
        """In the call's events whoever it was; among supervision's acts only theirs."""
        if viewer.supervises:
            session.add(
                SupervisorAction(
                    at=self._clock.now(),
                    user_id=viewer.id,
                    action=f"place.{status}",
                    call_id=place.call_id,
                    detail=place.queue,
                    note=note,
                )
            )
        changed = PlaceChanged(queue=place.queue, status=status, by=viewer.username, note=note)
        branch_id = _branch(session, place)
        self._stream.add(session, [Outgoing(changed, place.call_id, branch_id)])


def _branch(session: Session, place: KeptPlace) -> int | None:
    call = session.get(Call, place.call_id) if place.call_id else None
    return call.branch_id if call else None


def _who(number: str, patient: Patient | None, viewer: Viewer) -> str:
    if not viewer.supervises:
        return in_short(patient, number)
    return patient.full_name if patient else number


def router(kept: KeptList) -> APIRouter:
    """The endpoints."""
    api = APIRouter(prefix="/kept-places", tags=["room"])

    @api.get("", summary="Callers who are called when it is their turn, in that order")
    def kept_places(viewer: User) -> list[KeptPlaceView]:
        return list(kept.of(viewer))

    @api.post("/{place_id}/cancel", status_code=204, summary="Nobody calls them any more")
    def cancel_place(place_id: int, why: Cancelling, viewer: User) -> None:
        kept.cancel(viewer, place_id, why.note)

    @api.post("/{place_id}/restore", status_code=204, summary="Back to the place they had")
    def restore_place(place_id: int, viewer: User) -> None:
        kept.restore(viewer, place_id)

    return api
