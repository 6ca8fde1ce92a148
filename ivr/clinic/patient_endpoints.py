"""REST of patients: searching, the file, writing it, duplicates."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ivr.agents.access import User
from ivr.agents.viewer import Viewer
from ivr.calls.log import CallLog
from ivr.clinic.desk import ClinicDesk
from ivr.clinic.finding import PatientHit
from ivr.clinic.merging import Merging
from ivr.clinic.patients import PatientFile, Patients
from ivr.clinic.records import FileData, Likely, Records

Short = Annotated[str, Field(max_length=80)]
PatientChannel = Literal["call", "whatsapp", "sms", "email"]


class FileForm(BaseModel):
    """A patient's file as reception writes it."""

    given: str = Field(min_length=1, max_length=80)
    family: str = Field(min_length=1, max_length=80)
    birth_date: date | None = None
    document: str = Field("", max_length=24)
    numbers: list[Annotated[str, Field(max_length=24)]] = Field(default=[], max_length=6)
    email: str = Field("", max_length=120)
    language: str = Field("es-ES", max_length=8)
    preferred_channel: PatientChannel = "call"
    warnings: str = Field("", max_length=500)
    notes: str = Field("", max_length=2000)
    balance_cents: int = Field(0, ge=0, le=100_000_00)
    pending_documents: list[Short] = Field(default=[], max_length=12)
    home_branch_id: int | None = None

    def data(self, viewer: Viewer) -> FileData:
        """As the records want it; raises :class:`Forbidden` for a foreign branch."""
        values = self.model_dump()
        values["numbers"] = tuple(self.numbers)
        values["pending_documents"] = tuple(self.pending_documents)
        if self.home_branch_id is not None:
            viewer.branch_or_own(self.home_branch_id)
        return FileData(**values)


class Draft(BaseModel):
    """As much of a new file as has been typed so far."""

    given: str = Field("", max_length=80)
    family: str = Field("", max_length=80)
    birth_date: date | None = None
    document: str = Field("", max_length=24)
    number: str = Field("", max_length=24)


class NewNote(BaseModel):
    """Something to remember about a patient."""

    text: str = Field(min_length=1, max_length=2000)
    call_id: str | None = Field(None, max_length=36)


class Other(BaseModel):
    """The file to put into this one."""

    merged_id: int


class CallPatient(BaseModel):
    """Who is on the line."""

    patient_id: int


class MergeDone(BaseModel):
    """A merge, and the file that stays; undo it by its id."""

    id: int
    file: PatientFile


def router(
    desk: ClinicDesk, patients: Patients, records: Records, merging: Merging, calls: CallLog
) -> APIRouter:
    """The endpoints: ``desk`` decides what is the viewer's to see."""
    api = APIRouter(tags=["patients"])

    def shown(patient_id: int, viewer: Viewer) -> PatientFile:
        return trimmed(patients.file(patient_id), viewer)

    def own(viewer: Viewer, found: list[Likely]) -> list[Likely]:
        seen = desk.seen_patients(viewer, [one.patient.id for one in found])
        return [one for one in found if one.patient.id in seen]

    @api.get("/patients", summary="Patients by name, number or document, slips allowed")
    def search_patients(
        viewer: User,
        text: Annotated[str, Query(min_length=2, max_length=80)],
        limit: Annotated[int, Query(ge=1, le=50)] = 20,
    ) -> list[PatientHit]:
        return patients.search(text, limit=limit, branch_id=viewer.branch_id)

    @api.post("/patients", status_code=201, summary="A new file")
    def create_patient(form: FileForm, viewer: User) -> PatientFile:
        data = form.data(viewer)
        if data.home_branch_id is None:
            data = replace(data, home_branch_id=viewer.branch_id)
        return shown(records.create(data, agent=viewer.username).id, viewer)

    @api.get("/patients/duplicates", summary="Files that may be of the same person as a draft")
    def likely_patients(draft: Annotated[Draft, Query()], viewer: User) -> list[Likely]:
        data = FileData(
            draft.given, draft.family, draft.birth_date, draft.document, (draft.number,)
        )
        return own(viewer, records.duplicates(data))

    @api.get("/patients/{patient_id}", summary="A patient's file")
    def patient_file(patient_id: int, viewer: User) -> PatientFile:
        desk.demand_patient(viewer, patient_id)
        return shown(patient_id, viewer)

    @api.put("/patients/{patient_id}", summary="Write a file anew")
    def edit_patient(patient_id: int, form: FileForm, viewer: User) -> PatientFile:
        desk.demand_patient(viewer, patient_id)
        data = form.data(viewer)
        records.edit(patient_id, data, agent=viewer.username)
        return shown(patient_id, viewer)

    @api.post("/patients/{patient_id}/notes", status_code=201, summary="Add a note")
    def add_note(patient_id: int, note: NewNote, viewer: User) -> PatientFile:
        desk.demand_patient(viewer, patient_id)
        desk.demand_call(viewer, note.call_id)
        records.add_note(
            patient_id,
            note.text,
            user_id=viewer.id,
            agent=viewer.username,
            call_id=note.call_id,
        )
        return shown(patient_id, viewer)

    @api.get("/patients/{patient_id}/duplicates", summary="Files that may be the same person")
    def duplicates(patient_id: int, viewer: User) -> list[Likely]:
        desk.demand_patient(viewer, patient_id)
        return own(viewer, records.duplicates_of(patient_id))

    @api.post("/patients/{patient_id}/merge", summary="Put another file into this one")
    def merge_patients(patient_id: int, other: Other, viewer: User) -> MergeDone:
        desk.demand_patient(viewer, patient_id)
        desk.demand_patient(viewer, other.merged_id)
        done = merging.merge(patient_id, other.merged_id, viewer)
        return MergeDone(id=done, file=shown(patient_id, viewer))

    @api.post("/merges/{merge_id}/undo", summary="Take two files apart again")
    def undo_merge(merge_id: int, viewer: User) -> PatientFile:
        desk.demand_patient(viewer, merging.kept_by(merge_id))
        return shown(merging.undo(merge_id, viewer), viewer)

    @api.put("/calls/{call_id}/patient", status_code=204, summary="Say who is on the line")
    def identify_caller(call_id: str, who: CallPatient, viewer: User) -> None:
        desk.demand_call(viewer, call_id)
        desk.demand_patient(viewer, who.patient_id)
        calls.set_patient(call_id, who.patient_id, "agent")

    return api


def trimmed(file: PatientFile, viewer: Viewer) -> PatientFile:
    """The file without tickets and calls of branches that are not the viewer's."""
    return replace(
        file,
        tickets=tuple(x for x in file.tickets if viewer.sees_branch(x.branch_id)),
        calls=tuple(x for x in file.calls if viewer.sees_branch(x.branch_id)),
    )
