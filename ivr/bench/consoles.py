"""The consoles of :mod:`ivr.bench.console`: one in Chromium, observed, and others that read.

Only the first is measured. In a clinic each of the others has a machine of its own; here they
share the server's, and cost it as little as can be: one process empties their sockets ten times
a second and understands no more of what it reads than when to answer a ping.
"""

import base64
import contextlib
import multiprocessing
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ivr.errors import Unavailable

PASSWORD = "una-frase-de-muestra"
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
EMPTIED_S = 0.1
PING, PONG = b"\x89\x8a"


@contextlib.contextmanager
def watched(address: str) -> Iterator[tuple[Any, str]]:
    """A supervisor's console in Chromium, observed; with the session's cookie."""
    from playwright.sync_api import sync_playwright

    chromium = Path("/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium if chromium.exists() else None, args=["--no-sandbox"]
        )
        context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="es-ES")
        page = context.new_page()
        page.goto(f"{address}/entrar")
        page.get_by_label("Usuario").fill("bench")
        page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Entrar").click()
        page.get_by_role("heading", name="Llamadas en vivo").wait_for()
        page.get_by_text("En directo").wait_for()
        page.evaluate(OBSERVER)
        cookie = next(c["value"] for c in context.cookies() if c["name"] == "auricula")
        yield page, f"auricula={cookie}"
        browser.close()


@contextlib.contextmanager
def others(port: int, cookie: str, count: int, *, stalled: bool) -> Iterator[None]:
    """``count`` more consoles that read, in a process of their own; ``stalled``: and one that
    has stopped reading."""
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_read_along, args=(port, cookie, count, stalled, ready))
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
        self._line = opened(port, "/api/v1/events", origin, f"Cookie: {cookie}")
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
