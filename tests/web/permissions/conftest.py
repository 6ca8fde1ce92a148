"""Data of one branch, to be looked for from outside it."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from ivr.agents.viewer import viewer_of
from ivr.clinic.merging import Merging
from ivr.clinic.schemas import SlotQuery
from ivr.consent.ledger import Ledger
from ivr.flow import events as e
from ivr.tickets.service import Tickets
from tests.queues.kept_places import keep_place
from tests.web.conftest import MADRID, Console

SECRET_NAME = "Casilda Irrepetible"
SECRET_NUMBER = "+34600999888"


@dataclass(frozen=True)
class Madrid:
    """Data of the Madrid branch, all of it about one patient with a name of her own."""

    patient_id: int
    call_id: str
    ticket_id: int
    recording_id: str
    appointment_id: int
    merge_id: int
    place_id: int

    def value(self, name: str) -> Any:
        """What to write where ``name`` is asked for: always Madrid's, always well formed."""
        return {
            "call_id": self.call_id,
            "patient_id": self.patient_id,
            "merged_id": self.patient_id,
            "ticket_id": self.ticket_id,
            "recording_id": self.recording_id,
            "appointment_id": self.appointment_id,
            "merge_id": self.merge_id,
            "place_id": self.place_id,
            "change": "cancel",
            "address": "irrepetible@clinica.example",
            "consents": True,
            "branch_id": MADRID,
            "home_branch_id": MADRID,
            "professional_id": 1,
            "service_id": 1,
            "starts_at": "2026-12-01T10:00:00Z",
            "text": "irrepetible",
            "given": "Casilda",
            "family": "Irrepetible",
            "number": SECRET_NUMBER,
            "due_at": "2026-12-01T10:00:00Z",
            "username": "lucia",
            "queue": "recepcion",
            "code": "booked",
        }.get(name)

    def address(self, template: str) -> str:
        return re.sub(r"{(\w+)}", lambda name: str(self.value(name[1])), template)

    def body(self, schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
        """A well-formed body that asks for Madrid's things wherever it can."""
        schema = schemas[schema["$ref"].split("/")[-1]] if "$ref" in schema else schema
        wanted = {}
        for name, part in schema.get("properties", {}).items():
            value = self.value(name)
            if value is None and name in schema.get("required", ()):
                kinds = {part.get("type"), *(one.get("type") for one in part.get("anyOf", ()))}
                value = 1 if "integer" in kinds else part.get("enum", ["x" * 12])[0]
            if value is not None:
                wanted[name] = value
        return wanted


@pytest.fixture
def madrid(console: Console) -> Madrid:
    services = console.services
    patients = services.patients
    patient = patients.create_provisional("Casilda", "Irrepetible", SECRET_NUMBER, branch_id=MADRID)
    call = console.call(SECRET_NUMBER, caller_name=SECRET_NAME)
    ledger = Ledger(console.database, console.clock, console.stream)
    consent = ledger.record(
        purpose="recording",
        decision="granted",
        how="voice",
        wording_version="1",
        call_id=call,
        patient_id=patient.id,
    )
    recording = services.recordings.begin(call, consent)
    services.recordings.spool.mkdir(parents=True)
    from ivr.web.stage import murmur

    (services.recordings.spool / recording.file_name).write_bytes(murmur(1))
    services.recordings.seal(recording.id)
    console.happens(
        call,
        e.PatientIdentified(patient_id=patient.id, how="phone_and_birth_date"),
        e.TurnHeard(text=f"Soy {SECRET_NAME}", confidence=0.9),
    )
    console.log.finish(call, "completed")
    ticket = Tickets(console.database, console.clock, console.stream).open(
        "message",
        summary=f"Llamar a {SECRET_NAME}",
        number=SECRET_NUMBER,
        patient_id=patient.id,
        call_id=call,
        branch_id=MADRID,
    )
    agenda = services.agenda
    slot = agenda.find_slots(SlotQuery(service_id=1, branch_id=MADRID, limit=1))[0]
    booked = agenda.schedule(slot, patient_id=patient.id, call_id=call, agent="lucia")
    twin = patients.create_provisional("Casilda", "Irrepetible", "+34600999777", branch_id=MADRID)
    merging = Merging(console.database, console.clock, console.stream)
    viewer = next(viewer_of(x) for x in services.accounts.users() if x.username == "marta")
    merge = merging.merge(patient.id, twin.id, viewer)
    kept = keep_place(console.database, SECRET_NUMBER, call, console.clock.now())
    return Madrid(patient.id, call, ticket.id, recording.id, booked.id, merge, kept)
