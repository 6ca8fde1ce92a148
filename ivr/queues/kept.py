"""Places kept in line, as the desk sees them: who waits at home for our call."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select

from ivr.agents.access import User, in_short
from ivr.agents.viewer import Viewer
from ivr.calls.model import Call
from ivr.clinic.model import Branch, Patient
from ivr.database import Database
from ivr.queues.model import KeptPlace
from ivr.queues.service import Queues


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


class KeptList:
    """Reads the places that are kept now."""

    def __init__(self, database: Database, queues: Queues) -> None:
        self._database = database
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
                .order_by(KeptPlace.priority.desc(), KeptPlace.waiting_since)
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


def _who(number: str, patient: Patient | None, viewer: Viewer) -> str:
    if not viewer.supervises:
        return in_short(patient, number)
    return patient.full_name if patient else number


def router(kept: KeptList) -> APIRouter:
    """The endpoint."""
    api = APIRouter(prefix="/kept-places", tags=["room"])

    @api.get("", summary="Callers who are called when it is their turn, in that order")
    def kept_places(viewer: User) -> list[KeptPlaceView]:
        return list(kept.of(viewer))

    return api
