"""Nobody reads what is not theirs: every endpoint, by every role, from the other branch."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import httpx
import pytest
from sqlalchemy import select

from ivr.agents.model import SupervisorAction
from ivr.agents.viewer import viewer_of
from ivr.clinic.merging import Merging
from ivr.clinic.model import Appointment, Patient
from ivr.clinic.schemas import SlotQuery
from ivr.consent.ledger import Ledger
from ivr.database import Base
from ivr.flow import events as e
from ivr.tickets.service import Tickets
from ivr.web.audience import COUNTED, OF_BRANCH
from tests.queues.kept_places import keep_place
from tests.web.conftest import MADRID, MEXICO, PASSWORD, Console, OpenScreen

OPEN = {
    ("POST", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("GET", "/api/v1/demo-phone"),
    ("POST", "/api/v1/demo-phone"),
}
"""What needs no login: logging in, and the phone of the made-up clinic."""

SUPERVISORS = ("/api/v1/room", "/api/v1/reports")
SELF = {
    "/api/v1/session",
    "/api/v1/me/password",
    "/api/v1/me/presence",
    "/api/v1/phone",
    "/api/v1/demo-phone",
}
"""What only concerns the one who asks."""

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


@dataclass(frozen=True)
class Endpoint:
    """One operation of the OpenAPI document."""

    method: str
    path: str
    schema: dict[str, Any] | None = field(repr=False)
    schemas: dict[str, Any] = field(repr=False)

    def asked(self, browser: httpx.Client, madrid: Madrid) -> httpx.Response:
        """The answer to a well-formed request for Madrid's things."""
        body = None if self.schema is None else madrid.body(self.schema, self.schemas)
        return browser.request(
            self.method,
            madrid.address(self.path),
            params={"text": "irrepetible", "given": "Casilda", "family": "Irrepetible"},
            json=body,
        )


def endpoints(console: Console) -> Iterator[Endpoint]:
    with console.browser() as browser:
        document = browser.get("/api/v1/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            yield Endpoint(method.upper(), path, schema, document["components"]["schemas"])


def everything(console: Console) -> dict[str, list[Any]]:
    """All rows that belong to the clinic or its callers."""
    left_out = ("login", "known_device", "event", "procrastinate", "alembic")
    with console.database.transaction() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
            if not table.name.startswith(left_out)
        }


def test_without_a_login_only_the_login_and_the_demo_answer(
    console: Console, madrid: Madrid
) -> None:
    before = everything(console)
    with console.browser() as stranger:
        for endpoint in endpoints(console):
            answer = endpoint.asked(stranger, madrid)
            if (endpoint.method, endpoint.path) in OPEN:
                assert answer.status_code != 401, endpoint.path
            else:
                assert answer.status_code == 401, endpoint
            assert "Irrepetible" not in answer.text
    assert everything(console) == before


def test_an_agent_of_the_other_branch_finds_and_changes_nothing_of_this_one_anywhere(
    console: Console, madrid: Madrid
) -> None:
    walked = 0
    before = everything(console)
    with console.browser("diego") as diego:
        for endpoint in endpoints(console):
            if endpoint.path in SELF or endpoint.path.startswith("/api/v1/me/"):
                continue
            answer = endpoint.asked(diego, madrid)
            if "{" in endpoint.path:
                refused = 403 if endpoint.path.startswith(SUPERVISORS) else 404
                assert answer.status_code == refused, f"{endpoint}: {answer.text}"
            elif endpoint.method != "GET":
                assert answer.status_code in (403, 404), f"{endpoint}: {answer.text}"
            for secret in ("Irrepetible", SECRET_NUMBER, SECRET_NUMBER[3:]):
                assert secret not in answer.text, endpoint
            walked += 1
    assert walked >= 25
    assert everything(console) == before


def test_a_supervisor_of_the_other_branch_finds_and_changes_nothing_of_this_one_anywhere(
    console: Console, madrid: Madrid
) -> None:
    console.services.accounts.create(
        "teresa", PASSWORD, name="Teresa", role="supervisor", branch_id=MEXICO
    )
    waiting = console.call(SECRET_NUMBER, caller_name=SECRET_NAME)
    console.happens(
        waiting,
        e.LegStarted(channel="PJSIP/trunk-1", kind="caller"),
        e.PatientIdentified(patient_id=madrid.patient_id, how="phone_and_birth_date"),
        e.QueueJoined(queue="recepcion"),
    )
    lucia = next(x for x in console.services.accounts.users() if x.username == "lucia")
    marta = next(x for x in console.services.accounts.users() if x.username == "marta")
    with console.database.transaction() as session:
        session.add(
            SupervisorAction(
                at=console.clock.now(),
                user_id=marta.id,
                action="call.listen",
                agent=lucia.username,
                call_id=madrid.call_id,
                note=f"Atendía a {SECRET_NAME}",
            )
        )
    walked = 0
    before = everything(console)
    asked = replace(madrid, call_id=waiting)
    with console.browser("teresa") as teresa:
        for endpoint in endpoints(console):
            if endpoint.path in SELF or endpoint.path.startswith("/api/v1/me/"):
                continue
            for theirs in (madrid, asked) if "call_id" in endpoint.path else (madrid,):
                answer = endpoint.asked(teresa, theirs)
                if "{" in endpoint.path or endpoint.method != "GET":
                    assert answer.status_code in (403, 404), f"{endpoint}: {answer.text}"
                for secret in ("Irrepetible", SECRET_NUMBER, SECRET_NUMBER[3:]):
                    assert secret not in answer.text, endpoint
                walked += 1
    assert walked >= 25
    assert everything(console) == before


