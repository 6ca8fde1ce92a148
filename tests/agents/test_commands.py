"""What a supervisor changes of an agent's state, and what is said of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ivr.agents.model import SupervisorAction
from ivr.agents.states import States
from ivr.calls.stream import EventStream
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.errors import Conflict
from tests.agents.conftest import CALL, Switch, told


def test_a_supervisor_changes_a_state_with_a_note_that_is_kept(
    states: States, reception: Database, switch: Switch
) -> None:
    with pytest.raises(Conflict):
        states.command("lucia", "paused", "paperwork", by="marta")
    states.want("lucia", "available")
    now = states.command("lucia", "paused", "paperwork", by="marta", note="Ayude en el mostrador")
    assert (now.state, now.changed_by, now.note) == ("paused", "marta", "Ayude en el mostrador")
    assert not switch.rings("lucia")
    with reception.transaction() as session:
        (kept,) = session.scalars(select(SupervisorAction)).all()
        assert (kept.action, kept.agent, kept.note) == (
            "agent.state",
            "lucia",
            "Ayude en el mostrador",
        )


def test_what_a_supervisor_asks_in_a_call_is_told_at_once_and_when_it_begins(
    states: States, stream: EventStream, clock: FixedClock
) -> None:
    states.want("lucia", "available")
    states.heard("lucia", "talking", CALL)
    now = states.command("lucia", "paused", "paperwork", by="marta", note="Venga al mostrador")
    assert (now.state, now.changed_by, now.note) == ("on_call", "", "")
    assert (now.wish, now.wish_by, now.wish_note) == ("paused", "marta", "Venga al mostrador")
    assert told(stream) == ["available", "on_call", "on_call"]
    states.heard("lucia", "talked", CALL)
    clock.moment += timedelta(seconds=31)
    states.expire()
    now = states.of("lucia")
    assert (now.state, now.changed_by, now.note) == ("paused", "marta", "Venga al mostrador")
    assert (now.wish_by, now.wish_note) == ("", "")


def test_what_the_agent_asks_after_the_supervisor_is_the_agents_own(states: States) -> None:
    states.want("lucia", "available")
    states.heard("lucia", "talking", "")
    states.command("lucia", "paused", "paperwork", by="marta", note="Venga al mostrador")
    states.want("lucia", "paused", "lunch")
    states.heard("lucia", "talked", "")
    now = states.of("lucia")
    assert (now.state, now.reason, now.changed_by, now.note) == ("paused", "lunch", "", "")


def test_a_supervisor_who_asks_for_the_pause_that_is_says_so_without_beginning_it_anew(
    states: States, clock: FixedClock
) -> None:
    states.want("lucia", "available")
    since = states.want("lucia", "paused", "lunch").since
    clock.moment += timedelta(minutes=5)
    now = states.command("lucia", "paused", "lunch", by="marta", note="Sin prisa")
    assert (now.since, now.changed_by, now.note) == (since, "marta", "Sin prisa")


def test_who_ended_the_shift_is_told_and_only_the_agent_begins_another(
    states: States, stream: EventStream, switch: Switch
) -> None:
    states.want("lucia", "available")
    states.command("lucia", "off", "", by="marta", note="Puede irse ya")
    now = states.of("lucia")
    assert (now.state, now.changed_by, now.note) == ("off", "marta", "Puede irse ya")
    last = [event.data for event in stream.after(0) if event.type == "agent.state"][-1]
    assert (last["state"], last["by"]) == ("off", "marta")
    states.heard("lucia", "absent")
    assert states.phone_there("lucia", begins=False).state == "off"
    assert states.of("lucia").changed_by == "marta"
    assert not switch.members
    now = states.phone_there("lucia", begins=True)
    assert (now.state, now.changed_by, now.note) == ("available", "", "")
