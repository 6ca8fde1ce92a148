"""What an agent's state says when the phone of the console comes and goes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ivr.agents.model import SupervisorAction
from ivr.agents.states import States
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.errors import Conflict
from tests.agents.conftest import CALL, Switch


def test_a_sleeping_laptop_is_away_and_comes_back_as_it_was(states: States, switch: Switch) -> None:
    states.want("lucia", "available")
    states.heard("lucia", "absent")
    assert states.of("lucia").state == "away"
    assert not switch.rings("lucia")
    states.heard("lucia", "present")
    assert states.of("lucia").state == "available"
    states.want("lucia", "paused", "lunch")
    states.heard("lucia", "absent")
    assert states.of("lucia").state == "paused"


def test_an_agent_who_is_signing_on_is_not_signed_off_by_the_news_of_their_phone(
    states: States, switch: Switch
) -> None:
    signed_on = switch.sign_on

    def and_is_heard_of(*values: str, **named: object) -> None:
        signed_on(*values, **named)  # type: ignore[arg-type]
        states.heard("lucia", "present")

    switch.sign_on = and_is_heard_of  # type: ignore[method-assign]
    assert states.phone_there("lucia", begins=True).state == "available"
    assert switch.rings("lucia")


def test_losing_the_page_in_a_call_does_not_end_the_call_of_the_state(states: States) -> None:
    states.want("lucia", "available")
    states.heard("lucia", "talking", CALL)
    states.heard("lucia", "absent")
    assert states.of("lucia").state == "on_call"


def test_nobody_is_available_without_a_phone_whoever_asks(
    states: States, switch: Switch, reception: Database
) -> None:
    states.want("lucia", "available")
    states.heard("lucia", "absent")
    with pytest.raises(Conflict, match="phone is not connected"):
        states.command("lucia", "available", "", by="marta")
    with reception.transaction() as session:
        assert session.scalars(select(SupervisorAction)).all() == []
    assert states.want("lucia", "available").state == "away"
    assert not switch.rings("lucia")
    states.phone_there("lucia", begins=True)
    assert states.of("lucia").state == "available"
    assert switch.rings("lucia")


def test_the_phone_that_went_in_a_pause_or_a_call_is_missed_at_its_end(
    states: States, switch: Switch, clock: FixedClock
) -> None:
    states.want("lucia", "available")
    states.want("lucia", "paused", "lunch")
    states.heard("lucia", "absent")
    assert states.of("lucia").state == "paused"
    with pytest.raises(Conflict, match="phone is not connected"):
        states.command("lucia", "available", "", by="marta")
    assert states.want("lucia", "available").state == "away"
    states.want("mario", "available")
    states.heard("mario", "ringing", CALL)
    states.heard("mario", "absent")
    states.heard("mario", "ring_over", CALL)
    assert states.of("mario").state == "away"
    assert not switch.rings("lucia") and not switch.rings("mario")


def test_no_shift_begins_without_a_phone(states: States, switch: Switch) -> None:
    states.want("lucia", "available")
    states.heard("lucia", "absent")
    states.want("lucia", "off")
    with pytest.raises(Conflict, match="phone is not connected"):
        states.want("lucia", "available")
    assert states.of("lucia").state == "off"
    assert not switch.members


def test_a_pause_without_a_phone_lasts_as_long_as_it_may_and_then_the_shift_is_over(
    states: States, clock: FixedClock
) -> None:
    states.want("lucia", "available")
    states.want("lucia", "paused", "lunch")
    states.want("mario", "available")
    states.want("mario", "paused", "paperwork")
    states.heard("lucia", "absent")
    clock.moment += timedelta(minutes=31)
    states.heard("mario", "absent")
    states.expire()
    assert states.of("lucia").state == "paused"
    clock.moment += timedelta(minutes=14)
    states.expire()
    assert (states.of("lucia").state, states.of("mario").state) == ("off", "paused")
    clock.moment += timedelta(minutes=16)
    states.expire()
    assert states.of("mario").state == "off"


def test_a_pause_goes_on_for_ever_with_the_phone_there(states: States, clock: FixedClock) -> None:
    states.want("lucia", "available")
    states.want("lucia", "paused", "lunch")
    states.heard("lucia", "absent")
    clock.moment += timedelta(minutes=20)
    states.heard("lucia", "present")
    clock.moment += timedelta(hours=2)
    states.expire()
    assert states.of("lucia").state == "paused"
