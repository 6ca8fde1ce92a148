"""What an agent's state says, second by second, and when the phone may ring."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from ivr.agents import machine
from ivr.agents.dispositions import Dispositions
from ivr.agents.machine import NO_ANSWER, TRANSITIONS, Desk
from ivr.agents.model import AgentInterval, User
from ivr.agents.states import States
from ivr.agents.viewer import Viewer
from ivr.calls.log import CallLog
from ivr.calls.stream import EventStream
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.errors import Conflict, InvalidInput, NotFound, Unavailable
from ivr.flow import events as e
from tests.agents.conftest import CALL, Switch, told

STARTED = e.CallStarted(
    direction="inbound", flow="recepcion", flow_version="1", language="es-ES", ani="+34600000009"
)


@pytest.fixture
def call(call_log: CallLog) -> str:
    call_log.start(STARTED, call_id=CALL)
    return CALL


def takes_a_call(states: States, clock: FixedClock, seconds: int = 90) -> None:
    states.heard("lucia", "ringing", CALL)
    clock.moment += timedelta(seconds=6)
    states.heard("lucia", "talking", CALL)
    clock.moment += timedelta(seconds=seconds)
    states.heard("lucia", "talked", CALL)


def viewer(database: Database, username: str) -> Viewer:
    with database.transaction() as session:
        user = session.scalars(select(User).where(User.username == username)).one()
        return Viewer(user.id, username, user.name, "agent", None, extension=user.extension)


def test_a_call_takes_the_agent_through_ringing_talking_and_wrap_up(
    states: States, switch: Switch, clock: FixedClock, stream: EventStream
) -> None:
    states.want("lucia", "available")
    assert switch.rings("lucia")
    takes_a_call(states, clock)
    now = states.of("lucia")
    assert (now.state, now.call_id) == ("wrap_up", CALL)
    assert not switch.rings("lucia")
    clock.moment += timedelta(seconds=29)
    assert states.expire() == 0
    clock.moment += timedelta(seconds=1)
    assert states.expire() == 1
    assert states.of("lucia").state == "available"
    assert switch.rings("lucia")
    assert told(stream) == ["available", "ringing", "on_call", "wrap_up", "available"]


def test_who_does_not_answer_is_paused_for_it_and_comes_back_with_one_button(
    states: States, switch: Switch, clock: FixedClock
) -> None:
    states.want("lucia", "available")
    states.heard("lucia", "ringing", CALL)
    clock.moment += timedelta(seconds=20)
    states.heard("lucia", "no_answer", CALL)
    states.heard("lucia", "ring_over", CALL)
    now = states.of("lucia")
    assert (now.state, now.reason) == ("paused", NO_ANSWER)
    assert switch.silent["lucia"] == NO_ANSWER
    states.want("lucia", "available")
    assert switch.rings("lucia")


def test_a_caller_who_gives_up_while_it_rings_leaves_the_agent_available(
    states: States, switch: Switch
) -> None:
    states.want("lucia", "available")
    states.heard("lucia", "ringing", CALL)
    states.heard("lucia", "ring_over", CALL)
    assert states.of("lucia").state == "available"
    assert switch.rings("lucia")


def test_a_pause_asked_for_in_a_call_begins_after_its_wrap_up(
    states: States, switch: Switch, clock: FixedClock
) -> None:
    states.want("lucia", "available")
    states.heard("lucia", "ringing", CALL)
    states.heard("lucia", "talking", CALL)
    now = states.want("lucia", "paused", "lunch")
    assert (now.state, now.wish, now.wish_reason) == ("on_call", "paused", "lunch")
    assert not switch.rings("lucia")
    states.heard("lucia", "talked", CALL)
    assert states.of("lucia").state == "wrap_up"
    clock.moment += timedelta(seconds=31)
    states.expire()
    now = states.of("lucia")
    assert (now.state, now.reason) == ("paused", "lunch")
    assert now.until == clock.moment + timedelta(minutes=45)


def test_a_consultation_on_the_side_does_not_end_the_call(states: States) -> None:
    states.want("lucia", "available")
    states.heard("lucia", "talking", CALL)
    states.heard("lucia", "talking", "another")
    states.heard("lucia", "talked", "another")
    now = states.of("lucia")
    assert (now.state, now.call_id) == ("on_call", CALL)


def test_the_wrap_up_can_be_extended_but_not_for_ever(states: States, clock: FixedClock) -> None:
    states.want("lucia", "available")
    takes_a_call(states, clock)
    first = states.of("lucia").until
    assert first is not None
    assert states.extend("lucia").until == first + timedelta(seconds=60)
    with pytest.raises(Conflict):
        for _ in range(20):
            states.extend("lucia")
    with pytest.raises(Conflict):
        states.extend("mario")


def test_the_next_call_waits_for_the_disposition_where_the_clinic_requires_one(
    states: States, reception: Database, clock: FixedClock, stream: EventStream, call: str
) -> None:
    dispositions = Dispositions(reception, clock, stream)
    stream.publish(e.AgentRinging(agent="lucia"), call_id=call)
    states.want("lucia", "available")
    takes_a_call(states, clock)
    with pytest.raises(Conflict, match="how the call ended"):
        states.wrapped_up("lucia")
    with pytest.raises(Conflict, match="how the call ended"):
        states.want("lucia", "available")
    lucia = viewer(reception, "lucia")
    with pytest.raises(InvalidInput):
        dispositions.choose(lucia, call, "pending")
    with pytest.raises(InvalidInput):
        dispositions.choose(lucia, call, "invented")
    dispositions.choose(lucia, call, "pending", "Llamar el lunes")
    dispositions.choose(lucia, call, "booked")
    chosen = dispositions.of_call(lucia, call)
    assert chosen is not None and (chosen.code, chosen.note) == ("booked", "")
    assert states.wrapped_up("lucia").state == "available"
    with pytest.raises(NotFound):
        dispositions.choose(viewer(reception, "mario"), call, "booked")


def test_leaving_in_a_call_waits_for_its_end(states: States, switch: Switch) -> None:
    states.want("lucia", "available")
    states.heard("lucia", "talking", "")
    assert states.want("lucia", "off").state == "on_call"
    states.heard("lucia", "talked", "")
    assert states.of("lucia").state == "off"
    assert not switch.members


def test_nobody_is_shown_as_available_while_the_switch_cannot_be_told(
    states: States, switch: Switch
) -> None:
    switch.away = True
    with pytest.raises(Unavailable):
        states.want("lucia", "available")
    assert states.of("lucia").state == "off"


def test_after_a_gap_agents_without_a_call_are_free_and_the_switch_hears_who_pauses(
    states: States, switch: Switch, clock: FixedClock
) -> None:
    states.want("lucia", "available")
    states.heard("lucia", "talking", CALL)
    states.want("mario", "paused", "lunch")
    switch.members.clear()
    switch.silent.clear()
    states.reconcile(busy=())
    assert states.of("lucia").state == "wrap_up"
    assert switch.silent == {"lucia": "wrap_up", "mario": "lunch"}
    assert {agent for agent, _ in switch.members} == {"lucia", "mario"}


def test_a_reason_that_is_not_the_clinics_is_refused(states: States) -> None:
    with pytest.raises(InvalidInput):
        states.want("lucia", "paused", "siesta")


def test_the_database_refuses_two_states_at_one_time(states: States, reception: Database) -> None:
    states.want("lucia", "available")
    overlapping = text(
        "INSERT INTO agent_interval (user_id, state, reason, starts_at, ends_at, changed_by, note)"
        " SELECT user_id, 'paused', '', starts_at, starts_at + interval '1 hour', '', ''"
        " FROM agent_interval"
    )
    with pytest.raises(IntegrityError), reception.transaction() as session:
        session.execute(overlapping)


SIGNALS = st.sampled_from(
    ["ringing", "no_answer", "ring_over", "talking", "talked", "present", "absent"]
)
WISHES = st.sampled_from([("available", ""), ("paused", "lunch"), ("off", "")])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(SIGNALS, WISHES, st.just("wrapped")), max_size=40))
def test_whatever_happens_the_table_of_states_holds(steps: list[object]) -> None:
    desk = Desk()
    for step in steps:
        before = desk
        if isinstance(step, tuple):
            desk = machine.wished(desk, *step)
        elif step == "wrapped":
            desk = machine.wrapped_up(desk)
        else:
            desk = machine.heard(desk, step, CALL)  # type: ignore[arg-type]
        assert desk.state == before.state or desk.state in TRANSITIONS[before.state]
        assert desk.there or desk.state != "available"
        if desk.state in ("wrap_up", "paused", "away"):
            assert desk.silent


def test_the_seconds_of_a_shift_add_up(
    states: States, reception: Database, clock: FixedClock
) -> None:
    begins = clock.moment
    states.want("lucia", "available")
    for _ in range(4):
        clock.moment += timedelta(seconds=37)
        takes_a_call(states, clock, seconds=61)
        clock.moment += timedelta(seconds=45)
        states.expire()
    states.want("lucia", "paused", "lunch")
    clock.moment += timedelta(minutes=45)
    states.want("lucia", "off")
    with reception.transaction() as session:
        order = AgentInterval.starts_at, AgentInterval.id
        rows = session.scalars(select(AgentInterval).order_by(*order)).all()
        total = sum(((r.ends_at or clock.moment) - r.starts_at).total_seconds() for r in rows)
        for one, following in pairwise(rows):
            assert one.ends_at == following.starts_at
    assert total == (clock.moment - begins).total_seconds()
