"""The raw sound of every line, both ways: the server chan_websocket connects to."""

import asyncio
import json
import threading
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import numpy as np
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.telephone_network.hearing import Pcm
from tests.telephone_network.person import Person

CHUNK = 16_000
"""Bytes in one message: the switch takes at most 64 KiB."""

Attributes = dict[str, str]


class MediaServer:
    """One event loop in its own thread; ``welcome`` names the person of a new line."""

    def __init__(self, port: int, welcome: Callable[[Attributes], Person | None]) -> None:
        self._welcome = welcome
        self._sockets: dict[str, ServerConnection] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="outside-media", daemon=True
        )
        self._thread.start()
        self._server: Server = asyncio.run_coroutine_threadsafe(
            self._start(port), self._loop
        ).result(10)

    def send(self, person: Person, *messages: str | bytes) -> None:
        """Put messages on a person's line, in order; nothing happens when it has gone."""

        async def deliver() -> None:
            socket = self._sockets.get(person.line)
            if socket is None:
                return
            try:
                for message in messages:
                    await socket.send(message)
            except ConnectionClosed:
                person.note_ended()

        asyncio.run_coroutine_threadsafe(deliver(), self._loop).result(10)

    def send_sound(self, person: Person, samples: Pcm) -> None:
        """Queue sound on a line and ask for word when it has left."""
        raw = samples.astype("<i2").tobytes()
        pieces = [raw[start : start + CHUNK] for start in range(0, len(raw), CHUNK)]
        self.send(person, *pieces, json.dumps({"command": "REPORT_QUEUE_DRAINED"}))

    def close(self) -> None:
        """Stop serving."""

        async def stop() -> None:
            self._server.close()
            await self._server.wait_closed()

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _start(self, port: int) -> Server:
        return await serve(
            self._line,
            "127.0.0.1",
            port,
            subprotocols=[Subprotocol("media")],
            compression=None,
            ping_interval=None,
        )

    async def _line(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        query = parse_qs(urlsplit(socket.request.path).query)
        person = self._welcome({key: values[0] for key, values in query.items()})
        if person is None:
            await socket.close(1008)
            return
        self._sockets[person.line] = socket
        try:
            async for message in socket:
                if isinstance(message, bytes):
                    person.note_heard(np.frombuffer(message, dtype="<i2").astype(np.int16))
                else:
                    self._control(person, json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            del self._sockets[person.line]
            person.note_ended()

    @staticmethod
    def _control(person: Person, message: dict[str, str]) -> None:
        match message.get("event"):
            case "MEDIA_START":
                person.channel = message["channel"]
            case "QUEUE_DRAINED":
                person.note_spoken()
            case "DTMF_END":
                person.keys_heard += message.get("digit", "")
