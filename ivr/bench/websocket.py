"""Events to many consoles: ours beside plain ``websockets.broadcast`` (the limit).

Both servers send the same messages to the same number of readers in a process of their
own, which looks at no more than whether the last has come; the time runs from the first
message handed over until every reader has the last. Ours is measured twice: one event a
message, as the limit is, and as it is, with what happens within 10 ms in one message.
"""

import asyncio
import multiprocessing
import selectors
import time
from datetime import UTC, datetime
from typing import Any

from ivr.bench.consoles import opened
from ivr.process import tied

CONSOLES = 200
MESSAGES = 300
LIMIT_S = 120.0


def readers(port: int, count: int, last: int, times: "multiprocessing.Queue[float]") -> None:
    """``count`` websockets that are read until all have seen event number ``last``."""
    sought = f'"number":{last},'.encode()
    tails: dict[int, bytes] = {}
    with selectors.DefaultSelector() as waiting:
        for _ in range(count):
            line = opened(port, "/")
            line.setblocking(False)
            waiting.register(line, selectors.EVENT_READ, line)
        times.put(0.0)
        while waiting.get_map():
            for key, _ in waiting.select(LIMIT_S):
                got = tails.get(key.fd, b"") + key.data.recv(1 << 18)
                tails[key.fd] = got[-len(sought) :]
                if sought in got:
                    waiting.unregister(key.data)
        times.put(time.time())


def _event(number: int) -> Any:
    from ivr.calls.schemas import NumberedEvent

    data = {"type": "queue.joined", "queue": "recepcion", "position": 1, "priority": 0}
    return NumberedEvent(number, datetime.now(UTC), "queue.joined", None, None, None, data)


async def _ours(count: int, messages: int, *, one_by_one: bool) -> float:
    """Through the hub and the post to connections of uvicorn; ``one_by_one``: the next event
    happens when the one before has been handed to every connection."""
    import uvicorn
    from fastapi import FastAPI, WebSocket

    from ivr.agents.viewer import Viewer
    from ivr.web.audience import Desk
    from ivr.web.hub import Hub
    from ivr.web.lines import ScreenProtocol, line_of
    from ivr.web.metrics import Metrics

    hub = Hub(None, None, Metrics())  # type: ignore[arg-type]
    if one_by_one:
        hub.post.pause_s = 0
    app = FastAPI()
    viewer = Viewer(1, "bench", "Bench", "supervisor", None)

    @app.websocket("/")
    async def console(socket: WebSocket) -> None:
        outbox = hub.open(Desk(viewer))
        await socket.accept()
        outbox.connect(line_of(socket), 0)
        await socket.receive()

    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_config=None, ws=ScreenProtocol, access_log=False)
    )
    running = asyncio.create_task(server.serve())
    delivering = asyncio.create_task(hub.post.run(str))
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]

    async def send() -> None:
        for number in range(1, messages + 1):
            hub.take(_event(number))
            await asyncio.sleep(0)
            while one_by_one and any(outbox.messages for outbox in hub.outboxes):
                await asyncio.sleep(0)

    seconds = await _measure(port, count, messages, send)
    server.should_exit = True
    await running
    delivering.cancel()
    return seconds


async def _plain(count: int, messages: int) -> float:
    """``websockets.broadcast`` of the same text, one message an event."""
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    from ivr.web.hub import as_text
    from ivr.web.lines import events_message

    sockets: set[ServerConnection] = set()

    async def console(socket: ServerConnection) -> None:
        sockets.add(socket)
        await socket.wait_closed()

    async with serve(console, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]

        async def send() -> None:
            for number in range(1, messages + 1):
                broadcast(sockets, events_message([as_text(_event(number), "full")]))
                await asyncio.sleep(0)

        return await _measure(port, count, messages, send)


async def _measure(port: int, count: int, messages: int, send: Any) -> float:
    """Seconds from the first message to the last reader's last."""
    context = multiprocessing.get_context("spawn")
    times: multiprocessing.Queue[float] = context.Queue()
    process = context.Process(
        target=tied, args=(readers, port, count, messages, times), daemon=True
    )
    process.start()
    await asyncio.to_thread(times.get, True, LIMIT_S)
    began = time.time()
    await send()
    ended: float = await asyncio.to_thread(times.get, True, LIMIT_S)
    await asyncio.to_thread(process.join, 10)
    return ended - began


def run() -> dict[str, Any]:
    """Deliveries a second of both, and ours as a share of the limit."""
    deliveries = CONSOLES * MESSAGES
    limit = deliveries / asyncio.run(_plain(CONSOLES, MESSAGES))
    gathered = deliveries / asyncio.run(_ours(CONSOLES, MESSAGES, one_by_one=False))
    ours = deliveries / asyncio.run(_ours(CONSOLES, MESSAGES, one_by_one=True))
    return {
        "consoles": CONSOLES,
        "messages": MESSAGES,
        "ours_per_s": round(ours),
        "ours_gathered_per_s": round(gathered),
        "websockets_broadcast_per_s": round(limit),
        "share_of_limit": round(ours / limit, 2),
        "target_share": 0.6,
    }
