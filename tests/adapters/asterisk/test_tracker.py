"""The switch as the application follows it: real calls, real manager events."""

import queue
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ivr.adapters.asterisk.agi import AgiSession
from ivr.adapters.asterisk.ami import AmiClient
from ivr.adapters.asterisk.ami_packets import parse
from ivr.adapters.asterisk.members import Signal
from ivr.adapters.asterisk.placed import DialResult
from ivr.adapters.asterisk.switchboard import AmiSwitchboard
from ivr.adapters.asterisk.tracker import _HANDLERS, Tracker
from ivr.config import PROJECT
from ivr.flow import events as e
from ivr.ports import Origination
from tests.adapters.asterisk.conftest import OnThePhone
from tests.adapters.asterisk.manager_wire import until


def local_agent(channel: str) -> str:
    """In these tests the agents' phones are extensions of the context ``agents``."""
    match = re.fullmatch(r"Local/(\w+)@agents-.*;1", channel)
    return match[1] if match else ""


class Notebook:
    """Writes down what the tracker tells."""

    def __init__(self) -> None:
        self.told: list[tuple[str, e.EventBase]] = []
        self.over: list[str] = []
        self.results: list[tuple[str, DialResult]] = []
        self.messages: list[tuple[str | None, str]] = []
        self.signals: list[tuple[str, Signal]] = []
        self.calls: list[str] = []
        self.present: queue.SimpleQueue[frozenset[str]] = queue.SimpleQueue()

    def publish(self, call_id: str, event: e.EventBase) -> None:
        self.told.append((call_id, event))

    def call_over(self, call_id: str) -> None:
        self.over.append(call_id)

    def dialled(self, call_id: str, result: DialResult) -> None:
        self.results.append((call_id, result))

    def message_left(self, call_id: str | None, file: str) -> None:
        self.messages.append((call_id, file))

    def agent(self, username: str, signal: Signal, call_id: str) -> None:
        self.signals.append((username, signal))
        self.calls.append(call_id)

    def reconciled(self, call_ids: frozenset[str], busy: frozenset[str]) -> None:
        self.present.put(call_ids)

    def events(self, call_id: str) -> list[e.EventBase]:
        return [event for told, event in self.told if told == call_id]

    def types(self, call_id: str) -> list[str]:
        return [type(event).__name__ for event in self.events(call_id)]


@contextmanager
def following(line: OnThePhone, tracker: Tracker) -> Iterator[AmiClient]:
    session = AmiClient(
        port=line.switch.ami_port,
        username="auricula",
        secret=line.switch.secret,
        on_event=tracker.handle,
        on_connected=lambda: tracker.reconcile(session),
    )
    session.connect()
    assert session.wait_connected(5)
    try:
        yield session
    finally:
        session.disconnect()


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def tracker(on_the_phone: OnThePhone, notebook: Notebook) -> Tracker:
    switch = on_the_phone.switch
    switch.cli("channel request hangup all")
    until(lambda: "0 active channels" in switch.cli("core show channels"))
    return Tracker(notebook, agent_of=local_agent)


@pytest.fixture
def client(on_the_phone: OnThePhone, tracker: Tracker, notebook: Notebook) -> Iterator[AmiClient]:
    with following(on_the_phone, tracker) as client:
        notebook.present.get(timeout=5)
        yield client


def arrives(
    line: OnThePhone, notebook: Notebook, *, wait_s: int = 30, at: str = "s@reception"
) -> str:
    """A caller is taken by the application and then sent to the queue."""
    call_id = str(uuid.uuid4())
    line.switch.cli(f"dialplan set global QUEUE_WAIT {wait_s}")

    def talk(session: AgiSession) -> None:
        session.set_variable("__AURICULA_CALL", call_id)

    line.arriving(at, talk)
    return call_id


