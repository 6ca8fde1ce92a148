"""Nobody reads what is not theirs: every endpoint, by every role, from the other branch."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from ivr.clinic.model import Appointment, Patient
from ivr.consent.ledger import Ledger
from ivr.flow import events as e
from ivr.tickets.service import Tickets
from tests.web.conftest import MADRID, MEXICO, Console

OPEN = {
    ("POST", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("GET", "/api/v1/demo-phone"),
    ("POST", "/api/v1/demo-phone"),
}
"""What needs no login: logging in, and the phone of the made-up clinic."""

SUPERVISORS = ("/api/v1/room", "/api/v1/reports")

SECRET_NAME = "Casilda Irrepetible"
SECRET_NUMBER = "+34600999888"


@dataclass(frozen=True)
class Madrid:
    """Data of the Madrid branch, all of it about one patient with a name of her own."""

    patient_id: int
    call_id: str
    ticket_id: int
    recording_id: str

    def address(self, template: str) -> str:
        known = {
            "call_id": self.call_id,
            "patient_id": str(self.patient_id),
            "ticket_id": str(self.ticket_id),
            "recording_id": self.recording_id,
            "username": "lucia",
            "queue": "recepcion",
        }
        return re.sub(r"{(\w+)}", lambda name: known[name[1]], template)


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
    return Madrid(patient.id, call, ticket.id, recording.id)


def endpoints(console: Console) -> Iterator[tuple[str, str]]:
    with console.browser() as browser:
        paths = browser.get("/api/v1/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for method in methods:
            yield method.upper(), path


def test_without_a_login_only_the_login_and_the_demo_answer(
    console: Console, madrid: Madrid
) -> None:
    with console.browser() as stranger:
        for method, path in endpoints(console):
            answer = stranger.request(method, madrid.address(path), params={"text": "casilda"})
            if (method, path) in OPEN:
                assert answer.status_code != 401, path
            else:
                assert answer.status_code == 401, f"{method} {path}"
            assert "Irrepetible" not in answer.text


def test_an_agent_of_the_other_branch_finds_nothing_of_this_one_anywhere(
    console: Console, madrid: Madrid
) -> None:
    walked = 0
    with console.browser("diego") as diego:
        for method, path in endpoints(console):
            if path in ("/api/v1/session", "/api/v1/me/password"):
                continue
            answer = diego.request(
                method,
                madrid.address(path),
                params={"text": "irrepetible"},
                json={"code": "booked"} if method == "PUT" else None,
            )
            if "{" in path:
                refused = 403 if path.startswith(SUPERVISORS) else 404
                assert answer.status_code == refused, f"{method} {path}: {answer.text}"
            for secret in ("Irrepetible", SECRET_NUMBER, SECRET_NUMBER[3:]):
                assert secret not in answer.text, f"{method} {path}"
            walked += 1
    assert walked >= 12


def test_asking_for_the_other_branch_by_name_is_refused(console: Console) -> None:
    with console.browser("diego") as diego:
        for path in ("/api/v1/agenda", "/api/v1/calls"):
            answer = diego.get(path, params={"branch_id": MADRID})
            assert answer.status_code == 403
            assert answer.json()["code"] == "forbidden"


def test_the_own_branch_and_the_supervisor_do_find_it(console: Console, madrid: Madrid) -> None:
    for user in ("lucia", "marta"):
        with console.browser(user) as browser:
            found = browser.get("/api/v1/patients", params={"text": "irrepetible"}).json()
            assert [hit["patient"]["id"] for hit in found] == [madrid.patient_id]
            assert browser.get(f"/api/v1/calls/{madrid.call_id}").json()["ani"] == SECRET_NUMBER
            file = browser.get(f"/api/v1/patients/{madrid.patient_id}").json()
            assert file["tickets"][0]["id"] == madrid.ticket_id


def test_a_patient_with_an_appointment_here_is_known_here_too(console: Console) -> None:
    with console.database.transaction() as session:
        visiting = session.scalars(
            select(Patient).where(Patient.home_branch_id == MADRID).limit(1)
        ).one()
        appointment = session.scalars(
            select(Appointment)
            .where(Appointment.patient_id.is_not(None), Appointment.branch_id == MEXICO)
            .limit(1)
        ).one()
        patient_id = visiting.id
    with console.browser("diego") as diego:
        assert diego.get(f"/api/v1/patients/{patient_id}").status_code == 404
        with console.database.transaction() as session:
            session.get_one(Appointment, appointment.id).patient_id = patient_id
        assert diego.get(f"/api/v1/patients/{patient_id}").status_code == 200


def test_an_agent_who_took_a_call_of_another_branch_may_read_that_call(
    console: Console, madrid: Madrid
) -> None:
    call = console.call(SECRET_NUMBER)
    console.happens(
        call,
        e.PatientIdentified(patient_id=madrid.patient_id, how="phone_and_birth_date"),
        e.AgentRinging(agent="diego"),
        e.AgentConnected(agent="diego"),
    )
    with console.browser("diego") as diego:
        assert diego.get(f"/api/v1/calls/{call}").status_code == 200
        assert diego.get(f"/api/v1/patients/{madrid.patient_id}").status_code == 200
        assert diego.get(f"/api/v1/calls/{madrid.call_id}").status_code == 404
        console.log.finish(call, "transferred")
        assert diego.get(f"/api/v1/patients/{madrid.patient_id}").status_code == 404


def test_an_agent_listens_only_to_calls_they_took_and_a_supervisor_to_all(
    console: Console, madrid: Madrid
) -> None:
    audio = f"/api/v1/recordings/{madrid.recording_id}/audio"
    with console.browser("lucia") as lucia:
        assert lucia.get(audio).status_code == 404
        detail = lucia.get(f"/api/v1/calls/{madrid.call_id}").json()
        assert detail["recording_files"][0]["audio"] == ""
        console.happens(madrid.call_id, e.AgentConnected(agent="lucia"))
        assert lucia.get(audio).status_code == 200
    with console.browser("marta") as marta:
        assert marta.get(audio).status_code == 200


def test_personal_data_never_gets_into_the_measures(console: Console, madrid: Madrid) -> None:
    with console.browser("lucia") as lucia:
        lucia.get(f"/api/v1/patients/{madrid.patient_id}")
        lucia.get("/api/v1/calls", params={"text": SECRET_NAME})
        text = lucia.get("/metrics").text
    assert 'route="/patients/{patient_id}"' in text
    assert "Casilda" not in json.dumps(text)
