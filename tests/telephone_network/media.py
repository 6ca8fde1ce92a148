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

from tests.telephone_network.hearing import RATE, Pcm
from tests.telephone_network.person import Person

CHUNK = 16_000
"""Bytes in one message: the switch takes at most 64 KiB."""

SILENCE = bytes(RATE * 2)
"""A second of silence: a line carries sound all the time, as a carrier's does."""

Attributes = dict[str, str]


def command(name: str, **values: str) -> str:
    """A control message of chan_websocket."""
    return json.dumps({"command": name, **values})


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
        """Put sound on a line in place of its silence; it is marked where it ends."""
        raw = samples.astype("<i2").tobytes()
        pieces = [raw[start : start + CHUNK] for start in range(0, len(raw), CHUNK)]
        end = command("MARK_MEDIA", correlation_id="spoken")
        self.send(person, command("FLUSH_MEDIA"), *pieces, end, *self._silence(person))

    def answer(self, person: Person) -> None:
        """Pick up a ringing line."""
        person.note_answered()
        self.send(person, command("ANSWER"), *self._silence(person))

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
                    await self._control(person, socket, json.loads(message))
        except ConnectionClosed:
            pass
        finally:
            del self._sockets[person.line]
            person.note_ended()

    async def _control(
        self, person: Person, socket: ServerConnection, message: dict[str, str]
    ) -> None:
        kind, mark = message.get("event"), message.get("correlation_id")
        if kind == "DTMF_END":
            person.keys_heard += message.get("digit", "")
        elif mark == "spoken":
            person.note_spoken()
        elif kind == "MEDIA_START" or mark == "silent":
            person.channel = message.get("channel", person.channel)
            for part in self._silence(person):
                await socket.send(part)

    @staticmethod
    def _silence(person: Person) -> tuple[str | bytes, ...]:
        if not person.carries_silence or person.is_ringing:
            return ()
        return (SILENCE, command("MARK_MEDIA", correlation_id="silent"))
