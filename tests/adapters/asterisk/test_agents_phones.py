"""What the real switch tells of the agents' phones, and what it does when told."""

import uuid
from collections.abc import Iterator

import pytest

from ivr.adapters.asterisk.ami import AmiClient
from ivr.adapters.asterisk.ami_packets import parse
from ivr.adapters.asterisk.switchboard import AmiSwitchboard
from ivr.adapters.asterisk.tracker import Tracker
from ivr.agents.machine import Desk, heard
from ivr.errors import NotFound
from ivr.flow import events as e
from tests.adapters.asterisk.conftest import OnThePhone
from tests.adapters.asterisk.manager_wire import until
from tests.adapters.asterisk.test_tracker import Notebook, arrives, following, notebook, tracker

__all__ = ["notebook", "tracker"]


@pytest.fixture
def client(on_the_phone: OnThePhone, tracker: Tracker, notebook: Notebook) -> Iterator[AmiClient]:
    with following(on_the_phone, tracker) as client:
        notebook.present.get(timeout=5)
        yield client


def packet(event: str, **fields: str) -> bytes:
    lines = "".join(f"\r\n{name}: {value}" for name, value in fields.items())
    return f"Event: {event}{lines}".encode()


def test_a_phone_that_rings_in_vain_is_told_with_its_call(notebook: Notebook) -> None:
    tracker, call_id = Tracker(notebook), str(uuid.uuid4())
    for raw in (
        packet("Newchannel", Uniqueid="1.1", Linkedid="1.1", Channel="PJSIP/trunk-00000001"),
        packet("VarSet", Uniqueid="1.1", Variable="AURICULA_CALL", Value=call_id),
        packet("Newchannel", Uniqueid="1.2", Linkedid="1.1", Channel="PJSIP/agent-lucia-00000002"),
        packet("DialBegin", Uniqueid="1.1", DestUniqueid="1.2"),
        packet("AgentRingNoAnswer", Uniqueid="1.1", Interface="PJSIP/agent-lucia"),
        packet("Hangup", Uniqueid="1.2", Cause="16"),
    ):
        tracker.handle(parse(raw))
    assert e.AgentNoAnswer(agent="lucia") in notebook.events(call_id)
    assert notebook.signals == [
        ("lucia", "ringing"),
        ("lucia", "no_answer"),
        ("lucia", "ring_over"),
    ]


def test_a_phone_is_told_once_when_it_goes_and_once_when_it_comes(notebook: Notebook) -> None:
    tracker = Tracker(notebook)
    for status in ("5", "5", "1", "6", "2", "1"):
        tracker.handle(
            parse(packet("QueueMemberStatus", Interface="PJSIP/agent-lucia", Status=status))
        )
    tracker.handle(parse(packet("QueueMemberStatus", Interface="Local/9@people", Status="5")))
    assert notebook.signals == [("lucia", "absent"), ("lucia", "present")]


def test_a_phone_that_goes_in_the_middle_of_a_call_is_gone_after_it(notebook: Notebook) -> None:
    tracker, call_id = Tracker(notebook), str(uuid.uuid4())
    for raw in (
        packet("Newchannel", Uniqueid="1.1", Linkedid="1.1", Channel="PJSIP/trunk-00000001"),
        packet("VarSet", Uniqueid="1.1", Variable="AURICULA_CALL", Value=call_id),
        packet("Newchannel", Uniqueid="1.2", Linkedid="1.1", Channel="PJSIP/agent-lucia-00000002"),
        packet("DialBegin", Uniqueid="1.1", DestUniqueid="1.2"),
        packet("DialEnd", Uniqueid="1.1", DestUniqueid="1.2", DialStatus="ANSWER"),
        packet("QueueMemberStatus", Interface="PJSIP/agent-lucia", Status="5"),
        packet("Hangup", Uniqueid="1.2", Cause="44"),
    ):
        tracker.handle(parse(raw))
    assert [signal for _, signal in notebook.signals] == [
        "ringing",
        "talking",
        "absent",
        "talked",
        "absent",
    ]


