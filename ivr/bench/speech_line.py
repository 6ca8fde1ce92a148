"""The other side of the recognizer: callers' voices, and Asterisk's end of the wire."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from ivr.adapters.speech.audio import (
    TELEPHONE_RATE,
    alaw_round_trip,
    for_telephone,
    read_wav,
    silence,
    write_wav,
)
from ivr.adapters.speech.kokoro import Kokoro
from ivr.ports import Audio, Expectation

FRAME_S = 0.02
FRAME_BYTES = 320


class Caller:
    """Says sentences over an A-law line; each is spoken once and kept in ``folder``."""

    def __init__(self, kokoro: Kokoro, folder: Path) -> None:
        self._kokoro = kokoro
        self._folder = folder

    def says(self, text: str, voice: str = "ef_dora", *, pause_s: float = 0.25) -> Audio:
        """8 kHz sound with ``pause_s`` of silence before and after."""
        name = f"{voice}-{Kokoro.version}-{''.join(c for c in text if c.isalnum())[:80]}.wav"
        path = self._folder / name
        if not path.exists():
            write_wav(path, for_telephone(self._kokoro.speak(text, language="es-ES", voice=voice)))
        line = alaw_round_trip(read_wav(path))
        around = silence(pause_s, TELEPHONE_RATE)
        return Audio(np.concatenate([around, line.samples, around]), TELEPHONE_RATE)


class AsteriskEnd:
    """The client of one speech object: what ``res_speech_aeap`` sends, in its words."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.results: asyncio.Queue[tuple[float, list[dict[str, Any]]]] = asyncio.Queue()
        self._numbers = count()
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._loop = asyncio.get_running_loop()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            data = json.loads(message)
            if "response" in data:
                self._answers.pop(data["id"]).set_result(data)
            else:
                assert data["request"] == "set"
                await self.socket.send(json.dumps({"response": "set", "id": data["id"]}))
                self.results.put_nowait((self._loop.time(), data["params"]["results"]))

    async def ask(self, request: str, **content: Any) -> dict[str, Any]:
        """A request; like Asterisk, gives up on it after a second."""
        identity = f"id-{next(self._numbers)}"
        answer = self._answers[identity] = self._loop.create_future()
        await self.socket.send(json.dumps({"request": request, "id": identity, **content}))
        return await asyncio.wait_for(answer, 1.0)

    def close(self) -> None:
        """Read no more."""
        self._reader.cancel()

    async def setup(self) -> dict[str, Any]:
        """Agree on the codec."""
        return await self.ask("setup", version="0.1.0", codecs=[{"name": "slin"}], params={})

    async def turn(self, expect: Expectation) -> dict[str, Any]:
        """What the phone sets before it listens."""
        raw = json.dumps(asdict(expect) | {"call_id": "c", "language": "es-ES"}).encode()
        return await self.ask("set", params={"turn": base64.urlsafe_b64encode(raw).decode()})

    async def send(self, audio: Audio) -> float:
        """Frames of 20 ms in real time; when the sound ends, frames end. Returns the moment
        the first frame was sent (the loop's clock)."""
        pcm = (np.clip(audio.samples, -1, 1) * 32767).astype("<i2").tobytes()
        began = due = self._loop.time()
        for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
            await self.socket.send(pcm[start : start + FRAME_BYTES])
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - self._loop.time()))
        return began

    async def outcome(self) -> list[dict[str, Any]]:
        """The next results."""
        return (await asyncio.wait_for(self.results.get(), 90))[1]


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[AsteriskEnd]:
    """A line to the recognizer on ``port`` of this machine, set up."""
    async with connect(
        f"ws://127.0.0.1:{port}",
        subprotocols=["speech_to_text"],  # type: ignore[list-item]
        compression=None,
    ) as socket:
        assert socket.subprotocol == "speech_to_text"
        asterisk = AsteriskEnd(socket)
        assert (await asterisk.setup())["codecs"] == [{"name": "slin"}]
        try:
            yield asterisk
        finally:
            asterisk.close()
