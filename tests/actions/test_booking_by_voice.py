"""Callers who say what they want in their own words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from ivr.clinic.model import Appointment, Professional, ProfessionalHours
from ivr.clinic.schemas import SlotQuery
from tests.actions.conftest import FAMILY, LUCIA
from tests.simulator import Caller, Played

MADRID = ZoneInfo("Europe/Madrid")
BORN = "el catorce de marzo de mil novecientos ochenta y ocho"


def booked(caller: Caller, played: Played) -> Appointment:
    """The call's only booked appointment, with its service and people."""
    with caller.database.transaction() as session:
        query = select(Appointment).where(
            Appointment.call_id == played.call_id, Appointment.status == "booked"
        )
        found = session.scalars(query).one()
        _ = found.service.code, found.professional.family, found.patient
        return found


def local_start(appointment: Appointment) -> datetime:
    assert appointment.during.lower is not None
    return appointment.during.lower.astimezone(MADRID)


def test_everything_in_one_sentence_asks_nothing_it_was_told(caller: Caller) -> None:
    played = caller.call(
        "no", "quería una revisión el jueves por la tarde con la doctora Ruiz", BORN,
        "la primera", "sí", "no gracias", number=LUCIA,
    )  # fmt: skip
    made = booked(caller, played)
    assert made.service.code == "revision"
    assert made.professional.family == "Ruiz Campo"
    assert local_start(made).date().isoformat() == "2026-11-26"
    assert local_start(made).hour >= 14
    assert "cita_servicio" not in played.prompts
    assert "cita_preferencia" not in played.prompts
    assert played.outcome == "completed"


def test_bit_by_bit_with_a_correction(caller: Caller) -> None:
    played = caller.call(
        "no", "una cita", BORN, "limpieza", "el miércoles por la mañana",
        "no, el miércoles no, el jueves", "la de las nueve", "sí", "no", number=LUCIA,
    )  # fmt: skip
    made = booked(caller, played)
    assert made.service.code == "limpieza"
    assert local_start(made).isoformat() == "2026-11-26T09:00:00+01:00"


def test_a_change_of_mind_at_the_confirmation_lets_the_time_go(caller: Caller) -> None:
    played = caller.call(
        "no", "quiero una revisión el miércoles", BORN, "la primera",
        "no, mejor el viernes por la tarde", "la segunda", "sí", "no", number=LUCIA,
    )  # fmt: skip
    assert [e["change"] for e in played.of("appointment.changed")] == [
        "held", "released", "held", "booked",
    ]  # fmt: skip
    made = booked(caller, played)
    assert local_start(made).date().isoformat() == "2026-11-27"
    assert local_start(made).hour >= 14


@pytest.mark.parametrize("words", ["mmm", "quizás", "no sé", "quién sabe"])
def test_an_unclear_answer_never_books(caller: Caller, words: str) -> None:
    played = caller.call(
        "no", "quiero una revisión mañana", BORN, "la primera", words, "hangup", number=LUCIA
    )
    assert [e["change"] for e in played.of("appointment.changed")] == ["held", "released"]


def test_a_yes_that_was_barely_heard_never_books(caller: Caller) -> None:
    played = caller.call(
        "no", "quiero una revisión mañana", BORN, "la primera", "sí ~0.3", "hangup", number=LUCIA
    )
    assert "booked" not in [e["change"] for e in played.of("appointment.changed")]


def test_when_nothing_suits_the_nearest_is_offered_and_said_to_be_other(caller: Caller) -> None:
    service = caller.services.directory.services()[0]
    agenda = caller.services.agenda
    day = datetime(2026, 11, 24, tzinfo=UTC).date()
    taken = SlotQuery(service.id, date_from=day, date_to=day, limit=200, spread=False)
    while slots := agenda.find_slots(taken):
        agenda.hold(slots[0], call_id=None, seconds=3600)
    played = caller.call("no", "quiero una revisión mañana", BORN, "hangup", number=LUCIA)
    assert "huecos_ninguno_ampliado" in played.prompts
    assert not any("veinticuatro de noviembre" in text for text in played.said[-1:])


def test_an_hour_that_may_be_two_is_offered_as_both(caller: Caller) -> None:
    played = caller.call(
        "no", "quiero una revisión el lunes o el martes", BORN, "hangup", number=LUCIA
    )
    offered = played.said[-1]
    assert "lunes treinta" in offered and "martes veinticuatro" in offered


def test_a_mother_books_for_her_child(caller: Caller) -> None:
    played = caller.call(
        "no", "llamo para pedir cita para mi hijo", "dos de febrero de dos mil quince",
        "una revisión", "mañana por la mañana", "la segunda", "sí", "no", number=FAMILY,
    )  # fmt: skip
    patient = booked(caller, played).patient
    assert patient is not None and patient.given == "Hugo"


def test_a_new_caller_leaves_name_and_is_booked(caller: Caller) -> None:
    played = caller.call(
        "no", "quiero una cita", "sí, es la primera vez", "Carmen Sevilla Mora", "sí",
        "tres de mayo de mil novecientos ochenta", "revisión", "lo antes posible", "la primera",
        "sí", "no", number="+34611222333",
    )  # fmt: skip
    patient = booked(caller, played).patient
    assert patient is not None
    assert (patient.given, patient.family) == ("Carmen", "Sevilla Mora")
    assert patient.provisional


