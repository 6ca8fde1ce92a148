"""Patients who ask about, move and cancel what they have; reminder calls."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from ivr.campaigns.model import Attempt
from ivr.clinic.model import Appointment, Patient
from ivr.clinic.schemas import AppointmentView, SlotQuery
from ivr.clock import FixedClock
from ivr.consent.model import Consent
from ivr.tickets.model import Ticket
from tests.actions.conftest import BORN, LUCIA
from tests.simulator import Caller

SPOKEN = "el catorce de marzo de mil novecientos ochenta y ocho"


def patient_id(caller: Caller, given: str = "Lucía") -> int:
    with caller.database.transaction() as session:
        return session.scalars(select(Patient.id).where(Patient.given == given)).one()


def appointment(caller: Caller, day: date, code: str = "limpieza") -> AppointmentView:
    agenda, directory = caller.services.agenda, caller.services.directory
    service = next(s for s in directory.services() if s.code == code)
    slot = agenda.find_slots(SlotQuery(service.id, date_from=day, date_to=day))[0]
    held = agenda.hold(slot, call_id=None)
    return agenda.book(held.id, patient_id=patient_id(caller), call_id=None)


THURSDAY, FRIDAY = date(2026, 11, 26), date(2026, 11, 27)


def status(caller: Caller, appointment_id: int) -> str:
    return caller.services.agenda.get(appointment_id).status


def test_nothing_is_read_out_before_the_birth_date_is_right(caller: Caller) -> None:
    appointment(caller, THURSDAY)
    played = caller.call("no", "cuándo tengo cita", "uno de enero de mil novecientos noventa",
                         "dos de enero de mil novecientos noventa", number=LUCIA)  # fmt: skip
    assert not any("jueves" in text or "Limpieza" in text for text in played.said)
    assert played.of("call.transferred")


@pytest.mark.parametrize(
    ("turn", "becomes"), [("dtmf:1", "confirmed"), ("dtmf:4", "booked"), ("confirmar", "confirmed")]
)
def test_an_appointment_heard_can_be_confirmed_or_left(
    caller: Caller, turn: str, becomes: str
) -> None:
    made = appointment(caller, THURSDAY)
    played = caller.call("dtmf:2", "dtmf:3", BORN, turn, "dtmf:2", number=LUCIA)
    assert status(caller, made.id) == becomes
    assert played.outcome == "completed"


def test_cancelling_by_keys_asks_once_more(caller: Caller) -> None:
    made = appointment(caller, THURSDAY)
    kept = caller.call("dtmf:2", "dtmf:3", BORN, "dtmf:3", "dtmf:2", number=LUCIA)
    assert "cita_sigue" in kept.prompts
    assert status(caller, made.id) == "booked"
    caller.call("dtmf:2", "dtmf:3", BORN, "dtmf:3", "dtmf:1", number=LUCIA)
    assert status(caller, made.id) == "cancelled"


def test_the_appointment_of_the_day_named_is_the_one_cancelled(caller: Caller) -> None:
    thursday, friday = appointment(caller, THURSDAY), appointment(caller, FRIDAY)
    caller.call("no", "quiero anular la cita del viernes", SPOKEN, "sí", "no", number=LUCIA)
    assert status(caller, thursday.id) == "booked"
    assert status(caller, friday.id) == "cancelled"


def test_of_several_appointments_one_is_chosen_by_key(caller: Caller) -> None:
    thursday, friday = appointment(caller, THURSDAY), appointment(caller, FRIDAY)
    played = caller.call("dtmf:2", "dtmf:3", BORN, "dtmf:2", "dtmf:1", "dtmf:2", number=LUCIA)
    assert "cual_cita" in played.prompts
    assert (status(caller, thursday.id), status(caller, friday.id)) == ("booked", "confirmed")


def test_moving_uses_everything_said_and_keeps_professional_and_reference(caller: Caller) -> None:
    made = appointment(caller, THURSDAY)
    played = caller.call(
        "no", "quería cambiar la cita del jueves al viernes por la tarde", SPOKEN, "la primera",
        "sí", "no", number=LUCIA,
    )  # fmt: skip
    moved = caller.services.agenda.get(made.id)
    assert moved.reference == made.reference
    assert moved.professional_id == made.professional_id
    assert moved.starts_at.date() == FRIDAY
    assert moved.starts_at.hour >= 13
    assert "cita_preferencia" not in played.prompts


def test_moving_lets_go_of_the_old_time_only_when_confirmed(caller: Caller) -> None:
    made = appointment(caller, THURSDAY)
    caller.call("no", "quería cambiar mi cita al viernes", SPOKEN, "la primera", "hangup",
                number=LUCIA)  # fmt: skip
    assert caller.services.agenda.get(made.id).starts_at == made.starts_at
    with caller.database.transaction() as session:
        assert "held" not in session.scalars(select(Appointment.status)).all()


def test_who_has_no_appointment_hears_so(caller: Caller) -> None:
    assert "sin_citas" in caller.call("dtmf:2", "dtmf:3", BORN, number=LUCIA).prompts


def test_running_late_tells_reception_how_late(caller: Caller, clock: FixedClock) -> None:
    appointment(caller, date(2026, 11, 23))
    caller.call("no", "voy a llegar tarde", SPOKEN, "veinte minutos", "no", number=LUCIA)
    with caller.database.transaction() as session:
        ticket = session.scalars(select(Ticket)).one()
        assert ticket.kind == "late"
        assert "20 min" in ticket.summary
        assert ticket.due_at is not None and ticket.due_at <= clock.now() + timedelta(minutes=5)


def test_no_more_automatic_calls_is_done_at_once(caller: Caller) -> None:
    caller.call("no", "no me llamen más", "sí", "no", number=LUCIA)
    assert caller.services.ledger.refused("automated_calls", number=LUCIA)


# --- Reminder calls ------------------------------------------------------------------------


@pytest.fixture
def reminder(caller: Caller, clock: FixedClock) -> tuple[Caller, AppointmentView, int]:
    """An attempt that has just been answered."""
    made = appointment(caller, THURSDAY)
    clock.moment = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    (planned,) = caller.services.reminders.plan(THURSDAY)
    assert caller.services.reminders.mark_dialling(planned.id)
    return caller, made, planned.id


@pytest.mark.parametrize(
    ("turns", "becomes", "outcome"),
    [
        (("dtmf:1", BORN, "dtmf:1"), "confirmed", "confirmed"),
        (("sí, soy yo", SPOKEN, "sí, allí estaré"), "confirmed", "confirmed"),
        (("dtmf:1", BORN, "dtmf:2", "dtmf:1"), "cancelled", "cancelled"),
        (("sí", SPOKEN, "no puedo ir, anúlela", "sí"), "cancelled", "cancelled"),
        (("dtmf:1", BORN, "dtmf:3"), "booked", "queue"),
        (("dtmf:1", BORN, "hangup"), "booked", "no_decision"),
        (("dtmf:1", BORN, "silence", "silence", "silence"), "booked", "no_decision"),
        (("dtmf:2",), "booked", "wrong_person"),
        (("dtmf:1", "dtmf:01011990", "dtmf:02011990"), "booked", "wrong_person"),
        (("hangup",), "booked", "no_decision"),
    ],
)
def test_a_reminder_changes_the_agenda_as_the_patient_decides(
    reminder: tuple[Caller, AppointmentView, int],
    turns: tuple[str, ...],
    becomes: str,
    outcome: str,
) -> None:
    caller, made, attempt_id = reminder
    played = caller.call(*turns, number=LUCIA, flow="recordatorio", attempt_id=attempt_id)
    assert status(caller, made.id) == becomes
    attempt = caller.services.reminders.get(attempt_id)
    assert (attempt.status, attempt.outcome) == ("done", outcome)
    assert "automático de Clínica Olmo" in played.said[0]


def test_a_stranger_who_answers_learns_nothing(
    reminder: tuple[Caller, AppointmentView, int],
) -> None:
    caller, _, attempt_id = reminder
    played = caller.call(
        "dtmf:1", "dtmf:01011990", "dtmf:02011990", number=LUCIA, flow="recordatorio",
        attempt_id=attempt_id,
    )  # fmt: skip
    heard = " ".join(played.said).lower()
    assert "limpieza" not in heard and "jueves" not in heard and "prados" not in heard


@pytest.mark.parametrize(
    "turns", [("silence",) * 3, ("ha llamado al buzón de voz", "deje su mensaje", "silence") * 2]
)
def test_an_answering_machine_is_not_put_through_to_reception(
    reminder: tuple[Caller, AppointmentView, int], turns: tuple[str, ...]
) -> None:
    caller, made, attempt_id = reminder
    played = caller.call(*turns, number=LUCIA, flow="recordatorio", attempt_id=attempt_id)
    assert played.outcome == "completed"
    assert played.prompts[-1] == "despedida_breve"
    assert "recordatorio_sin_respuesta" not in played.prompts
    attempt = caller.services.reminders.get(attempt_id)
    assert (attempt.status, attempt.outcome) == ("done", "no_decision")
    assert status(caller, made.id) == "booked"


def test_who_wants_no_more_calls_says_so_in_the_reminder(
    reminder: tuple[Caller, AppointmentView, int],
) -> None:
    caller, made, attempt_id = reminder
    caller.call("no me llamen más", "sí", number=LUCIA, flow="recordatorio", attempt_id=attempt_id)
    with caller.database.transaction() as session:
        consent = session.scalars(select(Consent)).one()
        assert (consent.purpose, consent.decision) == ("automated_calls", "revoked")
        assert session.scalars(select(Attempt.outcome)).one() == "opted_out"
    assert status(caller, made.id) == "booked"
