"""The clinic calls patients about tomorrow's appointment, and they answer as people do."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from ivr.campaigns.model import Attempt
from ivr.clinic.model import Appointment, Branch, Professional, Service
from tests.calls_over_sip.callers import Patient, Turn, patient
from tests.telephone_network.person import Person, tone
from tests.telephone_network.player import Player
from tests.telephone_network.system import ClinicSystem
from tests.telephone_network.voices import sentence
from tests.telephone_network.watch import CallWatch

pytestmark = pytest.mark.network


@dataclass(frozen=True)
class Reminded:
    """A patient with an appointment that the clinic will call about."""

    patient: Patient
    appointment_id: int
    day: date

    def status(self, system: ClinicSystem) -> str:
        """How the appointment stands."""
        with system.database.transaction() as session:
            return session.get_one(Appointment, self.appointment_id).status

    def attempts(self, system: ClinicSystem) -> list[tuple[str, str]]:
        """What was tried, and what came of it."""
        with system.database.transaction() as session:
            rows = session.scalars(
                select(Attempt).where(Attempt.appointment_id == self.appointment_id)
            )
            return [(row.status, row.outcome) for row in rows]


_days = iter(range(3, 60))


@pytest.fixture
def reminded(calm: ClinicSystem) -> Iterator[Reminded]:
    """Somebody whose appointment is on a day when nobody else has one."""
    who, branch_number = patient(calm, "Nuria", "Soler Vega"), calm.branch()
    with calm.database.transaction() as session:
        branch = session.scalars(select(Branch).where(Branch.phone == branch_number)).one()
        service = session.scalars(select(Service).where(Service.code == "revision")).one()
        professional = session.scalars(
            select(Professional).where(
                Professional.services.contains(service),
                Professional.hours.any(branch_id=branch.id),
            )
        ).first()
        assert professional is not None
        day = datetime.now(ZoneInfo(branch.zone)).date() + timedelta(days=next(_days))
        starts = datetime.combine(day, datetime.min.time(), ZoneInfo(branch.zone)).replace(hour=11)
        appointment = Appointment(
            reference=str(uuid.uuid4().int)[:6],
            patient_id=who.id,
            professional_id=professional.id,
            branch_id=branch.id,
            service_id=service.id,
            during=Range(starts.astimezone(UTC), starts.astimezone(UTC) + timedelta(minutes=30)),
            status="booked",
            created_at=datetime.now(UTC),
        )
        session.add(appointment)
        session.flush()
        one = Reminded(who, appointment.id, day)
    yield one


def ring(system: ClinicSystem, one: Reminded) -> Person:
    """The clinic calls; the patient's telephone rings."""
    number = one.patient.number.removeprefix("+")
    system.network.number(number)
    system.remind(one.day)
    return system.network.rung(number, timeout=30)


def pick_up(system: ClinicSystem, one: Reminded) -> tuple[Person, CallWatch]:
    """The clinic calls and the patient answers."""
    person = ring(system, one)
    person.answer()
    with system.database.transaction() as session:
        call_id = session.scalars(
            select(Attempt.call_id).where(Attempt.appointment_id == one.appointment_id)
        ).one()
    assert call_id is not None
    return person, system.watch(person, call_id)


def test_a_patient_confirms_with_a_key_and_the_agenda_knows_at_once(
    calm: ClinicSystem, reminded: Reminded
) -> None:
    person, watch = pick_up(calm, reminded)
    Player(person, watch).play(
        [Turn("press", "1"), Turn("press", reminded.patient.birth_keys), Turn("press", "1")]
    )
    assert watch.wait_for_end().outcome == "completed"
    assert reminded.status(calm) == "confirmed"
    assert reminded.attempts(calm) == [("done", "confirmed")]


def test_a_patient_cancels_by_voice(calm: ClinicSystem, reminded: Reminded) -> None:
    person, watch = pick_up(calm, reminded)
    Player(person, watch, voice="em_alex").play(
        [
            Turn("say", "Sí, soy Nuria."),
            Turn("say", "El veintiuno de junio de mil novecientos setenta y nueve."),
            Turn("say", "No voy a poder ir, anúlela, por favor."),
            Turn("say", "Sí, claro."),
        ]
    )
    watch.wait_for_end()
    assert reminded.status(calm) == "cancelled"
    assert reminded.attempts(calm) == [("done", "cancelled")]


def test_whoever_is_not_the_patient_learns_nothing(calm: ClinicSystem, reminded: Reminded) -> None:
    person, watch = pick_up(calm, reminded)
    Player(person, watch).play([Turn("press", "2")])
    watch.wait_for_end()
    said = [seen.data["text"] for seen in watch.events() if seen.data["type"] == "prompt.said"]
    assert not any("revisión" in text for text in said)
    assert reminded.status(calm) == "booked"
    assert reminded.attempts(calm) == [("done", "wrong_person")]


@pytest.mark.parametrize("behaviour", ["busy", "congested"])
def test_a_line_that_cannot_be_reached_is_noted_and_not_dialled_again(
    calm: ClinicSystem, reminded: Reminded, behaviour: str
) -> None:
    calm.network.number(reminded.patient.number.removeprefix("+"), behaviour)  # type: ignore[arg-type]
    calm.remind(reminded.day)
    [(status, outcome)] = calm.until(
        lambda: [one for one in reminded.attempts(calm) if one[0] == "failed"], "a failed attempt"
    )
    assert (status, outcome) == ("failed", "busy" if behaviour == "busy" else "unreachable")
    calm.remind(reminded.day)
    assert len(reminded.attempts(calm)) == 1


def test_a_patient_who_does_not_answer_hears_it_stop_ringing(
    calm: ClinicSystem, reminded: Reminded
) -> None:
    person = ring(calm, reminded)
    person.wait_for_end(60)
    assert person.answered_at is None
    calm.until(lambda: reminded.attempts(calm) == [("failed", "no_answer")], "no answer noted")


def test_an_answering_machine_is_told_nothing_of_the_appointment(
    calm: ClinicSystem, reminded: Reminded
) -> None:
    machine, watch = pick_up(calm, reminded)
    machine.speak(sentence("Hola, ahora no puedo atenderle. Deje su mensaje después de la señal."))
    machine.speak(tone(1000, 0.6))
    watch.wait_for_end(90)
    said = [seen.data["text"] for seen in watch.events() if seen.data["type"] == "prompt.said"]
    assert not any("revisión" in text for text in said)
    assert reminded.status(calm) == "booked"
