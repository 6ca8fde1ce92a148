"""The consoles of :mod:`ivr.bench.console`: one that keeps what it is sent, others that read, and
the page in Chromium that is sent the same again, or follows the server itself.

In a clinic every console has a machine of its own; here all would share the server's, and a page
takes as much of a processor as the server does. So the server is measured first, up to what
arrives at a console; then the page, with the same messages at the same intervals. The others cost
the server's machine as little as can be: one process empties their sockets ten times a second and
understands no more of what it reads than when to answer a ping.
"""

import base64
import contextlib
import json
import multiprocessing
import os
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ivr.errors import Unavailable
from ivr.process import tied

PASSWORD = "una-frase-de-muestra"
STREAM = "/api/v1/events"
OBSERVER = """
window.__seen = {};
const note = (card, now) => {
  (window.__seen[card.dataset.call] ??= {})[card.dataset.status] ??= now;
};
new MutationObserver((changes) => {
  const now = Date.now();
  for (const { type, target, addedNodes } of changes) {
    if (type === 'attributes') note(target, now);
    for (const node of addedNodes) {
      if (node.dataset?.call) note(node, now);
      else node.querySelectorAll?.('.call-card').forEach((card) => note(card, now));
    }
  }
}).observe(document, { subtree: true, childList: true, attributeFilter: ['data-status'] });
"""
"""Notes when a call's card first has a status; looks at nothing but what changed."""
DIVERTED = """
const Real = WebSocket;
window.WebSocket = class extends Real {
  constructor(url, ...more) {
    super(url.includes('%s') ? 'ws://127.0.0.1:%d' : url, ...more);
  }
};
"""
"""Sends the page's websocket to another port of this machine."""
STATUS = {"queue.joined": "queued", "queue.left": "talking", "call.ended": "ended"}
"""Which event gives a call's card which status."""
EMPTIED_S = 0.1
START_S = 60.0
AFTERWARDS_S = 2.0
"""What is late still counts."""
PING, PONG = b"\x89\x8a"

Seen = dict[str, dict[str, float]]
"""By call and status, when: epoch milliseconds."""


@dataclass
class Received:
    """What one console was sent."""

    messages: list[tuple[float, str]]
    """With the moment each arrived (epoch milliseconds); the first is the snapshot."""

    def arrived(self) -> Seen:
        """When the events of :data:`STATUS` arrived."""
        return self._times([at for at, _ in self.messages])

    def shown(self, sent: Sequence[float], seen: Seen) -> Seen:
        """When a page far from the server would have shown them: it was sent the messages at
        ``sent`` and showed them as ``seen``."""
        before = self._times(sent)
        return {
            call: {
                status: at + seen[call][status] - before[call][status]
                for status, at in statuses.items()
                if status in seen.get(call, {})
            }
            for call, statuses in self.arrived().items()
        }

    def _times(self, moments: Sequence[float]) -> Seen:
        times: Seen = {}
        for moment, (_, text) in zip(moments, self.messages, strict=True):
            for event in json.loads(text).get("events", ()):
                data = event["data"]
                status = STATUS.get(data["type"])
                if status is not None and data.get("reason") in (None, "connected"):
                    times.setdefault(event["call_id"], {}).setdefault(status, moment)
        return times


def logged_in(address: str) -> str:
    """The cookie of a supervisor's session."""
    import httpx

    with httpx.Client(base_url=address, headers={"Origin": address}) as client:
        answer = client.post("/api/v1/session", json={"username": "bench", "password": PASSWORD})
        answer.raise_for_status()
        return f"auricula={client.cookies['auricula']}"


@contextlib.contextmanager
def receiving(port: int, cookie: str) -> Iterator[Received]:
    """A console that keeps what it is sent, in a process of its own; complete once left."""
    kept = Received([])
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=tied, args=(_keep, port, cookie, there), daemon=True)
    process.start()
    there.close()
    try:
        if not here.poll(START_S):
            raise Unavailable("the console could not connect")
        here.recv()
        yield kept
        time.sleep(AFTERWARDS_S)
        here.send("over")
        kept.messages += here.recv()
    except EOFError:
        raise Unavailable("the server closed the console that keeps what it is sent") from None
    finally:
        process.terminate()
        process.join(10)


def _keep(port: int, cookie: str, parent: "Connection[Any, Any]") -> None:
    from websockets.sync.client import connect
    from websockets.typing import Origin

    heard = []
    with connect(
        f"ws://127.0.0.1:{port}{STREAM}",
        origin=Origin(f"http://127.0.0.1:{port}"),
        additional_headers={"Cookie": cookie},
        max_size=None,
    ) as line:
        heard.append((time.time() * 1000, line.recv()))
        parent.send("ready")
        while not parent.poll():
            with contextlib.suppress(TimeoutError):
                text = line.recv(EMPTIED_S)
                heard.append((time.time() * 1000, text))
    parent.send(heard)


def replay(address: str, kept: Received) -> Seen:
    """When a supervisor's page in Chromium shows what ``kept`` was sent, on the clock of the
    first time. Raises :class:`Unavailable`."""
    if len(kept.messages) < 2:
        raise Unavailable("the console was sent nothing that could be sent again")
    with _sending(kept) as (port, start, sent), _page(address, DIVERTED % (STREAM, port)) as page:
        start.set()
        deadline = time.monotonic() + (kept.messages[-1][0] - kept.messages[0][0]) / 1000 + START_S
        while not sent.poll():
            if time.monotonic() > deadline:
                raise Unavailable("the page left before it was sent everything")
            page.wait_for_timeout(200)
        page.wait_for_timeout(AFTERWARDS_S * 1000)
        return kept.shown(sent.recv(), page.evaluate("window.__seen"))


