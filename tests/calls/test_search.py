"""Calls looked for by a name, said or likely."""

import pytest

from ivr.agents.viewer import Viewer
from ivr.calls.desk import CallDesk, CallFilter
from ivr.calls.log import CallLog
from ivr.clinic.patients import Patients
from ivr.database import Database
from ivr.flow.events import CallStarted, PatientIdentified
from tests.clinic.world import World
from tests.plans import plans

MARTA = Viewer(1, "marta", "Marta", "supervisor", None)
OF_NOBODY = "+34600000077"
CLINIC = "+34910000001"


@pytest.fixture
def number(patients: Patients, world: World) -> str:
    """Berta's alone, while Ana and Luis share theirs."""
    patients.create_provisional("Berta", "Gil Soler", "+34600000033", branch_id=world.madrid)
    return "+34600000033"


def call(log: CallLog, number: str, *, out: bool = False, name: str = "") -> str:
    ani, dnis = (CLINIC, number) if out else (number, CLINIC)
    started = CallStarted(
        direction="outbound" if out else "inbound",
        flow="recepcion",
        flow_version="1",
        language="es-ES",
        ani=ani,
        dnis=dnis,
        caller_name=name,
    )
    made = log.start(started)
    log.finish(made, "completed")
    return made


def found(database: Database, text: str, viewer: Viewer = MARTA) -> set[str]:
    page = CallDesk(database).page(viewer, CallFilter(text=text))
    assert page.total == len(page.calls)
    return {one.id for one in page.calls}


def test_the_name_of_who_called_or_was_called_is_found_said_shown_or_likely(
    database: Database, call_log: CallLog, number: str, world: World
) -> None:
    came, went = call(call_log, number), call(call_log, number, out=True)
    shown = call(call_log, OF_NOBODY, name="Bertam S. L.")
    said = call(call_log, OF_NOBODY)
    call_log.append(said, PatientIdentified(patient_id=world.ana, how="phone_and_birth_date"))
    call(call_log, "+34600000009")
    assert found(database, "ERTA g") == {came, went}
    assert found(database, "berta") == {came, went, shown}
    assert found(database, "Ana Gil") == {said}
    assert found(database, "gil") == {came, went, said}
    assert found(database, "nadie así") == set()
    assert found(database, "g%l") == set()


def test_who_is_known_to_have_called_is_not_looked_for_by_the_number(
    database: Database, call_log: CallLog, number: str, world: World
) -> None:
    taken = call(call_log, number)
    call_log.append(taken, PatientIdentified(patient_id=world.ana, how="phone_and_birth_date"))
    assert found(database, "berta") == set()
    assert found(database, "ana") == {taken}


def test_a_likely_name_is_looked_for_among_those_the_viewer_may_see(
    database: Database, call_log: CallLog, number: str, world: World
) -> None:
    made = call(call_log, number)
    own = Viewer(2, "teresa", "Teresa", "supervisor", world.madrid)
    other = Viewer(3, "diego", "Diego", "supervisor", world.mexico)
    assert found(database, "berta", own) == {made}
    assert found(database, "berta", other) == set()


def test_calls_are_found_by_a_name_without_reading_all_of_them(
    database: Database, number: str
) -> None:
    desk, wanted = CallDesk(database), CallFilter(text="berta")
    asked = plans(database, lambda: desk.page(MARTA, wanted))
    (counted,) = [plan for plan in asked if plan.startswith("Aggregate") and "on call " in plan]
    for index in ("ix_call_patient", "ix_call_ani", "ix_call_dialled", "ix_call_named"):
        assert f"on {index} " in counted
