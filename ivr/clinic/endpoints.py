"""REST of the clinic: places and people, the agenda of a day, patients."""

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from ivr.agents.access import User
from ivr.agents.viewer import Viewer
from ivr.clinic.desk import AgendaDay, ClinicDesk, ClinicInfo
from ivr.clinic.finding import PatientHit
from ivr.clinic.patients import PatientFile, Patients


def router(desk: ClinicDesk, patients: Patients) -> APIRouter:
    """The endpoints, reading through ``desk`` and ``patients``."""
    api = APIRouter(tags=["clinic"])

    @api.get("/clinic", summary="The clinic, its places, people and services")
    def clinic(viewer: User) -> ClinicInfo:
        return desk.info(viewer)

    @api.get("/agenda", summary="The agenda of one day, by professional")
    def agenda_day(
        viewer: User,
        day: Annotated[date | None, Query(description="Local to the branch; today")] = None,
        branch_id: int | None = None,
    ) -> AgendaDay:
        return desk.day(viewer, day, branch_id)

    @api.get("/patients", summary="Patients by name, number or document, slips allowed")
    def search_patients(
        viewer: User,
        text: Annotated[str, Query(min_length=2, max_length=80)],
        limit: Annotated[int, Query(ge=1, le=50)] = 20,
    ) -> list[PatientHit]:
        return patients.search(text, limit=limit, branch_id=viewer.branch_id)

    @api.get("/patients/{patient_id}", summary="A patient's file")
    def patient_file(patient_id: int, viewer: User) -> PatientFile:
        desk.demand_patient(viewer, patient_id)
        return trimmed(patients.file(patient_id), viewer)

    return api


def trimmed(file: PatientFile, viewer: Viewer) -> PatientFile:
    """The file without tickets and calls of branches that are not the viewer's."""
    return replace(
        file,
        tickets=tuple(x for x in file.tickets if viewer.sees_branch(x.branch_id)),
        calls=tuple(x for x in file.calls if viewer.sees_branch(x.branch_id)),
    )