def test_a_caller_reaches_an_agent_and_every_step_is_seen(
    on_the_phone: OnThePhone, client: AmiClient, notebook: Notebook, tracker: Tracker
) -> None:
    board = AmiSwitchboard(client)
    board.add_member("recepcion", "Local/lucia@agents", name="lucia")
    try:
        call_id = arrives(on_the_phone, notebook)
        until(lambda: "AgentConnected" in notebook.types(call_id))
        state = board.queues("recepcion")[0]
        assert [member.name for member in state.members] == ["lucia"]
        assert state.callers == ()
        board.hangup(tracker.channels_of(call_id)[0])
        until(lambda: call_id in notebook.over)
    finally:
        board.remove_member("recepcion", "Local/lucia@agents")
    told = notebook.events(call_id)
    kinds = [type(event) for event in told if not isinstance(event, e.LegAnswered)]
    assert kinds[:2] == [e.LegStarted, e.QueueJoined]
    assert kinds.index(e.AgentRinging) < kinds.index(e.QueueLeft) < kinds.index(e.AgentConnected)
    joined = next(event for event in told if isinstance(event, e.QueueJoined))
    assert (joined.queue, joined.position, joined.priority) == ("recepcion", 1, 10)
    left = next(event for event in told if isinstance(event, e.QueueLeft))
    assert left.reason == "connected"
    agents = [x.agent for x in told if isinstance(x, e.AgentConnected | e.AgentDisconnected)]
    assert agents == ["lucia", "lucia"]
    started = [x.channel for x in told if isinstance(x, e.LegStarted)]
    assert sorted(started) == sorted(x.channel for x in told if isinstance(x, e.LegEnded))


def test_a_caller_who_gives_up_waiting_is_abandoned(
    on_the_phone: OnThePhone, client: AmiClient, notebook: Notebook, tracker: Tracker
) -> None:
    call_id = arrives(on_the_phone, notebook)
    until(lambda: "QueueJoined" in notebook.types(call_id))
    AmiSwitchboard(client).hangup(tracker.channels_of(call_id)[0])
    until(lambda: call_id in notebook.over)
    left = next(x for x in notebook.events(call_id) if isinstance(x, e.QueueLeft))
    assert left.reason == "abandoned"


def test_a_caller_who_waited_too_long_leaves_a_message(
    on_the_phone: OnThePhone, client: AmiClient, notebook: Notebook
) -> None:
    on_the_phone.switch.cli("dialplan set global MESSAGE_FILE /messages/m.wav")
    call_id = arrives(on_the_phone, notebook, wait_s=1)
    until(lambda: notebook.messages)
    left = next(x for x in notebook.events(call_id) if isinstance(x, e.QueueLeft))
    assert left.reason == "timeout" and left.waited_s >= 0.9
    assert notebook.messages == [(call_id, "/messages/m.wav")]


def test_a_caller_whose_queue_everybody_leaves_goes_on_as_from_one_that_nobody_serves(
    on_the_phone: OnThePhone, client: AmiClient, notebook: Notebook, tracker: Tracker
) -> None:
    board = AmiSwitchboard(client)
    board.add_member("cirugia", "Local/absent@agents", name="mario", paused=True)
    call_id = arrives(on_the_phone, notebook, at="surgery@reception")
    until(lambda: "QueueJoined" in notebook.types(call_id))
    board.remove_member("cirugia", "Local/absent@agents")
    until(lambda: "QueueLeft" in notebook.types(call_id))
    board.hangup(tracker.channels_of(call_id)[0])
    until(lambda: call_id in notebook.over)
    left = [x for x in notebook.events(call_id) if isinstance(x, e.QueueLeft)]
    assert [(x.queue, x.reason) for x in left] == [("cirugia", "empty")]


def test_a_call_that_ended_while_the_line_to_the_switch_was_down_is_no_ghost(
    on_the_phone: OnThePhone, notebook: Notebook, tracker: Tracker
) -> None:
    with following(on_the_phone, tracker):
        call_id = arrives(on_the_phone, notebook)
        until(lambda: "QueueJoined" in notebook.types(call_id))
    on_the_phone.switch.cli("channel request hangup all")
    until(lambda: "0 active channels" in on_the_phone.switch.cli("core show channels"))
    assert tracker.channels_of(call_id)
    while not notebook.present.empty():
        notebook.present.get()
    with following(on_the_phone, tracker):
        assert notebook.present.get(timeout=5) == frozenset()
    assert call_id in notebook.over
    assert "QueueLeft" in notebook.types(call_id) and "LegEnded" in notebook.types(call_id)
    assert tracker.snapshot() == []


def test_an_application_that_starts_again_finds_the_calls_there_are(
    on_the_phone: OnThePhone, notebook: Notebook, tracker: Tracker
) -> None:
    call_id = arrives(on_the_phone, notebook)
    with following(on_the_phone, tracker) as client:
        assert notebook.present.get(timeout=5) == frozenset({call_id})
        assert "LegStarted" in notebook.types(call_id)
        tracker.reconcile(client)
        until(lambda: "QueueJoined" in notebook.types(call_id))
        AmiSwitchboard(client).hangup(tracker.channels_of(call_id)[0])
        until(lambda: call_id in notebook.over)


