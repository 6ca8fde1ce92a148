"""A recognizer that speaks Asterisk's AEAP on a real websocket and hears what it is told."""

import base64
import json
import queue
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

Result = dict[str, Any]


def result(text: str, score: int = 90, grammar: str = "free") -> Result:
    return {"text": text, "score": score, "grammar": grammar, "best": 0}


class Turn:
    """One turn as the recognizer sees it."""

    def __init__(
        self, connection: ServerConnection, frames: queue.SimpleQueue[bytes], told: dict[str, Any]
    ) -> None:
        self.told = told
        self._connection = connection
        self._frames = frames

    def hears(self, *results: Result) -> None:
        """Send results; Asterisk ends the turn."""
        request = {"request": "set", "id": "r", "params": {"results": list(results)}}
        self._connection.send(json.dumps(request))

    def wait_for_audio(self, frames: int = 1) -> None:
        """Wait for ``frames`` times twenty milliseconds of the caller's audio."""
        for _ in range(frames):
            self._frames.get(timeout=10)

    def dies(self) -> None:
        """The process is gone."""
        self._connection.socket.shutdown(socket.SHUT_RDWR)


class ScriptedRecognizer:
    """Runs ``script`` for each turn; ``turns`` keeps what each was told to expect."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.turns: list[dict[str, Any]] = []
        self.script: Callable[[Turn], None] = lambda turn: None
        self.silent = False
        self._server: Server | None = None

    def start(self) -> None:
        self._server = serve(
            self._talk,
            "127.0.0.1",
            self.port,
            subprotocols=["speech_to_text"],  # type: ignore[list-item]
        )
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server = None

    def _talk(self, connection: ServerConnection) -> None:
        frames: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        for message in connection:
            if isinstance(message, bytes):
                frames.put(message)
            if isinstance(message, bytes) or self.silent:
                continue
            request = json.loads(message)
            if request.get("request") == "setup":
                self._answer(connection, request, codecs=[{"name": "slin"}])
            elif request.get("request") == "set":
                self._answer(connection, request)
                told = json.loads(base64.urlsafe_b64decode(request["params"]["turn"]))
                self.turns.append(told)
                # Asterisk drops what comes before SPEECH RECOGNIZE has begun.
                turn = Turn(connection, frames, told)
                threading.Timer(0.15, self._play, (turn,)).start()

    def _play(self, turn: Turn) -> None:
        with suppress(OSError, ConnectionClosed, queue.Empty):
            self.script(turn)

    def _answer(self, connection: ServerConnection, request: dict[str, Any], **more: Any) -> None:
        answer = {"response": request["request"], "id": request["id"], **more}
        connection.send(json.dumps(answer))
