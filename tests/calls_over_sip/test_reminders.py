"""The clinic calls patients about tomorrow's appointment, and they answer as people do."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from ivr.campaigns.model import Attempt
from ivr.clinic.model import Appointment, Branch, Professional, Service
from tests.calls_over_sip.callers import Patient, Turn, patient
from tests.telephone_network import voices
from tests.telephone_network.network import Behaviour
from tests.telephone_network.person import Person, tone
from tests.telephone_network.player import Player
from tests.telephone_network.system import ClinicSystem
from tests.telephone_network.together import Together
from tests.telephone_network.watch import CallWatch

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]
together = Together()
MAN = voices.VOICES[1]
CANCELLING = (
    "Sí, soy Nuria.",
    "El veintiuno de junio de mil novecientos setenta y nueve.",
    "No voy a poder ir, anúlela, por favor.",
    "Sí, claro.",
)
GREETING = "Hola, ahora no puedo atenderle. Deje su mensaje después de la señal."
voices.will_say(CANCELLING, voice=MAN)
voices.will_say([GREETING])


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
            query = select(Attempt).where(Attempt.appointment_id == self.appointment_id)
            rows = session.scalars(query.order_by(Attempt.step))
            return [(row.status, row.outcome) for row in rows]


_days = iter(range(3, 60))


def reminded(calm: ClinicSystem) -> Reminded:
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
        return Reminded(who, appointment.id, day)


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


@together.test
def test_a_patient_confirms_with_a_key_and_the_agenda_knows_at_once(calm: ClinicSystem) -> None:
    one = reminded(calm)
    person, watch = pick_up(calm, one)
    Player(person, watch).play(
        [Turn("press", "1"), Turn("press", one.patient.birth_keys), Turn("press", "1")]
    )
    assert watch.wait_for_end().outcome == "completed"
    assert one.status(calm) == "confirmed"
    assert one.attempts(calm) == [("done", "confirmed")]


@together.test
def test_a_patient_cancels_by_voice(calm: ClinicSystem) -> None:
    one = reminded(calm)
    person, watch = pick_up(calm, one)
    player = Player(person, watch, voice=MAN)
    player.play([Turn("say", words) for words in CANCELLING])
    watch.wait_for_end()
    assert one.status(calm) == "cancelled"
    assert one.attempts(calm) == [("done", "cancelled")]


@together.test
def test_whoever_is_not_the_patient_learns_nothing(calm: ClinicSystem) -> None:
    one = reminded(calm)
    person, watch = pick_up(calm, one)
    Player(person, watch).play([Turn("press", "2")])
    watch.wait_for_end()
    said = [seen.data["text"] for seen in watch.events() if seen.data["type"] == "prompt.said"]
    assert not any("revisión" in text for text in said)
    assert one.status(calm) == "booked"
    assert one.attempts(calm) == [("done", "wrong_person")]


LATER = ("planned", "")
"""A further try, half an hour later."""


def cannot_be_reached(calm: ClinicSystem, behaviour: Behaviour, *noted: tuple[str, str]) -> None:
    one = reminded(calm)
    calm.network.number(one.patient.number.removeprefix("+"), behaviour)
    calm.remind(one.day)
    calm.until(lambda: one.attempts(calm) == list(noted), f"{noted} noted")
    calm.remind(one.day)
    assert one.attempts(calm) == list(noted)


@together.test
def test_a_busy_line_is_noted_and_dialled_again_only_later(calm: ClinicSystem) -> None:
    cannot_be_reached(calm, "busy", ("failed", "busy"), LATER)


@together.test
def test_a_network_without_a_free_line_is_noted_and_not_dialled_again(calm: ClinicSystem) -> None:
    cannot_be_reached(calm, "congested", ("failed", "unreachable"))


@together.test
def test_a_patient_who_does_not_answer_hears_it_stop_ringing(calm: ClinicSystem) -> None:
    one = reminded(calm)
    person = ring(calm, one)
    person.wait_for_end(60)
    assert person.answered_at is None
    calm.until(lambda: one.attempts(calm) == [("failed", "no_answer"), LATER], "no answer noted")


@together.test
def test_an_answering_machine_is_told_nothing_of_the_appointment(calm: ClinicSystem) -> None:
    one = reminded(calm)
    machine, watch = pick_up(calm, one)
    machine.speak(voices.sentence(GREETING))
    machine.speak(tone(1000, 0.6))
    watch.wait_for_end(90)
    said = [seen.data["text"] for seen in watch.events() if seen.data["type"] == "prompt.said"]
    assert not any("revisión" in text for text in said)
    assert one.status(calm) == "booked"