def test_a_waiting_caller_who_is_taken_back_has_left_the_queue_for_no_fault_of_theirs(
    notebook: Notebook,
) -> None:
    tracker, call_id = Tracker(notebook), str(uuid.uuid4())
    for raw in (
        packet("Newchannel", Uniqueid="1.1", Linkedid="1.1", Channel="PJSIP/trunk-00000001"),
        packet("VarSet", Uniqueid="1.1", Variable="AURICULA_CALL", Value=call_id),
        packet("QueueCallerJoin", Uniqueid="1.1", Queue="recepcion", Position="1"),
        packet("QueueCallerAbandon", Uniqueid="1.1"),
        packet("QueueCallerLeave", Uniqueid="1.1"),
        packet("VarSet", Uniqueid="1.1", Variable="AURICULA_BACK", Value="lucia"),
    ):
        tracker.handle(parse(raw))
    *_, left, back = notebook.events(call_id)
    assert isinstance(left, e.QueueLeft)
    assert (left.reason, back) == ("other", e.CallTakenBack(agent="lucia"))


def lucia_calls_out(tracker: Tracker, call_id: str, *, answered: bool) -> None:
    """Her own phone is rung and answered, then the number's is."""
    lucia = "PJSIP/agent-lucia-00000001"
    ended = packet("DialEnd", Uniqueid="1.1", DestUniqueid="1.2", DialStatus="ANSWER")
    for raw in (
        packet("Newchannel", Uniqueid="1.1", Linkedid="1.1", Channel=lucia),
        packet("VarSet", Uniqueid="1.1", Variable="__AURICULA_CALL", Value=call_id),
        packet("DialBegin", DestUniqueid="1.1", DestChannel=lucia),
        packet("DialEnd", DestUniqueid="1.1", DialStatus="ANSWER"),
        packet("Newchannel", Uniqueid="1.2", Linkedid="1.1", Channel="PJSIP/trunk-00000002"),
        packet("DialBegin", Uniqueid="1.1", DestUniqueid="1.2"),
        *((ended,) if answered else ()),
        packet("Hangup", Uniqueid="1.2", Cause="16" if answered else "18"),
        packet("Hangup", Uniqueid="1.1", Cause="16"),
    ):
        tracker.handle(parse(raw))


def test_who_calls_out_talks_only_once_the_number_answers(notebook: Notebook) -> None:
    call_id = str(uuid.uuid4())
    lucia_calls_out(Tracker(notebook), call_id, answered=True)
    told = notebook.types(call_id)
    assert told.index("CallAnswered") < told.index("AgentConnected")
    assert told.count("AgentConnected") == 1
    assert [signal for _, signal in notebook.signals] == [
        "ringing",
        "talking",
        "talking",
        "talked",
    ]


def test_a_number_that_nobody_answers_is_no_conversation(notebook: Notebook) -> None:
    call_id = str(uuid.uuid4())
    lucia_calls_out(Tracker(notebook), call_id, answered=False)
    assert not {"CallAnswered", "AgentConnected", "AgentDisconnected"} & {*notebook.types(call_id)}
    desk = Desk(state="available", wish="available")
    states = []
    for signal, about in zip(notebook.signals, notebook.calls, strict=True):
        desk = heard(desk, signal[1], about)
        states.append(desk.state)
    assert states == ["ringing", "on_call", "on_call", "available"]


def test_the_switch_tells_of_a_member_whose_phone_is_not_registered(
    on_the_phone: OnThePhone, client: AmiClient, notebook: Notebook
) -> None:
    switch = AmiSwitchboard(client)
    switch.add_member("recepcion", "PJSIP/agent-lucia", name="lucia", penalty=1, paused=True)
    try:
        until(lambda: ("lucia", "absent") in notebook.signals)
        switch.set_penalty("recepcion", "PJSIP/agent-lucia", 3)
        (queue,) = switch.queues("recepcion")
        (member,) = [one for one in queue.members if one.name == "lucia"]
        assert member.paused
        assert "penalty 3" in on_the_phone.switch.cli("queue show recepcion").lower()
    finally:
        switch.remove_member("recepcion", "PJSIP/agent-lucia")


def test_a_caller_given_a_priority_is_first_in_the_switch_too(
    on_the_phone: OnThePhone, client: AmiClient, notebook: Notebook
) -> None:
    calls = [arrives(on_the_phone, notebook) for _ in range(2)]
    until(lambda: all("QueueJoined" in notebook.types(call) for call in calls))
    switch = AmiSwitchboard(client)
    (queue,) = switch.queues("recepcion")
    last = queue.callers[-1]
    switch.set_priority("recepcion", last.channel, 20)
    (queue,) = switch.queues("recepcion")
    assert (queue.callers[0].channel, queue.callers[0].priority) == (last.channel, 20)
    with pytest.raises(NotFound):
        switch.set_priority("recepcion", "PJSIP/nobody-00000001", 5)
    on_the_phone.switch.cli("channel request hangup all")
