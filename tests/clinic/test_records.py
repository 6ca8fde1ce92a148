"""Files as reception keeps them: new ones, duplicates, two put together and apart again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from ivr.agents.service import Accounts
from ivr.agents.viewer import Viewer, viewer_of
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clinic.agenda import Agenda
from ivr.clinic.directory import Directory
from ivr.clinic.likeness import Identity, compared
from ivr.clinic.merging import Merging
from ivr.clinic.model import PatientMerge, WaitingListEntry
from ivr.clinic.patients import Patients
from ivr.clinic.records import FileData, Records
from ivr.clinic.schemas import Slot
from ivr.clock import FixedClock
from ivr.consent.ledger import Ledger
from ivr.database import Database
from ivr.errors import Conflict, InvalidInput, NotFound
from ivr.flow.events import CallStarted
from ivr.tickets.service import Tickets
from tests.clinic.world import World

NINE = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""9:00 in Madrid on the next Tuesday."""


@pytest.fixture
def records(
    database: Database, clock: FixedClock, stream: EventStream, directory: Directory
) -> Records:
    return Records(database, clock, stream, directory)


@pytest.fixture
def merging(database: Database, clock: FixedClock, stream: EventStream) -> Merging:
    return Merging(database, clock, stream)


@pytest.fixture
def marta(database: Database, clock: FixedClock) -> Viewer:
    accounts = Accounts(database, clock)
    accounts.create("marta", "una frase bastante larga", name="Marta", role="supervisor")
    return viewer_of(accounts.users()[0])