def test_a_call_is_told_of_from_its_first_leg_to_its_last(
    on_the_phone: OnThePhone, client: AmiClient, notebook: Notebook
) -> None:
    call_id = str(uuid.uuid4())

    def talk(session: AgiSession) -> None:
        session.set_variable("__AURICULA_CALL", call_id)
        session.wait_for_digit(500)

    on_the_phone.switch.cli("dialplan set global QUEUE_WAIT 30")
    on_the_phone.arriving("s@reception", talk)
    on_the_phone.switch.cli("channel request hangup all")
    until(lambda: call_id in notebook.over)
    assert notebook.types(call_id)[0] == "LegStarted"
    assert notebook.types(call_id)[-1] == "LegEnded"


def test_a_number_that_cannot_be_reached_is_reported(
    on_the_phone: OnThePhone, client: AmiClient, notebook: Notebook
) -> None:
    call = Origination(number="+34600111222", call_id=str(uuid.uuid4()), caller_id="+34910000001")
    AmiSwitchboard(client).originate(call)
    until(lambda: notebook.results)
    assert notebook.results == [(call.call_id, "unreachable")]


def test_a_busy_patient_and_one_who_does_not_answer_are_told_apart(tracker: Tracker) -> None:
    notebook = tracker.listener
    assert isinstance(notebook, Notebook)
    call_id = str(uuid.uuid4())
    for response, reason in (("Failure", 5), ("Failure", 3), ("Failure", 8), ("Success", 4)):
        lines = f"ActionID: {call_id}\r\nResponse: {response}\r\nReason: {reason}"
        tracker.handle(parse(f"Event: OriginateResponse\r\n{lines}".encode()))
    assert [result for _, result in notebook.results] == [
        "busy",
        "no_answer",
        "unreachable",
        "answered",
    ]


@pytest.mark.parametrize("answer_first", [True, False])
@pytest.mark.parametrize(
    ("cause", "result"), [(17, "busy"), (19, "no_answer"), (34, "unreachable")]
)
def test_why_a_placed_call_failed_is_told_by_the_end_of_its_line(
    tracker: Tracker, answer_first: bool, cause: int, result: str
) -> None:
    notebook, call_id = tracker.listener, str(uuid.uuid4())
    assert isinstance(notebook, Notebook)
    line = "Uniqueid: 7.1\r\nChannel: PJSIP/trunk-00000001\r\n"
    answer = f"Event: OriginateResponse\r\nActionID: {call_id}\r\nResponse: Failure\r\nReason: 0"
    end = f"Event: Hangup\r\n{line}Cause: {cause}"
    for packet in (
        f"Event: Newchannel\r\n{line}Linkedid: 7.1",
        f"Event: VarSet\r\n{line}Variable: __AURICULA_CALL\r\nValue: {call_id}",
        "Event: DialBegin\r\nDestUniqueid: 7.1\r\nDestChannel: PJSIP/trunk-00000001",
        *((answer, end) if answer_first else (end, answer)),
    ):
        tracker.handle(parse(packet.encode()))
    assert notebook.results == [(call_id, result)]


AGENT = "Uniqueid: 1.1\r\nChannel: PJSIP/agent-lucia-00000001\r\nLinkedid: 1.1"
SUPERVISOR = "Uniqueid: 2.1\r\nChannel: PJSIP/agent-marta-00000002\r\nLinkedid: 2.1"
RUNG = (
    f"Event: Newchannel\r\n{SUPERVISOR}",
    "Event: DialBegin\r\nDestUniqueid: 2.1",
    "Event: DialEnd\r\nDestUniqueid: 2.1\r\nDialStatus: ANSWER",
)
"""The phone of marta is rung for something she asked for, and answered."""


def told(*packets: str) -> tuple[Notebook, str]:
    """What follows from these events of a conversation, whose id is filled in."""
    notebook, call_id, now = Notebook(), str(uuid.uuid4()), iter(range(0, 1000, 10))
    tracker = Tracker(notebook, clock=lambda: float(next(now)))
    for packet in packets:
        tracker.handle(parse(packet.replace("<call>", call_id).encode()))
    return notebook, call_id


def of_call(unique_id: str) -> str:
    return f"Event: VarSet\r\nUniqueid: {unique_id}\r\nVariable: AURICULA_CALL\r\nValue: <call>"