def test_an_agent_of_the_same_branch_reads_no_call_of_somebody_else_anywhere(
    console: Console, madrid: Madrid
) -> None:
    walked = 0
    before = everything(console)
    with console.browser("lucia") as lucia:
        for endpoint in endpoints(console):
            body = {} if endpoint.schema is None else madrid.body(endpoint.schema, endpoint.schemas)
            named = {"call_id", "recording_id"} & {*re.findall(r"{(\w+)}", endpoint.path), *body}
            listed = endpoint.path in ("/api/v1/calls", "/api/v1/calls/live")
            if not named and not listed:
                continue
            answer = endpoint.asked(lucia, madrid)
            if named:
                assert answer.status_code in (403, 404), f"{endpoint}: {answer.text}"
            for secret in ("Irrepetible", SECRET_NUMBER, madrid.call_id):
                assert secret not in answer.text, endpoint
            walked += 1
    assert walked >= 12
    assert everything(console) == before


def test_no_event_of_a_call_carries_anything_of_it_to_an_agent_of_the_branch_who_is_not_in_it(
    console: Console, madrid: Madrid, screen: OpenScreen
) -> None:
    """Every type of event there is, with every personal field filled. The branch's agenda,
    files and tasks are hers, whichever call changes them."""
    with screen("lucia") as lucia:
        assert SECRET_NUMBER not in json.dumps(lucia.message("snapshot"))
        call = console.call(SECRET_NUMBER, caller_name=SECRET_NAME)
        last = 0
        for kind in get_args(get_args(e.Event)[0]):
            if kind in (e.CallStarted, e.CallEnded):
                continue
            event = kind.model_validate({**_filled(kind, madrid), **_by_mario(kind)})
            last = console.stream.publish(event, call_id=call, branch_id=MADRID)
        last = console.stream.publish(e.AttemptChanged(attempt_id=1, status="x"))
        got = lucia.events(last)
    for event in got:
        assert "Irrepetible" not in json.dumps(event), event
        assert SECRET_NUMBER not in json.dumps(event), event
    assert {event["data"]["type"] for event in got} <= COUNTED | OF_BRANCH | {"attempt.changed"}


def _by_mario(kind: type[e.EventBase]) -> dict[str, str]:
    return {name: "mario" for name in ("agent", "to", "by") if name in kind.model_fields}


def test_no_event_of_another_branch_carries_anything_of_its_patients(
    console: Console, madrid: Madrid, screen: OpenScreen
) -> None:
    """Every type of event there is, with every personal field filled."""
    with screen("diego") as diego:
        assert SECRET_NUMBER not in json.dumps(diego.message("snapshot"))
        call = console.call(SECRET_NUMBER, caller_name=SECRET_NAME)
        last = 0
        for kind in get_args(get_args(e.Event)[0]):
            if kind in (e.CallStarted, e.CallEnded):
                continue
            event = kind.model_validate(_filled(kind, madrid))
            last = console.stream.publish(event, call_id=call, branch_id=MADRID)
        last = console.stream.publish(e.AttemptChanged(attempt_id=1, status="x"))
        got = diego.events(last)
    for event in got:
        for secret in ("Irrepetible", SECRET_NUMBER, "patient_id", "starts_at"):
            assert secret not in json.dumps(event), event
    assert {event["data"]["type"] for event in got} <= COUNTED | {"attempt.changed"}


def _filled(kind: type[e.EventBase], madrid: Madrid) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, info in kind.model_fields.items():
        if name == "type" or (not info.is_required() and not info.metadata):
            continue
        first = (get_args(info.annotation) or (None,))[0]
        if any(isinstance(mark, e.PersonalMark) for mark in info.metadata):
            found[name] = [SECRET_NAME] if info.annotation == list[str] else SECRET_NAME
        elif info.annotation in (int, float):
            found[name] = madrid.value(name) or 1
        else:
            found[name] = first if isinstance(first, str) else str(madrid.value(name) or "x")
    return found


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
            file = browser.get(f"/api/v1/patients/{madrid.patient_id}").json()
            assert file["tickets"][0]["id"] == madrid.ticket_id
            tasks = {one["id"]: one for one in browser.get("/api/v1/tickets").json()}
            call_id = tasks[madrid.ticket_id]["call_id"]
            assert call_id == (madrid.call_id if user == "marta" else None)
            places = browser.get("/api/v1/kept-places").json()
            who = "Casilda Irrepetible" if user == "marta" else "Casilda I."
            assert (madrid.place_id, who) in [(one["id"], one["who"]) for one in places]
            call = browser.get(f"/api/v1/calls/{madrid.call_id}")
            assert call.status_code == (200 if user == "marta" else 404)


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
        assert lucia.get(f"/api/v1/calls/{madrid.call_id}").status_code == 404
        console.happens(madrid.call_id, e.AgentConnected(agent="lucia"))
        assert lucia.get(audio).status_code == 200
        detail = lucia.get(f"/api/v1/calls/{madrid.call_id}").json()
        assert detail["recording_files"][0]["audio"] == audio
    with console.browser("marta") as marta:
        assert marta.get(audio).status_code == 200


def test_personal_data_never_gets_into_the_measures(console: Console, madrid: Madrid) -> None:
    with console.browser("lucia") as lucia:
        lucia.get(f"/api/v1/patients/{madrid.patient_id}")
        lucia.get("/api/v1/calls", params={"text": SECRET_NAME})
        text = lucia.get("/metrics").text
    assert 'route="/patients/{patient_id}"' in text
    assert "Casilda" not in json.dumps(text)
