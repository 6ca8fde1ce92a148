"""Sentences that only this call needs are spoken before the caller has to wait for them."""

from tests.actions.conftest import BORN, FAMILY, HELLO, LUCIA
from tests.simulator import Caller, Played

MY_APPOINTMENTS = ("dtmf:2", "dtmf:3")


def texts(call: Played, prompt: str) -> set[str]:
    return {event["text"] for event in call.of("prompt.said") if event["key"] == prompt}


def booked(caller: Caller) -> Played:
    """Lucía books the first time she is offered: no service named yet, any day, anybody."""
    return caller.call(*HELLO, BORN, "dtmf:1", "dtmf:1", "dtmf:1", "dtmf:1", "dtmf:1", number=LUCIA)


def test_the_time_that_is_read_back_was_spoken_while_the_offer_was_heard(caller: Caller) -> None:
    call = booked(caller)
    assert texts(call, "cita_leer")
    assert texts(call, "cita_leer") <= set(call.phone.foreseen)


def test_a_caller_is_told_their_appointment_without_waiting(caller: Caller) -> None:
    booked(caller)
    call = caller.call(*MY_APPOINTMENTS, BORN, "dtmf:1", number=LUCIA)
    for prompt in ("identificado", "que_hacer_con_la_cita", "cita_queda_confirmada"):
        assert texts(call, prompt)
        assert texts(call, prompt) <= set(call.phone.foreseen)


def test_of_a_family_everybody_s_name_is_ready(caller: Caller) -> None:
    call = caller.call(*MY_APPOINTMENTS, "dtmf:02022015", number=FAMILY)
    assert "Gracias, Hugo." in call.phone.foreseen
    assert "Gracias, Hugo." in call.said
