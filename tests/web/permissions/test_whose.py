"""What makes a patient, a call or a recording somebody's to read."""

import json

from sqlalchemy import select

from ivr.clinic.model import Appointment, Patient
from ivr.flow import events as e
from tests.web.conftest import MADRID, MEXICO, Console
from tests.web.permissions.conftest import SECRET_NAME, SECRET_NUMBER, Madrid


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
