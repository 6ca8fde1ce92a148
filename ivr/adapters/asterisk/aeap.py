"""The recognizer as Asterisk knows it: AEAP over websockets.

One connection is one call's speech object. Sound is judged here, decoding happens in the
pool's threads, so that every request is answered at once whatever the load.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from http import HTTPStatus

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as HttpRequest
from websockets.http11 import Response as HttpResponse

from ivr.adapters.asterisk import aeap_protocol as protocol
from ivr.adapters.speech.audio import from_pcm
from ivr.adapters.speech.endpoint import Endpointer
from ivr.adapters.speech.listening import (
    ANSWER_WITHIN_S,
    Decode,
    Deed,
    Drop,
    Fullness,
    Heard,
    Hurry,
    Listening,
    StopPrompt,
)
from ivr.adapters.speech.recognition import EARLY, FINAL, RecognitionPool
from ivr.adapters.speech.vad import CHUNK, VoiceDetector
from ivr.errors import Unavailable
from ivr.ports import Audio, Expectation, Words

log = structlog.get_logger(__name__)

TICK_S = 0.03
JUDGED_BYTES = 2 * CHUNK
"""Sound is judged this much at a time; Asterisk sends less."""
RATE = 8000
_LARGEST_MESSAGE = 64 * 1024


class SpeechServer:
    """Serves any number of lines; ``pool`` decides how many are decoded at once.

    A turn whose words are not there ``answer_within_s`` after the caller ended has failed.
    """

    def __init__(
        self,
        pool: RecognitionPool,
        judge: Callable[[str, Expectation, str], Fullness],
        *,
        answer_within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        self.pool = pool
        self.judge = judge
        self.answer_within_s = answer_within_s
        self.lines = 0

    async def start(self, host: str, port: int) -> Server:
        """Listen; port 0 takes any free one."""
        return await serve(
            self._line,
            host,
            port,
            subprotocols=[protocol.SUBPROTOCOL],  # type: ignore[list-item]
            process_request=self._plain_http,
            compression=None,
            max_size=_LARGEST_MESSAGE,
            server_header=None,
        )

    async def _line(self, connection: ServerConnection) -> None:
        self.lines += 1
        try:
            await _Line(connection, self).run()
        finally:
            self.lines -= 1

    def _plain_http(
        self, _connection: ServerConnection, request: HttpRequest
    ) -> HttpResponse | None:
        """``/health`` for whoever watches over this process; anything else is a websocket."""
        if request.path != "/health":
            return None
        body = json.dumps(
            {
                "status": "ok",
                "engines": [engine.name for engine in self.pool.engines],
                "lines": self.lines,
                "waiting": self.pool.waiting,
            }
        ).encode()
        headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body))})
        return HttpResponse(HTTPStatus.OK, "OK", headers, body)


class _Line:
    """One call's connection."""

    def __init__(self, connection: ServerConnection, server: SpeechServer) -> None:
        self._connection = connection
        self._pool = server.pool
        self._answer_within_s = server.answer_within_s
        self._listening = Listening(
            Endpointer(VoiceDetector()), self._judge, answer_within_s=server.answer_within_s
        )
        self._fullness = server.judge
        self._turn = protocol.TurnWanted()
        self._decodings: dict[int, Future[Words]] = {}
        self._loop = asyncio.get_running_loop()
        self._log = log.bind(line=id(connection) & 0xFFFF)

    def _judge(self, text: str, expect: Expectation) -> Fullness:
        return self._fullness(text, expect, self._turn.language)

    async def run(self) -> None:
        """Serve the line until Asterisk closes it."""
        ticker = asyncio.create_task(self._tick())
        sound = b""
        try:
            async for message in self._connection:
                if isinstance(message, bytes):
                    sound += message
                    if len(sound) < JUDGED_BYTES:
                        continue
                    samples = from_pcm(sound[: len(sound) // 2 * 2])
                    sound = b""
                    await self._do(self._listening.sound(samples, time.monotonic()))
                else:
                    await self._message(message)
        except ConnectionClosed:
            self._log.debug("line lost")
        finally:
            ticker.cancel()
            for decoding in self._decodings.values():
                decoding.cancel()

    async def _tick(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(TICK_S)
                if self._listening.busy:
                    await self._do(self._listening.tick(time.monotonic()))

    async def _message(self, message: str) -> None:
        try:
            said = protocol.parse(message)
        except protocol.ProtocolError as error:
            self._log.warning("not AEAP", error=str(error))
            return
        if isinstance(said, protocol.Response):
            if said.error:
                self._log.warning("Asterisk refused", request=said.name, error=said.error)
            return
        await self._connection.send(await self._answer(said))

    async def _answer(self, request: protocol.Request) -> str:
        match request.name:
            case "setup":
                return protocol.answer_setup(request)
            case "set" if isinstance(request.params, dict):
                if "turn" in request.params:
                    try:
                        self._turn = protocol.read_turn(str(request.params["turn"]))
                    except protocol.ProtocolError as error:
                        return protocol.refuse(request, str(error))
                    await self._do(self._listening.turn(self._turn.expect, time.monotonic()))
                return protocol.answer(request)
            case "get" if request.params == ["results"]:
                return protocol.answer(request, params={"results": []})
        return protocol.refuse(request, "not known here")

    async def _do(self, deeds: list[Deed]) -> None:
        for deed in deeds:
            match deed:
                case StopPrompt():
                    await self._send(protocol.BARGE_IN)
                case Heard(words):
                    await self._send(protocol.results_of(words) if words else protocol.FAILED)
                case Decode(number, speech, early):
                    self._decode(number, Audio(speech, RATE), early=early)
                case Hurry(number):
                    if number in self._decodings:
                        self._pool.hurry(self._decodings[number])
                case Drop(number):
                    if number in self._decodings:
                        self._decodings.pop(number).cancel()

    async def _send(self, results: tuple[protocol.Result, ...]) -> None:
        message, _ = protocol.set_results(results)
        await self._connection.send(message)

    def _decode(self, number: int, audio: Audio, *, early: bool) -> None:
        try:
            future = self._pool.submit(
                audio,
                language=self._turn.language,
                expect=self._turn.expect,
                urgency=EARLY if early else FINAL,
                patience_s=self._answer_within_s,
            )
        except Unavailable:
            self._loop.call_soon(self._conclude, number, None)
            return
        self._decodings[number] = future
        future.add_done_callback(partial(self._from_thread, number))

    def _from_thread(self, number: int, future: "Future[Words]") -> None:
        if future.cancelled():
            return
        words = None if future.exception() else future.result()
        with contextlib.suppress(RuntimeError):  # the loop is gone: so is the call
            self._loop.call_soon_threadsafe(self._conclude, number, words)

    def _conclude(self, number: int, words: Words | None) -> None:
        self._decodings.pop(number, None)
        deeds = self._listening.decoded(number, words, time.monotonic())
        if deeds:
            self._loop.create_task(self._deliver(deeds))

    async def _deliver(self, deeds: list[Deed]) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._do(deeds)
