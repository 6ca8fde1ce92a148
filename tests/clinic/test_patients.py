"""Who is calling, and finding a file in spite of mistakes."""

from datetime import date

import pytest
from sqlalchemy import select

from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clinic import search
from ivr.clinic.agenda import Agenda
from ivr.clinic.model import Patient, PatientPhone
from ivr.clinic.patients import Patients
from ivr.clinic.schemas import SlotQuery
from ivr.clock import FixedClock
from ivr.consent.ledger import Ledger
from ivr.database import Database
from ivr.errors import InvalidInput, NotFound
from ivr.flow.events import CallStarted
from ivr.language.documents import check_letter
from ivr.tickets.service import Tickets
from tests.clinic.world import World

FAMILY = "+34600000009"


def test_a_family_shares_a_number_and_the_birth_date_tells_them_apart(
    patients: Patients, world: World
) -> None:
    assert {p.id for p in patients.by_number(FAMILY)} == {world.ana, world.luis}
    (found,) = patients.by_number_and_birth_date(FAMILY, date(2015, 2, 3))
    assert found.id == world.luis
    assert patients.by_number_and_birth_date(FAMILY, date(2015, 2, 4)) == []
    assert patients.by_number("") == []


def test_a_new_caller_becomes_a_provisional_patient_once(patients: Patients, world: World) -> None:
    new = patients.create_provisional("Íñigo", "Lasa Zubía", "+34600000100")
    again = patients.create_provisional("iñigo", "lasa zubia", "+34600000100", date(1990, 1, 1))
    brother = patients.create_provisional("Jon", "Lasa Zubía", "+34600000100")
    assert new.provisional and again == new and brother.id != new.id
    assert len(patients.by_number("+34600000100")) == 2
    assert patients.search("Lasa")[0].patient.family == "Lasa Zubía"


@pytest.mark.parametrize("name", ["", "   ", "1234", '"; DROP'])
def test_a_name_keeps_letters_only(patients: Patients, world: World, name: str) -> None:
    try:
        made = patients.create_provisional(name, "", "+34600000101")
    except InvalidInput:
        assert not any(c.isalpha() for c in name)
    else:
        assert made.given == "DROP"


PEOPLE = [
    ("Begoña", "Vázquez Giménez", "99000111K", "+34600000201"),
    ("Guillermo", "Hernández Xirau", "99000222L", "+34600000202"),
    ("Yolanda", "Llorente Quesada", None, "+34600000203"),
    ("José Luis", "de la Huerta Coca", None, "+525550000204"),
    ("Álvaro", "González Jiménez", "99000333C", "+34600000205"),
]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Begoña Vázquez", "Begoña"),
        ("begona bazques jimenes", "Begoña"),
        ("vasquez", "Begoña"),
        ("vazqeuz", "Begoña"),
        ("dazqaez", None),  # two slips
        ("vazuez", "Begoña"),
        ("bego", "Begoña"),
        ("giyermo ernandes", "Guillermo"),
        ("Ghillermo", "Guillermo"),
        ("yorente", "Yolanda"),
        ("keshada", "Yolanda"),
        ("huerta jose", "José Luis"),
        ("600 000 203", "Yolanda"),
        ("+34600000203", "Yolanda"),
        ("600000230", "Yolanda"),
        ("0204", "José Luis"),
        ("99000222L", "Guillermo"),
        ("99000221L", "Guillermo"),
        ("Gonsales", "Álvaro"),
        ("alvaro jimenes gonsales", "Álvaro"),
        ("Jiménez González Álvaro", "Álvaro"),
        ("alvaro gonzlez", "Álvaro"),
        ("Albaro Gonsalez Jimenes", "Álvaro"),
        ("gonz", "Álvaro"),
        ("alvaro gonz", "Álvaro"),
        ("Alvaro Gonzalez Ruiz Jimenez", "Álvaro"),  # a name too many
        ("600000250", "Álvaro"),  # a wrong digit near the end
        ("609000205", "Álvaro"),  # and near the beginning
        ("60000205", "Álvaro"),  # one missing
        ("6000002055", "Álvaro"),  # one too many
        ("000205", "Álvaro"),
        ("99000333C", "Álvaro"),
        ("99000233C", "Álvaro"),
        ("990003333C", "Álvaro"),
        ("600900905", None),  # two wrong digits
        ("zzzz", None),
        ("", None),
    ],
)
def test_a_file_is_found_by_what_reception_types(
    patients: Patients, database: Database, asked: str, found: str | None
) -> None:
    with database.transaction() as session:
        for given, family, document, number in PEOPLE:
            session.add(
                Patient(
                    given=given,
                    family=family,
                    document=document,
                    **search.index(given, family, document, [number]),
                    phones=[PatientPhone(number=number)],
                )
            )
    hits = patients.search(asked)
    assert (hits[0].patient.given if hits else None) == found