@pytest.mark.parametrize("room_first", [False, True])
def test_a_supervisor_who_had_joined_talks_from_taking_the_call_over_on(room_first: bool) -> None:
    def enters(joins: str) -> tuple[str, ...]:
        """The room and the channel tell of it, in either order."""
        told = f"Event: VarSet\r\nUniqueid: 2.1\r\nVariable: AURICULA_JOINS\r\nValue: {joins}"
        both = told, "Event: ConfbridgeJoin\r\nUniqueid: 2.1"
        return both[::-1] if room_first else both

    notebook, call_id = told(
        f"Event: Newchannel\r\n{AGENT}",
        of_call("1.1"),
        *RUNG,
        *enters("PJSIP/agent-lucia-00000001"),
        of_call("2.1"),
        *enters(""),
    )
    about = [e.SupervisionStarted, e.SupervisionEnded, e.AgentConnected]
    found = [x for x in notebook.events(call_id) if type(x) in about]
    assert sorted(type(x).__name__ for x in found) == sorted(x.__name__ for x in about)
    assert [x.agent for x in found if isinstance(x, e.AgentConnected)] == ["marta"]


def test_a_supervisor_who_takes_a_call_over_talks_from_then_on() -> None:
    notebook, call_id = told(
        f"Event: Newchannel\r\n{AGENT}",
        of_call("1.1"),
        "Event: ConfbridgeJoin\r\nUniqueid: 1.1",
        *RUNG,
        "Event: ChanSpyStart\r\nSpyeeUniqueid: 1.1\r\nSpyerUniqueid: 2.1\r\nSpyerExten: listen",
        of_call("2.1"),
        "Event: ChanSpyStop\r\nSpyeeUniqueid: 1.1\r\nSpyerUniqueid: 2.1",
        "Event: ConfbridgeJoin\r\nUniqueid: 2.1",
        "Event: Hangup\r\nUniqueid: 1.1",
        "Event: Hangup\r\nUniqueid: 2.1",
    )
    connected = [x.agent for x in notebook.events(call_id) if isinstance(x, e.AgentConnected)]
    assert connected == ["lucia", "marta"]
    talked = [x.talked_s for x in notebook.events(call_id) if isinstance(x, e.AgentDisconnected)]
    assert talked == [20, 20]  # the clock goes on by ten each time it is looked at
    assert notebook.signals[-1] == ("marta", "talked")


def test_who_finds_nobodys_phone_connected_has_left_the_queue_without_joining_it(
    notebook: Notebook,
) -> None:
    tracker, call_id = Tracker(notebook), str(uuid.uuid4())
    line = "Uniqueid: 7.1\r\nChannel: PJSIP/trunk-00000001\r\n"
    for packet in (
        f"Event: Newchannel\r\n{line}Linkedid: 7.1",
        f"Event: VarSet\r\n{line}Variable: __AURICULA_CALL\r\nValue: {call_id}",
        f"Event: VarSet\r\n{line}Variable: QUEUESTATUS\r\nValue: JOINEMPTY",
        f"Event: VarSet\r\n{line}Variable: AURICULA_NOBODY\r\nValue: recepcion",
    ):
        tracker.handle(parse(packet.encode()))
    assert notebook.events(call_id)[1:] == [e.QueueLeft(queue="recepcion", reason="empty")]


def test_the_switch_sends_exactly_what_is_followed() -> None:
    template = (PROJECT / "asterisk-config" / "manager.conf.j2").read_text()
    assert set(re.findall(r"^eventfilter\(name\((\w+)\)", template, re.M)) == {
        *_HANDLERS,
        "DTMFEnd",  # ivr.adapters.asterisk.keys
    }
    [unmade] = re.findall(r"^disabledevents = (.+)", template, re.M)
    assert not set(unmade.split(",")) & {*_HANDLERS, "DTMFEnd"}


def test_only_the_application_may_read_what_the_switch_tells() -> None:
    template = (PROJECT / "asterisk-config" / "manager.conf.j2").read_text()
    users = dict(re.findall(r"^\[(\w+)\]$(.*?)(?=^\[|\Z)", template, re.M | re.S))
    assert set(users) == {"general", "auricula", "watchdog", "reload"}
    assert [name for name, lines in users.items() if "\nread" in lines] == ["auricula"]


def test_nothing_in_a_packet_breaks_the_tracker(tracker: Tracker) -> None:
    fuzz = Path(__file__).read_text().splitlines()[:50]
    for name in _HANDLERS:
        for line in ["", *fuzz]:
            raw = f"Event: {name}\r\nUniqueid: 1\r\nChannel: x\r\n{line}\r\nCause: x\r\nQueue: q"
            tracker.handle(parse(raw.encode()))
