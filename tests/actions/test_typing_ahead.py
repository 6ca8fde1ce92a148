"""Whoever types ahead saves time, and agrees to nothing that was not read back."""

from collections import deque
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from ivr.actions.simulation import play
from ivr.clinic.model import WaitingListEntry
from ivr.flow.simulate import TextPhone
from ivr.ports import Expectation, Keys, Turn
from tests.actions.conftest import LUCIA
from tests.actions.test_my_appointments import THURSDAY, appointment, status
from tests.simulator import Caller, Played

BORN = "14031988"


class Impatient(TextPhone):
    """``ahead:123`` types all these keys over the question that sounds: they are taken one
    question after the other."""

    def __init__(self, turns: Iterator[str]) -> None:
        super().__init__(turns)
        self._typed: deque[str] = deque()

    def listen(self, text: str, expect: Expectation) -> Turn:
        if expect.fresh:
            self._typed.clear()
        if not self._typed:
            turn = super().listen(text, expect)
            if not isinstance(turn, Keys):
                return turn
            self._typed.extend(turn.digits)
        taken = min(max(1, expect.keys), len(self._typed))
        return Keys("".join(self._typed.popleft() for _ in range(taken)))


def call(
    caller: Caller, *turns: str, flow: str = "recepcion", attempt_id: int | None = None
) -> Played:
    phone = Impatient(iter(turns))
    call_id, _ = play(
        caller.services,
        caller.library,
        iter(()),
        flow=flow,
        number=LUCIA,
        attempt_id=attempt_id,
        phone=phone,
    )
    return caller.played(call_id, phone)


def is_booked(played: Played) -> bool:
    return any(event["change"] == "booked" for event in played.of("appointment.changed"))


def test_a_booking_typed_ahead_is_read_back_before_it_is_written(caller: Caller) -> None:
    by_heart = f"dtmf:21{BORN}11112"
    assert not is_booked(call(caller, by_heart))
    assert is_booked(call(caller, by_heart, "dtmf:1"))


def test_a_key_too_many_over_the_read_back_is_no_yes(caller: Caller) -> None:
    assert not is_booked(call(caller, f"dtmf:21{BORN}111", "dtmf:71"))


@pytest.mark.parametrize("keys", ["1", "31"])
def test_an_appointment_is_heard_before_a_key_confirms_or_cancels_it(
    caller: Caller, keys: str
) -> None:
    made = appointment(caller, THURSDAY)
    call(caller, f"dtmf:23{BORN}{keys}")
    assert status(caller, made.id) == "booked"


def test_cancelling_is_asked_once_more_of_somebody_who_types_on(caller: Caller) -> None:
    made = appointment(caller, THURSDAY)
    call(caller, f"dtmf:23{BORN}", "dtmf:31")
    assert status(caller, made.id) == "booked"


def test_a_reminded_patient_hears_the_appointment_before_a_key_confirms_it(
    caller: Caller,
) -> None:
    made = appointment(caller, THURSDAY)
    (planned,) = caller.services.reminders.plan(THURSDAY)
    assert caller.services.reminders.mark_dialling(planned.id)
    call(caller, f"dtmf:1{BORN}1", flow="recordatorio", attempt_id=planned.id)
    assert status(caller, made.id) == "booked"


def test_nobody_is_put_on_the_waiting_list_unasked(caller: Caller) -> None:
    played = call(caller, "no", "apúnteme en la lista de espera", f"dtmf:{BORN}21")
    assert "espera_leer" in played.prompts
    with caller.database.transaction() as session:
        assert not session.scalars(select(WaitingListEntry)).all()


def test_a_key_pressed_before_the_question_ends_no_calls(caller: Caller) -> None:
    fresh: list[bool] = []
    phone = TextPhone(
        iter(("no", "no me llamen más")), on_listen=lambda expect: fresh.append(expect.fresh)
    )
    play(caller.services, caller.library, iter(()), number=LUCIA, phone=phone)
    assert fresh == [True, False, True]
