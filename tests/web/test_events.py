"""The events websocket: a snapshot, then every event once, for whom it is."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from ivr.agents.service import SESSION, UserView
from ivr.calls.projection import MANUAL
from ivr.calls.schemas import NumberedEvent
from ivr.calls.stream import EventStream
from ivr.flow import events as e
from ivr.web import attendance, hub, post
from ivr.web import events as web_events
from ivr.web.app import create_app
from ivr.web.running import running
from tests.web.conftest import MADRID, MEXICO, Console, OpenScreen, Screen


def said(text: str) -> e.PromptSaid:
    return e.PromptSaid(text=text)


def test_a_supervisor_sees_the_call_that_comes_in_and_what_is_said(
    console: Console, screen: OpenScreen
) -> None:
    with screen("marta") as marta:
        assert marta.message("snapshot")["calls"] == []
        call = console.call("+34600000021")
        last = console.happens(call, e.CallAnswered(), said("Buenos días"), e.TurnKeys(keys="1"))
        got = marta.events(last)
    assert [x["data"]["type"] for x in got] == [
        "call.started",
        "call.answered",
        "prompt.said",
        "turn.keys",
    ]
    assert got[0]["data"]["ani"] == "+34600000021"
    assert [x["call_seq"] for x in got] == [1, 2, 3, 4]


def test_who_calls_is_pushed_beside_the_call(console: Console, screen: OpenScreen) -> None:
    with screen("marta") as marta:
        marta.message("snapshot")
        call = console.call("+34600000001")
        family = marta.message("caller")["caller"]
        assert len(family["patients"]) == 3
        assert family["file"] is None
        patient = family["patients"][0]["id"]
        console.happens(call, e.PatientIdentified(patient_id=patient, how="phone_and_birth_date"))
        file = marta.message("caller")["caller"]["file"]
    assert file["patient"]["id"] == patient
    assert "+34600000001" in file["numbers"]


def test_whom_an_agent_calls_is_pushed_to_those_who_may_read_the_call(
    console: Console, screen: OpenScreen
) -> None:
    with screen("lucia") as lucia, screen("diego") as diego:
        lucia.message("snapshot")
        diego.message("snapshot")
        called = e.CallStarted(
            direction="outbound",
            flow=MANUAL,
            flow_version="1",
            language="es-ES",
            dnis="+34600000001",
            agent="lucia",
        )
        call = console.log.start(called, branch_id=MADRID)
        assert len(lucia.message("caller")["caller"]["patients"]) == 3
        last = console.happens(call, e.CallAnswered())
        told = diego.events(last)
    assert [x["data"]["type"] for x in told] == ["call.started", "call.answered"]
    assert "+34600000001" not in str(told)


def test_a_screen_opened_in_mid_call_gets_all_that_happened(
    console: Console, screen: OpenScreen
) -> None:
    call = console.call("+34600000001")
    last = console.happens(call, said("Buenos días"), e.TurnHeard(text="Hola", confidence=0.9))
    with screen("marta") as marta:
        snapshot = marta.message("snapshot")
    (shown,) = snapshot["calls"]
    assert snapshot["number"] == last
    assert [x["data"]["type"] for x in shown["events"]] == [
        "call.started",
        "prompt.said",
        "turn.heard",
    ]
    assert len(shown["caller"]["patients"]) == 3


def test_after_a_cut_the_missed_events_come_once_and_nothing_else(
    console: Console, screen: OpenScreen
) -> None:
    with screen("marta") as marta:
        marta.message("snapshot")
        call = console.call()
        seen = marta.events(console.happens(call, said("uno")))[-1]["number"]
    missed = [console.happens(call, said(text)) for text in ("dos", "tres", "cuatro")]
    with screen("marta", after=seen) as marta:
        got = marta.events(missed[-1])
        later = console.happens(call, said("cinco"))
        got += marta.events(later)
    assert [x["number"] for x in got] == [*missed, later]
    assert [x["data"]["text"] for x in got] == ["dos", "tres", "cuatro", "cinco"]


def test_a_screen_that_was_away_too_long_starts_again_from_a_snapshot(
    console: Console, screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_events, "MOST_MISSED", 3)
    call = console.call()
    first = console.happens(call, said("uno"))
    last = console.happens(call, *(said(str(n)) for n in range(5)))
    with screen("marta", after=first) as marta:
        assert marta.message("snapshot")["number"] == last


def test_a_number_from_another_database_is_answered_with_a_snapshot(
    console: Console, screen: OpenScreen
) -> None:
    with screen("marta", after=10_000_000) as marta:
        assert marta.message("snapshot")["number"] < 10_000_000


def test_events_published_while_the_screen_opens_are_neither_lost_nor_doubled(
    console: Console, screen: OpenScreen
) -> None:
    import threading

    call = console.call()
    done = threading.Event()
    numbers: list[int] = []

    def talk() -> None:
        for n in range(150):
            numbers.append(console.happens(call, said(str(n))))
        done.set()

    talker = threading.Thread(target=talk)
    talker.start()
    while len(numbers) < 20:
        time.sleep(0.005)
    with screen("marta") as marta:
        snapshot = marta.message("snapshot")
        talker.join()
        known = [x["number"] for x in snapshot["calls"][0]["events"]]
        if known[-1] < numbers[-1]:
            known += [x["number"] for x in marta.events(numbers[-1])]
    assert known[1:] == numbers


def test_an_agent_of_another_branch_learns_that_somebody_calls_but_not_who(
    console: Console, screen: OpenScreen
) -> None:
    with screen("diego") as diego:
        diego.message("snapshot")
        call = console.call("+34600000021", caller_name="Ana Real")
        last = console.happens(
            call,
            said("Buenos días, Ana"),
            e.TurnHeard(text="me duele", confidence=0.9),
            e.PatientIdentified(patient_id=21, how="phone_and_birth_date"),
            e.QueueJoined(queue="recepcion"),
        )
        raw = [diego.socket.recv(10)]
        while json.loads(raw[-1]).get("events", [{}])[-1].get("number") != last:
            raw.append(diego.socket.recv(10))
    text = " ".join(str(x) for x in raw)
    types = [x["data"]["type"] for message in raw for x in json.loads(message)["events"]]
    assert types == ["call.started", "queue.joined"]
    for secret in ("600000021", "Ana", "me duele", "patient_id"):
        assert secret not in text


def test_the_snapshot_of_another_branch_hides_the_caller(
    console: Console, screen: OpenScreen
) -> None:
    call = console.call("+34600000021")
    console.happens(
        call, said("Hola, Ana"), e.PatientIdentified(patient_id=21, how="phone_and_birth_date")
    )
    with screen("diego") as diego:
        (shown,) = diego.message("snapshot")["calls"]
    assert shown["sight"] == "bare"
    assert shown["events"] == []
    assert shown["caller"] is None
    assert "600000021" not in json.dumps(shown)
    assert shown["patient_name"] == ""


def test_a_call_that_rings_at_another_branch_is_shown_there_with_its_past(
    console: Console, screen: OpenScreen
) -> None:
    with screen("diego") as diego:
        diego.message("snapshot")
        call = console.call("+34600000021")
        console.happens(call, said("Buenos días"), e.QueueJoined(queue="recepcion"))
        console.happens(call, e.AgentRinging(agent="diego"))
        shown = diego.message("call")["call"]
        assert shown["ani"] == "+34600000021"
        assert "prompt.said" in [x["data"]["type"] for x in shown["events"]]
        last = console.happens(call, e.TurnHeard(text="oiga", confidence=0.8))
        assert diego.events(last)[-1]["data"]["text"] == "oiga"


def test_an_appointment_is_told_to_its_branch_and_to_nobody_else(
    console: Console, screen: OpenScreen
) -> None:
    def changed(branch: int) -> int:
        event = e.AppointmentChanged(
            appointment_id=1,
            change="booked",
            status="booked",
            professional_id=1,
            branch_id=branch,
            starts_at="2026-11-24T10:00:00Z",
        )
        return console.stream.publish(event, branch_id=branch)

    with screen("diego") as diego:
        diego.message("snapshot")
        changed(MADRID)
        own = changed(MEXICO)
        assert [x["number"] for x in diego.events(own)] == [own]


def test_the_wallboard_goes_to_supervisors_who_have_it_on_the_screen(
    console: Console, screen: OpenScreen
) -> None:
    with (
        screen("marta") as watching,
        screen("marta") as staying,
        screen("marta") as reading,
        screen("lucia") as lucia,
    ):
        for one in (watching, staying, reading, lucia):
            one.message("snapshot")
        for one in (watching, staying, lucia):
            one.socket.send("not a word of ours")
            one.socket.send(json.dumps({"kind": "watch", "board": True}))
        assert watching.message("board")["board"]["calls"]["machine"] == 0
        call = console.call()
        assert watching.message("board")["board"]["calls"]["machine"] == 1
        watching.socket.send(json.dumps({"kind": "watch", "board": False}))
        console.happens(call, e.QueueJoined(queue="recepcion"))
        while staying.message("board")["board"]["calls"]["waiting"] == 0:
            pass
        last = console.happens(call, e.CallAnswered())
        for one in (watching, reading, lucia):
            got: list[dict[str, Any]] = []
            while not (got and got[-1]["kind"] == "events"):
                got.append(json.loads(one.socket.recv(15)))
            while got[-1]["kind"] != "events" or got[-1]["events"][-1]["number"] < last:
                got.append(json.loads(one.socket.recv(15)))
            assert "board" not in {message["kind"] for message in got}


def test_logging_out_closes_the_screen(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendance, "CHECK_S", 0.1)
    cookie = console.cookie("lucia")
    with console.socket("/api/v1/events", cookie) as socket:
        lucia = Screen(socket)
        lucia.message("snapshot")
        with console.browser() as browser:
            browser.delete("/api/v1/session", headers={"Cookie": cookie})
        with pytest.raises(ConnectionClosed) as closed:
            lucia.message("nothing")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == attendance.SESSION_ENDED


class HeldStream(EventStream):
    """Cannot be followed until it is let go."""

    def __init__(self, console: Console) -> None:
        super().__init__(console.database, console.clock)
        self.let_go = threading.Event()

    async def follow(
        self, after: int | None = None, *, ready: Callable[[], None] | None = None
    ) -> AsyncIterator[NumberedEvent]:
        await asyncio.to_thread(self.let_go.wait)
        async for event in super().follow(after, ready=ready):
            yield event


def test_a_session_that_ends_while_the_stream_is_waited_for_is_closed_with_it(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attendance, "CHECK_S", 3600.0)
    held, looked = HeldStream(console), threading.Event()
    look = console.services.accounts.session

    def looks(token: str) -> UserView | None:
        found = look(token)
        looked.set()
        return found

    monkeypatch.setattr(console.services.accounts, "session", looks)
    cookie = console.cookie("lucia")
    closed: list[object] = []

    def open_screen(url: str) -> None:
        with (
            pytest.raises(ConnectionClosed) as over,
            replace(console, url=url).socket("/api/v1/events", cookie) as socket,
        ):
            closed.append(socket.recv(15))
        closed.append(over.value.rcvd and over.value.rcvd.code)

    with running(create_app(replace(console.services, stream=held))) as url:
        looked.clear()
        page = threading.Thread(target=open_screen, args=(url,))
        page.start()
        try:
            assert looked.wait(15)
            console.clock.moment += SESSION + timedelta(seconds=1)
        finally:
            held.let_go.set()
        page.join(20)
    assert closed == [attendance.SESSION_ENDED]


def test_without_a_session_there_are_no_events(console: Console) -> None:
    with (
        console.socket("/api/v1/events") as socket,
        pytest.raises(ConnectionClosed) as closed,
    ):
        socket.recv(10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == attendance.SESSION_ENDED


def test_a_browser_that_stopped_reading_is_dropped_and_the_others_get_everything(
    console: Console, screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub.Hub.open, "__defaults__", (200,))
    monkeypatch.setattr(post, "STALL_S", 1.0)
    call = console.call()
    reading_nothing: dict[str, Any] = {"max_queue": 1, "max_size": None}
    with (
        console.socket("/api/v1/events", console.cookie("marta"), **reading_nothing),
        screen("marta", max_size=None) as marta,
    ):
        marta.message("snapshot")
        long = "palabra " * 800
        numbers = []
        got: list[dict[str, Any]] = []
        for n in range(40):
            numbers.append(console.happens(call, *(said(f"{n} {long}") for _ in range(25))))
            got += marta.events(numbers[-1])
        assert len(got) == 40 * 25
        deadline = time.monotonic() + 20
        while len(console_screens(console)) > 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(console_screens(console)) == 1


def console_screens(console: Console) -> list[str]:
    """One entry for each open screen, by the server's own count."""
    with console.browser() as browser:
        text = browser.get("/metrics").text
    count = next(x for x in text.splitlines() if x.startswith("auricula_screens "))
    return ["screen"] * int(float(count.split()[1]))


def test_what_is_only_read_along_comes_with_what_somebody_acts_on(
    console: Console, screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "READ_ALONG_S", 60.0)
    with screen("marta") as marta:
        marta.message("snapshot")
        call = console.call("")  # nobody to look up
        marta.message("events")
        console.happens(call, said("Buenos días"), e.TurnKeys(keys="1"))
        console.happens(call, e.QueueJoined(queue="recepcion", position=1))
        together = marta.message("events")["events"]
    assert [x["data"]["type"] for x in together] == ["prompt.said", "turn.keys", "queue.joined"]


def test_what_is_only_read_along_comes_by_itself_too(console: Console, screen: OpenScreen) -> None:
    with screen("marta") as marta:
        marta.message("snapshot")
        call = console.call("+34600000021")
        marta.message("events")
        last = console.happens(call, said("Buenos días"))
        assert [x["data"]["type"] for x in marta.events(last)] == ["prompt.said"]
