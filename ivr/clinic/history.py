"""An appointment's changes as events: how they are told, and what it was before."""

from typing import Literal, cast

from sqlalchemy import select, text

from ivr.calls.model import StoredEvent
from ivr.clinic.appointments import bounds, load
from ivr.clinic.model import Appointment
from ivr.clinic.status import TAKEN_BACK, Before
from ivr.database import Database
from ivr.errors import Conflict
from ivr.flow.events import AppointmentChanged

Change = Literal[
    "held", "released", "booked", "confirmed", "cancelled", "moved", "expired", "arrived",
    "completed", "no_show", "restored",
]  # fmt: skip


def told(appointment: Appointment, change: Change, *, was: str, agent: str) -> AppointmentChanged:
    """The event of a change; the appointment is as it is after it."""
    return AppointmentChanged(
        appointment_id=appointment.id,
        change=change,
        status=appointment.status,
        was=was,
        professional_id=appointment.professional_id,
        branch_id=appointment.branch_id,
        starts_at=bounds(appointment)[0].isoformat(),
        reference=appointment.reference or "",
        patient_id=appointment.patient_id,
        agent=agent,
    )


def before(database: Database, appointment_id: int) -> Before:
    """What it was before it became what it is, from its events, asked for without any lock.
    What was taken back is as if it had never been. Raises :class:`Conflict` where no event
    tells."""
    data = StoredEvent.data
    query = (
        select(data["change"].astext, data["status"].astext, data["was"].astext)
        .where(text("type = 'appointment.changed' AND data ->> 'appointment_id' = :id"))
        .order_by(StoredEvent.number)
    )
    with database.read() as session:
        present = load(session, appointment_id).status
        events = session.execute(query, {"id": str(appointment_id)}).all()
    been: list[str] = []
    for change, status, was in events:
        if was and (not been or been[-1] != was):
            been.append(was)
        if change == "restored":
            while been and been[-1] != status:
                been.pop()
        if not been or been[-1] != status:
            been.append(status)
    if len(been) < 2 or been[-2] not in TAKEN_BACK.get(present, ()):
        raise Conflict("What it was before is not known: look at it again.", code="not_known")
    return cast("Before", been[-2])