@contextlib.contextmanager
def watching(address: str) -> Iterator[Seen]:
    """When a supervisor's page in Chromium, on this machine, shows what; complete once left."""
    seen: Seen = {}
    with _page(address) as page:
        yield seen
        page.wait_for_timeout(AFTERWARDS_S * 1000)
        seen.update(page.evaluate("window.__seen"))


@contextlib.contextmanager
def _page(address: str, script: str = "") -> Iterator[Any]:
    """The list of live calls in Chromium, with the observer in it; ``script`` runs first."""
    from playwright.sync_api import sync_playwright

    chromium = Path("/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium if chromium.exists() else None, args=["--no-sandbox"]
        )
        context = browser.new_context(
            viewport={"width": 1280, "height": 720}, locale="es-ES", bypass_csp=True
        )
        context.add_init_script(script)
        page = context.new_page()
        page.goto(f"{address}/entrar")
        page.get_by_label("Usuario").fill("bench")
        page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Entrar").click()
        page.get_by_role("heading", name="Llamadas en vivo").wait_for()
        page.get_by_text("En directo").wait_for()
        page.evaluate(OBSERVER)
        yield page
        browser.close()


@contextlib.contextmanager
def _sending(kept: Received) -> Iterator[tuple[int, Any, "Connection[Any, Any]"]]:
    """Port of a server that sends the messages again, the event that starts it after the first
    of them, and where it tells when it sent each."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    start = context.Event()
    process = context.Process(
        target=tied, args=(_send_again, kept.messages, start, there), daemon=True
    )
    process.start()
    there.close()
    try:
        if not here.poll(START_S):
            raise Unavailable("what was received could not be sent again")
        yield here.recv(), start, here
    finally:
        process.terminate()
        process.join(10)


def _send_again(
    messages: list[tuple[float, str]], start: Any, parent: "Connection[Any, Any]"
) -> None:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.server import ServerConnection, serve

    def send(line: ServerConnection) -> None:
        sent = [time.time() * 1000]
        line.send(messages[0][1])
        start.wait()
        later = time.time() * 1000 - messages[1][0]
        for at, text in messages[1:]:
            time.sleep(max(0.0, (at + later) / 1000 - time.time()))
            sent.append(time.time() * 1000)
            line.send(text)
        parent.send(sent)
        with contextlib.suppress(ConnectionClosed):
            line.recv()

    with serve(send, "127.0.0.1", 0, compression=None) as server:
        parent.send(server.socket.getsockname()[1])
        server.serve_forever()


@contextlib.contextmanager
def others(port: int, cookie: str, count: int, *, stalled: bool) -> Iterator[None]:
    """``count`` more consoles that read, in a process of their own; ``stalled``: and one that
    has stopped reading."""
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(
        target=tied, args=(_read_along, port, cookie, count, stalled, ready), daemon=True
    )
    process.start()
    try:
        if not ready.wait(60):
            raise Unavailable("the other consoles could not connect")
        yield
        if not process.is_alive():
            raise Unavailable("the server closed a console that reads")
    finally:
        process.terminate()
        process.join(10)


def _read_along(port: int, cookie: str, count: int, stalled: bool, ready: Any) -> None:
    consoles = [_Console(port, cookie) for _ in range(count)]
    _idle = _Console(port, cookie) if stalled else None
    ready.set()
    while True:
        time.sleep(EMPTIED_S)
        for console in consoles:
            console.empty()


def opened(port: int, path: str, *headers: str) -> socket.socket:
    """A websocket of a server on this machine, as a plain socket after the handshake."""
    line = socket.create_connection(("127.0.0.1", port), 10)
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        *headers,
    )
    line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        got = line.recv(1)
        if not got:
            break
        answer += got
    if b" 101 " not in answer.split(b"\r\n", 1)[0]:
        raise Unavailable("the websocket was refused")
    return line


class _Console:
    """A websocket of which only the frames' lengths are looked at."""

    def __init__(self, port: int, cookie: str) -> None:
        origin = f"Origin: http://127.0.0.1:{port}"
        self._line = opened(port, STREAM, origin, f"Cookie: {cookie}")
        self._rest = self._line.recv(1 << 18)  # the snapshot has been made
        self._line.setblocking(False)
        self._to_skip = 0

    def empty(self) -> None:
        """Read what has come; raises :class:`Unavailable` when the server has closed."""
        with contextlib.suppress(BlockingIOError):
            while True:
                got = self._line.recv(1 << 18)
                if not got:
                    raise Unavailable("the server closed a console that reads")
                self._take(got)

    def _take(self, got: bytes) -> None:
        data = self._rest + got[self._to_skip :]
        self._to_skip = max(0, self._to_skip - len(got))
        at = 0
        while len(data) >= at + 2:
            length, head = data[at + 1], 2
            if length > 125:
                wide = 2 if length == 126 else 8
                head += wide
                length = int.from_bytes(data[at + 2 : at + head])
            whole = head + length
            if len(data) < at + head or (data[at] == PING and len(data) < at + whole):
                break
            if data[at] == PING:
                mask = b"\0\0\0\0"
                text = data[at + head : at + whole]
                self._line.send(bytes((PONG, 0x80 | len(text))) + mask + text)
            at += whole
        self._rest = data[at:]
        self._to_skip = max(self._to_skip, at - len(data))
