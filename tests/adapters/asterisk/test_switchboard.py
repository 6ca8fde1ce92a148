"""What is asked of the switch, and what never gets there."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from ivr.adapters.asterisk.ami import AmiClient
from ivr.adapters.asterisk.switchboard import AmiSwitchboard
from ivr.errors import InvalidInput, NotFound
from ivr.ports import Origination
from tests.adapters.asterisk.manager_wire import Manager, event

CALL = str(uuid.uuid4())


@pytest.fixture
def manager() -> Iterator[Manager]:
    manager = Manager()
    yield manager
    manager.close()


@pytest.fixture
def board(manager: Manager) -> Iterator[AmiSwitchboard]:
    client = AmiClient(port=manager.port, username="u", secret="s")
    client.connect()
    assert client.wait_connected(5)
    yield AmiSwitchboard(client)
    client.disconnect()


def test_a_reminder_is_dialled_with_what_the_flow_needs(
    board: AmiSwitchboard, manager: Manager
) -> None:
    board.originate(
        Origination(
            number="+34600111222",
            call_id=CALL,
            caller_id="+34910000001",
            timeout_s=25,
            variables={"AURICULA_FLOW": "recordatorio", "AURICULA_ATTEMPT": "17"},
        )
    )
    asked = manager.actions("Originate")[0]
    assert asked["Channel"] == "PJSIP/34600111222@trunk"
    assert (asked["Context"], asked["Exten"], asked["Priority"]) == ("outbound", "s", "1")
    assert (asked["Timeout"], asked["Async"], asked["ActionID"]) == ("25000", "true", CALL)
    assert asked["CallerID"] == "<+34910000001>"
    assert asked.variables("Variable") == {
        "__AURICULA_CALL": CALL,
        "AURICULA_FLOW": "recordatorio",
        "AURICULA_ATTEMPT": "17",
    }


HOSTILE = "x\r\nAction: Command"


@pytest.mark.parametrize(
    "ask",
    [
        lambda b: b.originate(Origination("600&PJSIP/112", CALL, "")),
        lambda b: b.originate(Origination("600111222@evil", CALL, "")),
        lambda b: b.originate(Origination("600111222", "no uuid", "")),
        lambda b: b.originate(Origination("600111222", CALL, 'Eva" <112>')),
        lambda b: b.originate(Origination("600111222", CALL, "", variables={"A": HOSTILE})),
        lambda b: b.originate(Origination("600111222", CALL, "", variables={"A": "1,B=2"})),
        lambda b: b.originate(Origination("600111222", CALL, "", variables={"A": "${X}"})),
        lambda b: b.originate(Origination("600111222", CALL, "", variables={"A(b)": "x"})),
        lambda b: b.hangup(HOSTILE),
        lambda b: b.hangup("/.*/"),
        lambda b: b.redirect("PJSIP/a-1", HOSTILE),
        lambda b: b.redirect("PJSIP/a-1", "rescue", "s,1"),
        lambda b: b.add_member(HOSTILE, "PJSIP/agent-a"),
        lambda b: b.add_member("recepcion", "PJSIP/agent-a", name="a,b"),
        lambda b: b.remove_member("recepcion", HOSTILE),
        lambda b: b.pause_member("PJSIP/agent-a", True, reason=HOSTILE),
        lambda b: b.queues(HOSTILE),
    ],
)
def test_nothing_hostile_is_asked_of_the_switch(
    board: AmiSwitchboard, manager: Manager, ask: Callable[[AmiSwitchboard], object]
) -> None:
    with pytest.raises(InvalidInput):
        ask(board)
    assert {action["Action"] for action in manager.actions("Login")} == {"Login"}
    assert len(manager.received) == 1


def test_a_channel_that_has_gone_is_not_found(board: AmiSwitchboard, manager: Manager) -> None:
    manager.answers = lambda action: (
        b"Response: Error\r\nACTIONID\r\nMessage: No such channel\r\n\r\n"
        if action["Action"] in ("Hangup", "Redirect")
        else None
    )
    with pytest.raises(NotFound):
        board.hangup("PJSIP/trunk-00000001")
    with pytest.raises(NotFound):
        board.redirect("PJSIP/trunk-00000001", "rescue")


def test_joining_and_leaving_a_queue_twice_does_no_harm(
    board: AmiSwitchboard, manager: Manager
) -> None:
    refusals = {
        "QueueAdd": b"Unable to add interface: Already there",
        "QueueRemove": b"Unable to remove interface: Not there",
    }
    manager.answers = lambda action: (
        b"Response: Error\r\nACTIONID\r\nMessage: " + refusals[action["Action"]] + b"\r\n\r\n"
        if action["Action"] in refusals
        else None
    )
    board.add_member("recepcion", "PJSIP/agent-lucia", name="lucia")
    board.remove_member("recepcion", "PJSIP/agent-lucia")
    board.pause_member("PJSIP/agent-lucia", True, reason="comida", queue="recepcion")
    paused = manager.actions("QueuePause")[0]
    assert (paused["Paused"], paused["Reason"]) == ("true", "comida")


def test_a_queue_is_seen_with_its_members_and_those_who_wait_in_order(
    board: AmiSwitchboard, manager: Manager
) -> None:
    def status(action: dict[str, str]) -> bytes | None:
        if action["Action"] != "QueueStatus":
            return None
        mine = f"ActionID: {action['ActionID']}"
        return b"Response: Success\r\nACTIONID\r\nEventList: start\r\n\r\n" + b"".join(
            [
                event("QueueParams", "Queue: recepcion", mine),
                event(
                    "QueueMember",
                    "Queue: recepcion",
                    "Name: lucia",
                    "Location: PJSIP/agent-lucia",
                    "Paused: 1",
                    "PausedReason: comida",
                    "InCall: 0",
                    "CallsTaken: 4",
                    mine,
                ),
                event("QueueEntry", "Queue: recepcion", "Position: 2", "Channel: PJSIP/b", mine),
                event(
                    "QueueEntry",
                    "Queue: recepcion",
                    "Position: 1",
                    "Channel: PJSIP/a",
                    "Wait: 12",
                    "Priority: 10",
                    mine,
                ),
                event("QueueStatusComplete", "EventList: Complete", mine),
            ]
        )

    manager.answers = status
    (state,) = board.queues()
    assert [(m.name, m.paused, m.pause_reason, m.calls_taken) for m in state.members] == [
        ("lucia", True, "comida", 4)
    ]
    assert [(c.channel, c.waited_s, c.priority) for c in state.callers] == [
        ("PJSIP/a", 12, 10),
        ("PJSIP/b", 0, 0),
    ]
