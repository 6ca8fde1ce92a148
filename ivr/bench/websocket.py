"""Events to many consoles: ours beside plain ``websockets.broadcast`` (the limit).

Both servers send the same messages to the same number of readers in a process of their
own; the time runs from the first message handed over until every reader has the last.
"""

import asyncio
import json
import multiprocessing
import time
from datetime import UTC, datetime
from typing import Any

CONSOLES = 200
MESSAGES = 300
LIMIT_S = 120.0


def readers(url: str, count: int, last: int, times: "multiprocessing.Queue[float]") -> None:
    """``count`` websockets that read until they have seen number ``last``."""
    from websockets.asyncio.client import connect

    async def one(ready: asyncio.Semaphore) -> None:
        async with ready, connect(url, compression=None, proxy=None, max_size=None) as socket:
            ready.release()
            opened.release()
            seen = 0
            while seen < last:
                message = json.loads(await socket.recv())
                for event in message.get("events", []):
                    seen = event["number"]
            await ready.acquire()

    async def main() -> None:
        gate = asyncio.Semaphore(20)
        tasks = [asyncio.create_task(one(gate)) for _ in range(count)]
        for _ in range(count):
            await opened.acquire()
        times.put(0.0)
        await asyncio.wait_for(asyncio.gather(*tasks), LIMIT_S)
        times.put(time.time())

    opened = asyncio.Semaphore(0)
    asyncio.run(main())


def _event(number: int) -> Any:
    from ivr.calls.schemas import NumberedEvent

    data = {"type": "turn.heard", "text": "Quería cambiar la cita", "confidence": 0.9}
    data["alternatives"] = []
    return NumberedEvent(number, datetime.now(UTC), "turn.heard", None, None, None, data)


async def _ours(count: int, messages: int) -> float:
    """Through the hub and the console's own way of writing, over uvicorn."""
    import uvicorn
    from fastapi import FastAPI, WebSocket

    from ivr.agents.viewer import Viewer
    from ivr.web.audience import Desk
    from ivr.web.hub import Hub
    from ivr.web.lines import ScreenProtocol, line_of
    from ivr.web.metrics import Metrics

    hub = Hub(None, None, Metrics())  # type: ignore[arg-type]
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

    seconds = await _measure(f"ws://127.0.0.1:{port}/", count, messages, send)
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

        return await _measure(f"ws://127.0.0.1:{port}/", count, messages, send)


async def _measure(url: str, count: int, messages: int, send: Any) -> float:
    """Seconds from the first message to the last reader's last."""
    context = multiprocessing.get_context("spawn")
    times: multiprocessing.Queue[float] = context.Queue()
    process = context.Process(target=readers, args=(url, count, messages, times))
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
    ours = deliveries / asyncio.run(_ours(CONSOLES, MESSAGES))
    return {
        "consoles": CONSOLES,
        "messages": MESSAGES,
        "ours_per_s": round(ours),
        "websockets_broadcast_per_s": round(limit),
        "share_of_limit": round(ours / limit, 2),
        "target_share": 0.6,
    }
