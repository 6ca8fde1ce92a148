"""REST of the agenda: a day, a week, free time, and every change of an appointment."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from ivr.agents.access import User
from ivr.agents.viewer import Viewer
from ivr.clinic.agenda import Agenda
from ivr.clinic.agenda_desk import AgendaDay, AgendaDesk, AgendaWeek
from ivr.clinic.desk import ClinicDesk
from ivr.clinic.directory import Directory
from ivr.clinic.finder import Finder, SlotSearch, SlotWish
from ivr.clinic.schemas import AppointmentView, Slot
from ivr.clinic.status import Before

Change = Literal["confirm", "cancel", "restore", "arrive", "complete", "miss"]


class Place(BaseModel):
    """When and with whom. ``any_hour``: also outside working hours."""

    professional_id: int
    branch_id: int
    starts_at: AwareDatetime
    any_hour: bool = False


class NewAppointment(Place):
    """An appointment to book, for the patient on the line if ``call_id`` is given."""

    service_id: int
    patient_id: int
    call_id: str | None = Field(None, max_length=36)
    notes: str = Field("", max_length=500)


class Move(Place):
    """Where an appointment goes."""

    call_id: str | None = Field(None, max_length=36)


class ChangeOf(BaseModel):
    """What goes with a change. ``to``: what ``restore`` makes of the appointment again; null:
    what it was before."""

    call_id: str | None = Field(None, max_length=36)
    to: Before | None = None


def router(
    rights: ClinicDesk, desk: AgendaDesk, agenda: Agenda, finder: Finder, directory: Directory
) -> APIRouter:
    """The endpoints: ``rights`` decides, ``desk`` reads, ``agenda`` writes."""
    api = APIRouter(tags=["agenda"])

    @api.get("/agenda", summary="The agenda of one day, by professional")
    def agenda_day(
        viewer: User,
        day: Annotated[date | None, Query(description="Local to the branch; today")] = None,
        branch_id: int | None = None,
    ) -> AgendaDay:
        return desk.day(viewer, day, branch_id)

    @api.get("/agenda/week", summary="The agenda of the week a day is in")
    def agenda_week(
        viewer: User, day: date | None = None, branch_id: int | None = None
    ) -> AgendaWeek:
        return desk.week(viewer, day, branch_id)

    @api.get("/agenda/free", summary="Free slots by words or choices, soonest first")
    def free_slots(viewer: User, wish: Annotated[SlotWish, Query()]) -> SlotSearch:
        return finder.find(viewer, wish)

    @api.post("/appointments", status_code=201, summary="Book a free slot for a patient")
    def book_appointment(wanted: NewAppointment, viewer: User) -> AppointmentView:
        rights.demand_patient(viewer, wanted.patient_id)
        rights.demand_call(viewer, wanted.call_id)
        viewer.branch_or_own(wanted.branch_id)
        minutes = directory.service(wanted.service_id).minutes
        return agenda.schedule(
            _slot(wanted, wanted.service_id, minutes),
            patient_id=wanted.patient_id,
            call_id=wanted.call_id,
            agent=viewer.username,
            notes=wanted.notes,
            any_hour=wanted.any_hour,
        )

    @api.post("/appointments/{appointment_id}/move", summary="Move an appointment")
    def move_appointment(appointment_id: int, wanted: Move, viewer: User) -> AppointmentView:
        rights.demand_appointment(viewer, appointment_id)
        rights.demand_call(viewer, wanted.call_id)
        viewer.branch_or_own(wanted.branch_id)
        present = agenda.get(appointment_id)
        return agenda.reschedule(
            appointment_id,
            _slot(wanted, present.service_id, 0),
            call_id=wanted.call_id,
            agent=viewer.username,
            any_hour=wanted.any_hour,
        )

    @api.post(
        "/appointments/{appointment_id}/{change}",
        summary="Confirm, cancel, take that back, or say what became of the patient",
    )
    def change_appointment(
        appointment_id: int, change: Change, viewer: User, of: ChangeOf | None = None
    ) -> AppointmentView:
        rights.demand_appointment(viewer, appointment_id)
        of = of or ChangeOf()
        rights.demand_call(viewer, of.call_id)
        return _changed(agenda, appointment_id, change, of, viewer)

    return api


def _slot(place: Place, service_id: int, minutes: int) -> Slot:
    starts_at = place.starts_at.replace(second=0, microsecond=0)
    return Slot(
        place.professional_id,
        place.branch_id,
        service_id,
        starts_at,
        starts_at + timedelta(minutes=minutes),
    )


def _changed(
    agenda: Agenda, appointment_id: int, change: Change, of: ChangeOf, viewer: Viewer
) -> AppointmentView:
    agent, call_id = viewer.username, of.call_id
    does: dict[Change, Callable[[], AppointmentView]] = {
        "confirm": lambda: agenda.confirm(appointment_id, call_id=call_id, agent=agent),
        "cancel": lambda: agenda.cancel(appointment_id, call_id=call_id, agent=agent),
        "restore": lambda: agenda.restore(appointment_id, of.to, call_id=call_id, agent=agent),
        "arrive": lambda: agenda.mark(appointment_id, "arrived", agent=agent),
        "complete": lambda: agenda.mark(appointment_id, "completed", agent=agent),
        "miss": lambda: agenda.mark(appointment_id, "no_show", agent=agent),
    }
    return does[change]()