def test_a_new_file_is_complete_found_at_once_and_told_to_every_screen(
    records: Records, patients: Patients, stream: EventStream, world: World
) -> None:
    made = records.create(
        FileData(
            "  Nuria ", "Ibáñez Cobos", date(1990, 2, 3), "99.000.333-f", ("600 00 07 07",),
            pending_documents=("Volante", " "), home_branch_id=world.madrid,
        ),
        agent="lucia",
    )  # fmt: skip
    assert patients.search("ibanes")[0].patient == made and not made.provisional
    assert patients.by_number("+34600000707") == [made]
    assert patients.by_document("99000333F") == made
    file = patients.file(made.id)
    assert file.pending_documents == ("Volante",)
    (event,) = stream.after(0)
    assert (event.type, event.branch_id) == ("patient.changed", world.madrid)
    assert event.data == {
        "type": "patient.changed", "patient_id": made.id, "change": "created", "agent": "lucia",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (FileData("Nuria", "Ibáñez", document="99000333A"), "wrong_document"),
        (FileData("Nuria", "Ibáñez", numbers=("12",)), "wrong_number"),
        (FileData("Nuria", "Ibáñez", numbers=("seiscientos",)), "wrong_number"),
        (FileData("Nuria", "Ibáñez", date(2030, 1, 1)), "born_in_future"),
        (FileData("123", "Ibáñez"), "invalid_input"),
    ],
)
def test_what_cannot_be_right_is_refused(
    records: Records, world: World, data: FileData, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        records.create(data, agent="lucia")
    assert refused.value.code == code


def test_an_edited_file_is_found_by_what_it_says_now(
    records: Records, patients: Patients, world: World
) -> None:
    new = patients.create_provisional("Nuria", "Ibáñez", "+34600000707")
    data = FileData("Nuria", "Cobos", numbers=("+34600000808",))
    assert not records.edit(new.id, data, agent="lucia").provisional
    assert patients.search("ibañez") == [] and patients.by_number("+34600000707") == []
    assert patients.search("600000808")[0].patient.id == new.id


def test_a_note_keeps_its_author_its_call_and_its_moment(
    records: Records, patients: Patients, marta: Viewer, clock: FixedClock, world: World
) -> None:
    records.add_note(world.ana, "Prefiere martes", user_id=marta.id, agent="marta", call_id=None)
    (note,) = patients.file(world.ana).note_list
    assert (note.text, note.author, note.at) == ("Prefiere martes", "Marta", clock.now())
    with pytest.raises(InvalidInput):
        records.add_note(world.ana, "  ", user_id=marta.id, agent="marta", call_id=None)


ANA = Identity("Ana", "Gil Mora", date(1980, 5, 17), "99000111K", frozenset({"+34600000009"}))


@pytest.mark.parametrize(
    ("other", "suggested", "reason"),
    [
        (Identity("Ana", "Jil Mora", date(1980, 5, 17)), True, "same_name"),
        (Identity("Anna", "Gil", None, "", ANA.numbers), True, "same_phone"),
        (Identity("Ana", "Gil Mora", date(1980, 5, 17), "99000112K"), True, "similar_document"),
        (Identity("Ana María", "Gil Mora", date(1980, 7, 15), "99000111K"), True, "same_document"),
        (Identity("Ana", "Gil Mora", date(1980, 7, 17), "", ANA.numbers), False, ""),
        (Identity("Luis", "Gil Mora", date(1980, 5, 17), "", ANA.numbers), False, ""),
        (Identity("Ana", "Gil Mora", None, "99777888Q"), False, ""),
        (Identity("Ana", "Pérez Ruiz", date(1980, 5, 17)), False, ""),
    ],
    ids=["sound", "phone", "slip", "document", "namesake", "twin", "document differs", "others"],
)
def test_duplicates_are_suggested_and_relatives_are_not(
    other: Identity, suggested: bool, reason: str
) -> None:
    score, reasons = compared(ANA, other)
    assert (score >= 50) is suggested, (score, reasons)
    assert not reason or reason in reasons


def test_while_typing_a_new_file_the_one_that_exists_is_shown(
    records: Records, world: World
) -> None:
    typed = FileData("Anna", "Jil", numbers=("600 000 009",))
    (likely,) = records.duplicates(typed)
    assert likely.patient.id == world.ana and "same_phone" in likely.reasons
    assert records.duplicates(FileData("Zoe", "Quintero", numbers=("600 000 009",))) == []


def test_two_files_put_together_keep_everything_and_can_be_taken_apart(
    records: Records,
    merging: Merging,
    patients: Patients,
    agenda: Agenda,
    call_log: CallLog,
    ledger: Ledger,
    database: Database,
    clock: FixedClock,
    stream: EventStream,
    marta: Viewer,
    world: World,
) -> None:
    twin = patients.create_provisional("Ana", "Gil Mora", "+34600000888", date(1980, 5, 17))
    assert [x.patient.id for x in records.duplicates_of(world.ana)] == [twin.id]
    slot = Slot(world.ruiz, world.madrid, world.check, NINE, NINE + timedelta(minutes=30))
    visit = agenda.schedule(slot, patient_id=twin.id, call_id=None, agent="marta")
    call = call_log.start(
        CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
    )
    call_log.set_patient(call, twin.id)
    call_log.finish(call)
    ledger.record(
        purpose="recording", decision="granted", how="key", wording_version="1", patient_id=twin.id
    )
    Tickets(database, clock, stream).open("callback", patient_id=twin.id)
    records.add_note(twin.id, "De la otra ficha", user_id=marta.id, agent="m", call_id=None)
    with database.transaction() as session:
        for patient in (world.ana, twin.id):
            session.add(
                WaitingListEntry(patient_id=patient, service_id=world.check, created_at=NINE)
            )

    merge = merging.merge(world.ana, twin.id, marta)
    file = patients.file(world.ana)
    assert [x.id for x in file.next_visits] == [visit.id]
    assert [x.id for x in file.calls] == [call] and len(file.consents) == len(file.tickets) == 1
    assert set(file.numbers) == {"+34600000009", "+34600000888"}
    assert [x.text for x in file.note_list] == ["De la otra ficha"]
    assert [(x.id, x.author) for x in file.merges] == [(merge, "Marta")]
    assert [x.patient.id for x in patients.search("gil ana")] == [world.ana]
    assert [x.id for x in patients.by_number("+34600000888")] == [world.ana]
    with pytest.raises(NotFound):
        records.duplicates_of(twin.id)
    with database.transaction() as session:
        row = session.scalars(select(PatientMerge)).one()
        assert row.user_id == marta.id and row.score >= 50 and "same_birth_date" in row.reasons

    records.add_note(world.ana, "Posterior", user_id=marta.id, agent="m", call_id=None)
    assert merging.undo(merge, marta) == world.ana
    kept, apart = patients.file(world.ana), patients.file(twin.id)
    assert kept.next_visits == () and [x.id for x in apart.next_visits] == [visit.id]
    assert kept.numbers == ("+34600000009",) and apart.numbers == ("+34600000888",)
    assert [x.text for x in kept.note_list] == ["Posterior"]
    assert [x.text for x in apart.note_list] == ["De la otra ficha"]
    assert patients.search("600000888")[0].patient.id == twin.id
    with pytest.raises(Conflict):
        merging.undo(merge, marta)


def test_two_who_are_expected_at_the_same_time_are_not_one_person(
    merging: Merging, patients: Patients, agenda: Agenda, marta: Viewer, world: World
) -> None:
    twin = patients.create_provisional("Ana", "Gil Mora", "+34600000888")
    for patient, doctor in ((world.ana, world.ruiz), (twin.id, world.soto)):
        slot = Slot(doctor, world.madrid, world.check, NINE, NINE + timedelta(minutes=30))
        agenda.schedule(slot, patient_id=patient, call_id=None, agent="marta")
    with pytest.raises(Conflict) as refused:
        merging.merge(world.ana, twin.id, marta)
    assert refused.value.code == "patient_busy"
    assert [x.patient_id for x in agenda.upcoming(twin.id)] == [twin.id]
