"""An agent reads the calls that are theirs, and of the others only what the desk needs."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from ivr.agents.service import Accounts
from ivr.agents.viewer import viewer_of
from ivr.calls.desk import CallDesk, CallFilter
from ivr.flow import events as e
from ivr.queues.model import Queue
from ivr.web import attendance
from ivr.web import events as web_events
from ivr.web.audience import COUNTED, CallOnAir, Desk
from tests.web.conftest import MADRID, PASSWORD, Console, OpenScreen, Screen

SECRET = "me duele la muela"
NUMBER = "+34600000021"


@pytest.fixture(autouse=True)
def colleague(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mario sits beside Lucía."""
    monkeypatch.setattr(web_events, "LINGER_S", 0.0)
    accounts = Accounts(console.database, console.clock)
    accounts.create("mario", PASSWORD, name="Mario", role="agent", branch_id=MADRID)


def talked_to_the_machine(console: Console, **started: Any) -> str:
    call = console.call(NUMBER, **started)
    console.happens(
        call,
        e.PromptSaid(text="Buenos días"),
        e.TurnHeard(text=SECRET, confidence=0.9),
        e.PatientIdentified(patient_id=21, how="phone_and_birth_date"),
    )
    return call


def until(console: Console, screen: Screen) -> list[dict[str, Any]]:
    """All messages of ``screen`` up to an event that everybody gets."""
    mark = console.stream.publish(e.AttemptChanged(attempt_id=1, status="x"))
    got: list[dict[str, Any]] = []
    while not any(x["number"] == mark for m in got for x in m.get("events", ())):
        got.append(json.loads(screen.socket.recv(15)))
    return got


def shown(screen: Screen, sight: str) -> dict[str, Any]:
    """The call, as soon as it is shown in that way."""
    while True:
        call: dict[str, Any] = screen.message("call")["call"]
        if call["sight"] == sight:
            return call


def types(call: dict[str, Any]) -> list[str]:
    return [event["data"]["type"] for event in call["events"]]


def test_a_call_with_the_machine_is_counted_and_nothing_of_it_is_told(
    console: Console, screen: OpenScreen
) -> None:
    with screen("lucia") as lucia:
        lucia.message("snapshot")
        talked_to_the_machine(console)
        got = until(console, lucia)
    told = [x["data"]["type"] for m in got for x in m.get("events", ())]
    assert set(told) <= COUNTED | {"attempt.changed"}
    text = json.dumps(got)
    for secret in (SECRET, NUMBER, "Buenos días", "patient_id"):
        assert secret not in text


def test_who_waits_is_told_in_the_fewest_words_and_only_to_those_who_serve_the_queue(
    console: Console, screen: OpenScreen
) -> None:
    with screen("lucia") as lucia, screen("diego") as diego:
        lucia.message("snapshot"), diego.message("snapshot")
        call = talked_to_the_machine(console)
        console.happens(call, e.QueueJoined(queue="recepcion", priority=10))
        waiting = shown(lucia, "waiting")
        console.happens(call, e.QueueJoined(queue="otra"))
        assert shown(lucia, "bare")["who"] == ""
        assert not [m for m in until(console, diego) if m["kind"] == "call"]
    patient = console.services.patients.get(21)
    assert waiting["who"] == f"{patient.given} {patient.family[0]}."
    (joined,) = waiting["events"]
    assert (joined["data"]["queue"], joined["data"]["priority"]) == ("recepcion", 10)
    for secret in (SECRET, NUMBER, patient.family, '"patient_id": 21'):
        assert secret not in json.dumps(waiting)


def test_of_an_unknown_caller_who_waits_the_last_digits_are_told(
    console: Console, screen: OpenScreen
) -> None:
    with screen("lucia") as lucia:
        lucia.message("snapshot")
        console.happens(console.call(NUMBER), e.QueueJoined(queue="recepcion"))
        assert shown(lucia, "waiting")["who"] == "…021"


