"""What goes to the screens: once for all who get the same, and past those who do not read."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI, WebSocket
from starlette.testclient import TestClient

from ivr.agents.viewer import Viewer
from ivr.calls.schemas import NumberedEvent
from ivr.web import post
from ivr.web.audience import Desk
from ivr.web.hub import Hub
from ivr.web.lines import Batch, PlainLine, line_of
from ivr.web.metrics import Metrics

MARTA = Viewer(1, "marta", "Marta Sanz", "supervisor", None)
DIEGO = Viewer(2, "diego", "Diego", "agent", 2)
PULSE = '{"kind":"pulse"}'


class Browser:
    """The far end of a line: takes what is sent, or does not."""

    def __init__(self) -> None:
        self.resumed: Callable[[], None] = lambda: None
        self.busy = False
        self.batches: list[Batch] = []

    def write(self, batch: Batch) -> None:
        self.batches.append(batch)

    def cut(self) -> None:
        self.busy = True

    def reads_again(self) -> None:
        self.busy = False
        self.resumed()

    def texts(self) -> list[str]:
        """What was said in the events it got."""
        messages = [json.loads(text) for batch in self.batches for text in batch.texts]
        return [x["data"]["text"] for message in messages for x in message.get("events", [])]


def said(number: int) -> NumberedEvent:
    data = {"type": "queue.joined", "queue": "recepcion", "text": str(number)}
    return NumberedEvent(number, datetime.now(UTC), "queue.joined", None, None, None, data)


def in_a_hub(scene: Callable[[Hub], Coroutine[None, None, None]]) -> None:
    async def play() -> None:
        hub = Hub(None, None, Metrics())  # type: ignore[arg-type]
        delivering = asyncio.create_task(hub.post.run(lambda: PULSE))
        await scene(hub)
        delivering.cancel()

    asyncio.run(play())


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not true():
            await asyncio.sleep(0.005)


def opened(hub: Hub, viewer: Viewer = MARTA, limit: int = 100) -> tuple[Browser, post.Outbox]:
    browser, outbox = Browser(), hub.open(Desk(viewer), limit)
    outbox.connect(browser, 0)
    return browser, outbox


def test_what_several_screens_get_alike_is_written_once() -> None:
    async def scene(hub: Hub) -> None:
        (one, _), (other, _), (branch, _) = opened(hub), opened(hub), opened(hub, DIEGO)
        hub.take(said(1))
        hub.take(said(2))
        await until(lambda: one.texts() == other.texts() == ["1", "2"] and branch.texts() != [])
        assert one.batches[0] is other.batches[0]

    in_a_hub(scene)


def test_a_screen_that_takes_nothing_delays_no_other_and_gets_all_in_order_when_it_does() -> None:
    async def scene(hub: Hub) -> None:
        (slow, _), (quick, _) = opened(hub), opened(hub)
        slow.busy = True
        for number in (1, 2, 3):
            hub.take(said(number))
            await until(lambda number=number: len(quick.texts()) == number)  # type: ignore[misc]
        assert slow.batches == []
        slow.reads_again()
        await until(lambda: slow.texts() == ["1", "2", "3"])

    in_a_hub(scene)


def test_a_screen_is_given_up_when_its_outbox_is_full_or_it_takes_nothing_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def full(hub: Hub) -> None:
        browser, outbox = opened(hub, limit=2)
        browser.busy = True
        for number in (1, 2, 3):
            hub.take(said(number))
        assert (await outbox.over)[0] == post.TOO_SLOW
        assert not outbox.messages

    async def stalled(hub: Hub) -> None:
        browser, outbox = opened(hub)
        browser.busy = True
        async with asyncio.timeout(15):
            assert (await outbox.over)[0] == post.TOO_SLOW

    in_a_hub(full)
    monkeypatch.setattr(post, "STALL_S", 0.1)
    in_a_hub(stalled)


def test_what_a_screen_knows_from_its_opening_is_not_sent_again() -> None:
    async def scene(hub: Hub) -> None:
        browser, outbox = Browser(), hub.open(Desk(MARTA))
        hub.take(said(1))
        outbox.connect(browser, 2)
        hub.take(said(2))
        hub.take(said(3))
        await until(lambda: browser.texts() == ["3"])

    in_a_hub(scene)


def test_a_quiet_line_says_that_it_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "PULSE_S", 0.0)

    async def scene(hub: Hub) -> None:
        browser, _ = opened(hub)
        await until(lambda: [text for batch in browser.batches for text in batch.texts] == [PULSE])

    in_a_hub(scene)


def test_a_server_that_does_not_lend_its_connections_is_written_to_as_any_other() -> None:
    hub = Hub(None, None, Metrics())  # type: ignore[arg-type]
    app = FastAPI()

    @app.websocket("/")
    async def screen(socket: WebSocket) -> None:
        outbox = hub.open(Desk(MARTA))
        await socket.accept()
        line = line_of(socket)
        assert isinstance(line, PlainLine)
        outbox.connect(line, 0)
        delivering = asyncio.create_task(hub.post.run(lambda: PULSE))
        for number in range(1, 40):
            hub.take(said(number))
            await asyncio.sleep(0)
        await socket.receive()
        delivering.cancel()

    with TestClient(app).websocket_connect("/") as browser:
        got: list[int] = []
        while len(got) < 39:
            got += [event["number"] for event in browser.receive_json().get("events", [])]
    assert got == list(range(1, 40))


def test_a_screen_that_cannot_be_written_to_is_given_up_and_the_others_go_on() -> None:
    async def scene(hub: Hub) -> None:
        broken, lost = opened(hub)
        good, _ = opened(hub)

        def fails(batch: Batch) -> None:
            raise OSError("no such line")

        broken.write = fails  # type: ignore[method-assign]
        hub.take(said(1))
        await until(lambda: good.texts() == ["1"])
        assert lost.over.result() == (post.TOO_SLOW, "too_slow")
        hub.take(said(2))
        await until(lambda: good.texts() == ["1", "2"])

    in_a_hub(scene)


def test_much_that_is_only_read_along_comes_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "MOST_AT_ONCE", 2)

    async def scene(hub: Hub) -> None:
        browser, outbox = opened(hub)
        for number in range(1, 6):
            outbox.put((number, f'{{"data":{{"text":"{number}"}}}}'), soon=True)
        await until(lambda: browser.texts() == ["1", "2", "3", "4", "5"])

    in_a_hub(scene)