@pytest.mark.parametrize(
    ("asked", "document"), [("99010287", "99010287W"), ("x9901028", "X9901028B")]
)
def test_a_document_is_found_without_its_letter_among_many_that_begin_alike(
    patients: Patients, database: Database, asked: str, document: str
) -> None:
    assert check_letter(document[:-1]) == document[-1]
    alike = [f"{document[:5]}{number:03}A" for number in range(300)]
    with database.transaction() as session:
        for one in [*alike, document]:
            given = "Nora" if one == document else "Eva"
            keys = search.index(given, "Sanz", one, [])
            session.add(Patient(given=given, family="Sanz", document=one, **keys))
    assert patients.search(asked)[0].patient.given == "Nora"


def test_the_right_spelling_comes_before_the_like(patients: Patients, database: Database) -> None:
    with database.transaction() as session:
        for family in ("Marina", "Martín", "Marín", "Mariño"):
            session.add(
                Patient(given="Eva", family=family, **search.index("Eva", family, None, []))
            )
    assert patients.search("Eva Marín")[0].patient.family == "Marín"
    assert patients.search("marin")[0].patient.family == "Marín"


def test_only_files_of_the_own_branch_are_found(patients: Patients, world: World) -> None:
    patients.create_provisional("Olga", "Bermejo", "+34600000300", branch_id=world.madrid)
    assert patients.search("bermejo", branch_id=world.madrid)
    assert not patients.search("bermejo", branch_id=world.mexico)


def test_calls_from_their_numbers_that_nobody_was_found_for_are_in_the_file(
    patients: Patients, call_log: CallLog, world: World
) -> None:
    def called(number: str, patient_id: int | None = None) -> str:
        call = call_log.start(
            CallStarted(
                direction="inbound", flow="f", flow_version="1", language="es-ES", ani=number
            )
        )
        if patient_id is not None:
            call_log.set_patient(call, patient_id, "agent")
        call_log.finish(call)
        return call

    unsure, own = called(FAMILY), called("", world.ana)
    called("+34600999999"), called(""), called(FAMILY, world.luis)
    assert {c.id for c in patients.file(world.ana).calls} == {unsure, own}


def test_the_file_tells_an_agent_everything_at_once(
    patients: Patients,
    agenda: Agenda,
    ledger: Ledger,
    call_log: CallLog,
    database: Database,
    clock: FixedClock,
    stream: EventStream,
    world: World,
) -> None:
    slot = agenda.find_slots(SlotQuery(service_id=world.check, limit=1))[0]
    call = call_log.start(
        CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
    )
    call_log.set_patient(call, world.ana, "document")
    booked = agenda.book(agenda.hold(slot, call_id=call).id, patient_id=world.ana, call_id=call)
    ledger.record(
        purpose="recording", decision="refused", how="key", wording_version="v1",
        call_id=call, patient_id=world.ana,
    )  # fmt: skip
    ticket = Tickets(database, clock, stream).open(
        "message", summary="llamar", patient_id=world.ana, call_id=call, audio_s=3.5
    )
    call_log.finish(call)
    file = patients.file(world.ana)
    assert file.next_visits == (booked,) and file.last_visits == ()
    assert [c.decision for c in file.consents] == ["refused"]
    assert [t.reference for t in file.tickets] == [ticket.reference]
    assert [c.id for c in file.calls] == [call]
    assert file.numbers == (FAMILY,)
    Tickets(database, clock, stream).close(ticket.id)
    assert patients.file(world.ana).tickets == ()
    with pytest.raises(NotFound):
        patients.file(999)


def test_by_document_however_it_is_written(patients: Patients, database: Database) -> None:
    with database.transaction() as session:
        session.add(Patient(given="A", family="B", document="99000111K"))
    found = patients.by_document("99.000.111-k")
    assert found is not None and found.given == "A"
    assert patients.by_document("99000112C") is None
    with database.transaction() as session:
        assert session.scalar(select(Patient.search_keys)) == []