def test_an_offered_call_comes_with_all_its_past_and_the_file_to_that_agent_only(
    console: Console, screen: OpenScreen
) -> None:
    with screen("lucia") as lucia, screen("mario") as mario:
        lucia.message("snapshot"), mario.message("snapshot")
        call = talked_to_the_machine(console)
        console.happens(
            call,
            e.QueueJoined(queue="recepcion"),
            e.AgentRinging(agent="lucia"),
        )
        offered = shown(lucia, "full")
        last = console.happens(call, e.AgentConnected(agent="lucia"), e.CallHeld(agent="lucia"))
        assert lucia.events(last)[-1]["data"]["type"] == "call.held"
        colleague = json.dumps(until(console, mario))
    assert offered["ani"] == NUMBER
    assert offered["caller"]["file"]["patient"]["id"] == 21
    assert SECRET in json.dumps(offered)
    assert types(offered)[-1] == "agent.ringing"
    for secret in (SECRET, NUMBER, "call.held"):
        assert secret not in colleague


def test_who_did_not_answer_is_shown_the_call_no_longer(
    console: Console, screen: OpenScreen
) -> None:
    with screen("lucia") as lucia:
        lucia.message("snapshot")
        call = talked_to_the_machine(console)
        console.happens(call, e.QueueJoined(queue="recepcion"), e.AgentRinging(agent="lucia"))
        shown(lucia, "full")
        console.happens(call, e.AgentNoAnswer(agent="lucia"))
        assert SECRET not in json.dumps(shown(lucia, "waiting"))
        console.happens(call, e.AgentConnected(agent="mario"))
        console.happens(call, e.TurnHeard(text="otra cosa", confidence=1))
        assert "otra cosa" not in json.dumps(until(console, lucia))


def test_a_colleague_who_is_asked_reads_the_call_while_they_are_asked(
    console: Console, screen: OpenScreen
) -> None:
    with screen("mario") as mario:
        mario.message("snapshot")
        call = talked_to_the_machine(console)
        console.happens(
            call,
            e.AgentConnected(agent="lucia"),
            e.ConsultStarted(agent="lucia", kind="agent", to="mario"),
        )
        assert SECRET in json.dumps(shown(mario, "full"))
        console.happens(call, e.ConsultEnded(agent="lucia", result="answered"))
        assert SECRET not in json.dumps(shown(mario, "bare"))


def test_a_call_offered_during_a_cut_is_there_in_full_afterwards(
    console: Console, screen: OpenScreen
) -> None:
    with screen("lucia") as lucia:
        lucia.message("snapshot")
        call = talked_to_the_machine(console)
        seen = console.happens(call, e.QueueJoined(queue="recepcion"))
        shown(lucia, "waiting")
    missed = console.happens(call, e.AgentRinging(agent="lucia"))
    with screen("lucia", after=seen) as lucia:
        assert [x["number"] for x in lucia.events(missed)] == [missed]
        offered = shown(lucia, "full")
    assert SECRET in json.dumps(offered)
    assert offered["number"] == missed


def test_a_call_lost_to_a_colleague_during_a_cut_is_off_the_screen_afterwards(
    console: Console, screen: OpenScreen
) -> None:
    call = talked_to_the_machine(console)
    console.happens(call, e.QueueJoined(queue="recepcion"))
    seen = console.happens(call, e.AgentRinging(agent="lucia"))
    taken = console.happens(call, e.AgentNoAnswer(agent="lucia"), e.AgentConnected(agent="mario"))
    console.happens(call, e.TurnHeard(text="otra cosa", confidence=1))
    with screen("lucia", after=seen) as lucia:
        told = lucia.events(taken)
        off = shown(lucia, "bare")
    assert [x["data"]["type"] for x in told] == ["agent.no_answer", "agent.connected"]
    for secret in (SECRET, NUMBER, "otra cosa"):
        assert secret not in json.dumps([told, off])


def test_a_call_somebody_placed_is_theirs_from_the_first_moment(
    console: Console, screen: OpenScreen
) -> None:
    with screen("lucia") as lucia, screen("mario") as mario:
        lucia.message("snapshot"), mario.message("snapshot")
        started = e.CallStarted(
            direction="outbound",
            flow="manual",
            flow_version="1",
            language="es-ES",
            dnis=NUMBER,
            agent="lucia",
        )
        call = console.log.start(started, branch_id=MADRID)
        console.log.set_patient(call, 21)
        assert NUMBER in json.dumps(until(console, lucia))
        assert NUMBER not in json.dumps(until(console, mario))
    with console.browser("lucia") as hers, console.browser("mario") as his:
        assert hers.get(f"/api/v1/calls/{call}").status_code == 200
        assert his.get(f"/api/v1/calls/{call}").status_code == 404


