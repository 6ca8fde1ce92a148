"""FastAGI commands a second: ours beside panoramisk (the peer) and a bare threaded echo
(the limit of one Python process with a thread a call)."""

import asyncio
import multiprocessing
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from ivr.process import tied

SESSIONS = (1, 100, 500)
SECONDS = 3.0
COMMAND = 'SET VARIABLE "AURICULA_STEP" "menu"'
REPLY = b"200 result=1\n"
ENVIRONMENT = (
    b"agi_network: yes\nagi_network_script: bench\nagi_request: agi://127.0.0.1/bench\n"
    b"agi_channel: PJSIP/trunk-00000001\nagi_language: es\nagi_type: PJSIP\n"
    b"agi_uniqueid: 1.1\nagi_version: 22\nagi_callerid: 600111222\nagi_calleridname: unknown\n"
    b"agi_dnid: 910000000\nagi_context: from-trunk\nagi_extension: s\nagi_priority: 1\n"
    b"agi_threadid: 1\n\n"
)


def serve_ours(port: "multiprocessing.Queue[int]") -> None:
    """Our FastAGI server, sending one command after another on each call."""
    from ivr.adapters.asterisk.agi import AgiSession
    from ivr.adapters.asterisk.fastagi import FastAgiServer

    def call(session: AgiSession) -> None:
        while True:
            session.set_variable("AURICULA_STEP", "menu")

    server = FastAgiServer(call, port=0, max_calls=2000)
    server.start()
    port.put(server.port)
    threading.Event().wait()


def serve_panoramisk(port: "multiprocessing.Queue[int]") -> None:
    """panoramisk's FastAGI application doing the same."""
    import logging

    from panoramisk import fast_agi

    logging.disable(logging.CRITICAL)

    async def call(request: Any) -> None:
        while True:
            await request.send_command(COMMAND)

    async def main() -> None:
        application = fast_agi.Application(loop=asyncio.get_running_loop())
        application.add_route("bench", call)
        server = await asyncio.start_server(application.handler, "127.0.0.1", 0, backlog=1024)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def serve_echo(port: "multiprocessing.Queue[int]") -> None:
    """The limit: a thread a connection that sends fixed bytes and reads the answer."""
    line = (COMMAND + "\n").encode()

    def call(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.recv(65536)
        while True:
            connection.sendall(line)
            if not connection.recv(65536):
                return

    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    port.put(listener.getsockname()[1])
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=call, args=(connection,), daemon=True).start()


def load(port: int, sessions: int, seconds: float, result: "multiprocessing.Queue[Any]") -> None:
    """Play Asterisk on ``sessions`` connections; the gap between our answer and the next
    command is the server's latency."""
    selector = selectors.DefaultSelector()
    for _ in range(sessions):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(ENVIRONMENT)
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ, [0.0])
    gaps: list[float] = []
    counted_from = time.perf_counter() + 0.5
    end = counted_from + seconds
    now = 0.0
    while now < end:
        for key, _ in selector.select(1.0):
            assert isinstance(key.fileobj, socket.socket)
            if not key.fileobj.recv(65536):
                raise ConnectionError("the server closed a session")
            now = time.perf_counter()
            answered_at = key.data[0]
            if answered_at > counted_from and now < end:
                gaps.append(now - answered_at)
            key.data[0] = now
            key.fileobj.send(REPLY)
        now = time.perf_counter()
    gaps.sort()
    result.put((len(gaps) / seconds, gaps[int(len(gaps) * 0.99)] if gaps else None))


def measure(
    serve: Callable[["multiprocessing.Queue[int]"], None], sessions: int
) -> dict[str, float]:
    """One server and one load generator, each its own process."""
    context = multiprocessing.get_context("spawn")
    port: multiprocessing.Queue[int] = context.Queue()
    result: multiprocessing.Queue[Any] = context.Queue()
    server = context.Process(target=tied, args=(serve, port), daemon=True)
    server.start()
    generator = context.Process(
        target=tied,
        args=(load, port.get(timeout=30), sessions, SECONDS, result),
        daemon=True,
    )
    generator.start()
    try:
        rate, p99 = result.get(timeout=SECONDS + 60)
    finally:
        generator.terminate()
        server.kill()
    return {"commands_per_s": round(rate), "p99_ms": round((p99 or 0.0) * 1000, 3)}


def run() -> dict[str, Any]:
    """Commands a second and p99 with 1, 100 and 500 sessions."""
    report: dict[str, Any] = {"cores": os.cpu_count(), "sessions": {}}
    for sessions in SESSIONS:
        ours = measure(serve_ours, sessions)
        peer = measure(serve_panoramisk, sessions)
        limit = measure(serve_echo, sessions)
        report["sessions"][str(sessions)] = {
            "auricula": ours,
            "panoramisk": peer,
            "threaded_echo": limit,
            "times_panoramisk": round(ours["commands_per_s"] / peer["commands_per_s"], 2),
            "of_the_limit": round(ours["commands_per_s"] / limit["commands_per_s"], 2),
        }
    at_100 = report["sessions"]["100"]["times_panoramisk"]
    report["target"] = {"at_100_sessions_times_panoramisk": 2.0, "reached": at_100 >= 2.0}
    return report