def test_a_red_flag_in_the_middle_of_a_booking_goes_first_to_a_person(caller: Caller) -> None:
    played = caller.call(
        "no", "quiero una revisión mañana", BORN, "la primera", "ay, no puedo respirar",
        number=LUCIA,
    )  # fmt: skip
    assert played.of("red_flag.heard")[0]["level"] == "emergency"
    assert "112" in played.said[-1]
    transferred = played.of("call.transferred")[0]
    assert (transferred["kind"], transferred["priority"]) == ("queue", 10)
    assert [e["change"] for e in played.of("appointment.changed")] == ["held", "released"]


def test_what_is_denied_is_no_red_flag(caller: Caller) -> None:
    played = caller.call(
        "no", "quiero una cita, no me cuesta respirar ni nada, es una revisión", number=LUCIA
    )
    assert not played.of("red_flag.heard")


def test_pain_that_can_wait_for_an_hour_is_offered_the_first_one(caller: Caller) -> None:
    played = caller.call(
        "no", "me duele muchísimo una muela", "la primera hora", BORN, "revisión", "la primera",
        "sí", "no", number=LUCIA,
    )  # fmt: skip
    assert local_start(booked(caller, played)).date().isoformat() == "2026-11-23"


def test_a_person_comes_on_demand_from_anywhere(caller: Caller) -> None:
    turns = ["no", "quiero una revisión", BORN, "mañana", "la primera"]
    for asked in range(len(turns) + 1):
        played = caller.call(*turns[:asked], "quiero hablar con una persona", number=LUCIA)
        assert played.of("person.requested")[0]["how"] == "voice"
        assert played.of("call.transferred")[0]["name"] == "recepcion"


def test_repeat_and_slower_say_it_again_and_cost_nothing(caller: Caller) -> None:
    played = caller.call(
        "no", "repita por favor", "más despacio", "repita", "no le he oído", "otra vez por favor",
        "adiós", number=LUCIA,
    )  # fmt: skip
    assert played.prompts.count("menu_principal") == 6
    assert not played.of("turn.not_understood")
    assert played.outcome == "completed"


def test_back_returns_to_the_question_before(caller: Caller) -> None:
    played = caller.call(
        "no", "quiero una revisión mañana por la mañana", BORN, "la primera", "atrás", "atrás",
        "el jueves", "la primera", "sí", "no", number=LUCIA,
    )  # fmt: skip
    assert local_start(booked(caller, played)).date().isoformat() == "2026-11-26"


def test_another_wish_in_the_middle_is_followed_and_the_time_let_go(caller: Caller) -> None:
    played = caller.call(
        "no", "quiero una revisión mañana", BORN, "la primera", "¿cuánto cuesta una limpieza?",
        "no", number=LUCIA,
    )  # fmt: skip
    assert "respuesta" in played.prompts
    assert [e["change"] for e in played.of("appointment.changed")] == ["held", "released"]


def test_a_caller_who_only_coughs_gets_keys_and_then_a_person(caller: Caller) -> None:
    played = caller.call("no", "noise", "noise", "noise", number=LUCIA)
    assert "usar_teclas" in played.prompts
    assert played.of("call.transferred")


def test_without_a_recognizer_the_booking_goes_on_by_keys(caller: Caller) -> None:
    from ivr.actions.simulation import play
    from ivr.flow.simulate import TextPhone

    def lines() -> "list[str]":
        return ["dtmf:1", "dtmf:14031988", "dtmf:1", "dtmf:1", "dtmf:1", "dtmf:1", "dtmf:2"]

    class Deafened(TextPhone):
        def listen(self, text, expect):  # type: ignore[no-untyped-def]
            if "ermite grabar" not in text and self.can_hear:
                self.can_hear = False
                return super().listen(text, expect)
            return super().listen(text, expect)

    phone = Deafened(iter(["dtmf:2", "quiero una cita", *lines()]))
    call_id, _ = play(caller.services, caller.library, iter(()), number=LUCIA, phone=phone)
    played = caller.played(call_id, phone)
    assert played.prompts.count("voz_no_disponible") == 1
    assert booked(caller, played).service.code == "revision"


def test_two_doctors_of_one_name_are_asked_back_and_not_guessed(caller: Caller) -> None:
    with caller.database.transaction() as session:
        known = session.scalars(select(Professional).where(Professional.family == "Ruiz Campo"))
        elena = known.one()
        ana = Professional(
            title="doctora",
            given="Ana",
            family="Ruiz Peña",
            specialty="dental",
            services=list(elena.services),
        )
        session.add(ana)
        session.flush()
        for hours in session.scalars(
            select(ProfessionalHours).where(ProfessionalHours.professional_id == elena.id)
        ).all():
            session.add(
                ProfessionalHours(
                    professional_id=ana.id,
                    branch_id=hours.branch_id,
                    weekday=hours.weekday,
                    starts=hours.starts,
                    ends=hours.ends,
                )
            )
    played = caller.call(
        "no", "quería una revisión el jueves por la tarde con la doctora Ruiz", BORN,
        "con Elena Ruiz Campo", "la primera", "sí", "no gracias", number=LUCIA,
    )  # fmt: skip
    assert "cita_profesional_teclas" in played.prompts
    assert booked(caller, played).professional.family == "Ruiz Campo"