def test_who_begins_to_serve_a_queue_is_shown_who_waits_in_it(
    console: Console, screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attendance, "CHECK_S", 0.1)
    with console.database.transaction() as session:
        session.add(Queue(name="urgencias", title="Urgencias", position=9))
    console.happens(console.call(NUMBER), e.QueueJoined(queue="urgencias"))
    with screen("lucia") as lucia:
        (call,) = lucia.message("snapshot")["calls"]
        assert call["sight"] == "bare"
        console.services.queues.set_skill("urgencias", "lucia", 1)
        assert shown(lucia, "waiting")["who"] == "…021"


STORIES: dict[str, tuple[Sequence[e.EventBase], bool]] = {
    "waits": ((e.QueueJoined(queue="recepcion"),), False),
    "rings": ((e.QueueJoined(queue="recepcion"), e.AgentRinging(agent="lucia")), True),
    "rings elsewhere": ((e.AgentRinging(agent="mario"),), False),
    "rang in vain": ((e.AgentRinging(agent="lucia"), e.AgentNoAnswer(agent="lucia")), False),
    "rings again": (
        (
            e.AgentRinging(agent="lucia"),
            e.AgentNoAnswer(agent="lucia"),
            e.AgentRinging(agent="lucia"),
        ),
        True,
    ),
    "another was quicker": (
        (
            e.AgentRinging(agent="lucia"),
            e.AgentRinging(agent="mario"),
            e.QueueLeft(queue="recepcion", reason="connected"),
            e.AgentConnected(agent="mario"),
        ),
        False,
    ),
    "gave up while it rang": (
        (e.AgentRinging(agent="lucia"), e.QueueLeft(queue="recepcion", reason="abandoned")),
        False,
    ),
    "about to talk": (
        (e.AgentRinging(agent="lucia"), e.QueueLeft(queue="recepcion", reason="connected")),
        True,
    ),
    "talked and handed on": (
        (
            e.AgentConnected(agent="lucia"),
            e.CallHandedOver(agent="lucia", how="blind", kind="agent", to="mario"),
            e.AgentDisconnected(agent="lucia"),
            e.AgentConnected(agent="mario"),
        ),
        True,
    ),
    "asked": (
        (
            e.AgentConnected(agent="mario"),
            e.ConsultStarted(agent="mario", kind="agent", to="lucia"),
        ),
        True,
    ),
    "answers for a queue that is asked": (
        (
            e.ConsultStarted(agent="mario", kind="queue", to="recepcion"),
            e.ConsultAnswered(agent="mario", by="lucia"),
        ),
        True,
    ),
    "was asked": (
        (
            e.ConsultStarted(agent="mario", kind="agent", to="lucia"),
            e.AgentRinging(agent="lucia"),
            e.ConsultAnswered(agent="mario", by="lucia"),
            e.ConsultEnded(agent="mario", result="answered"),
        ),
        False,
    ),
    "back in the queue": (
        (e.AgentRinging(agent="lucia"), e.QueueJoined(queue="recepcion")),
        False,
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_socket_and_requests_agree_on_whose_call_it_is(console: Console, name: str) -> None:
    events, own = STORIES[name]
    call = console.call(NUMBER)
    console.happens(call, *events)
    lucia = next(viewer_of(x) for x in console.services.accounts.users() if x.username == "lucia")
    on_air = CallOnAir(call, MADRID)
    for event in console.log.events(call):
        on_air.take(event)
    assert (Desk(lucia).of_call(on_air) == "full") is own
    desk = CallDesk(console.database)
    assert [x.id for x in desk.live(lucia)] == ([call] if own else [])
    talked = any(isinstance(x, e.AgentConnected) and x.agent == "lucia" for x in events)
    console.log.finish(call)
    assert bool(desk.page(lucia, CallFilter()).calls) is talked
