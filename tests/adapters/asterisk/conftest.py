"""A real Asterisk and a way to be on the phone with it."""

import array
import math
import queue
import time
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import pytest

from ivr.adapters.asterisk.agi import AgiSession
from ivr.adapters.asterisk.fastagi import FastAgiServer
from ivr.adapters.asterisk.phone import AgiPhone
from ivr.flow.events import EventBase
from tests.adapters.asterisk.real_switch import Switch, new_switch, remove
from tests.adapters.asterisk.scripted_recognizer import ScriptedRecognizer

T = TypeVar("T")


def write_tone(path: Path, seconds: float) -> Path:
    """A loud tone: 8 kHz, mono, 16 bits."""
    samples = array.array("h", (int(9000 * math.sin(i * 0.5)) for i in range(int(seconds * 8000))))
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(samples.tobytes())
    return path


def loud_seconds(path: Path) -> float:
    """Seconds of a recording that are not silence."""
    with wave.open(str(path)) as sound:
        samples = array.array("h", sound.readframes(sound.getnframes()))
    frames = range(0, len(samples), 160)
    return sum(1 for i in frames if max(map(abs, samples[i : i + 160])) > 2000) / 50


CALL = "0f0e7f3c-5f4e-4f2c-9f57-4a1a4f3f1f0e"
"""Id of every call."""


class TonePrompts:
    """Prompts whose text is their length in seconds; ``late`` makes them render slowly."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.late = 0.0
        self.quick = False

    def at_once(self, text: str, language: str) -> Path | None:
        name = self.folder / f"quick-{text}.wav"
        return write_tone(name, float(text)) if self.quick else None

    def ready(self, text: str, language: str) -> Path | None:
        path = self.folder / f"tone-{text}.wav"
        return path if path.exists() else None

    def file(self, text: str, language: str) -> Path:
        time.sleep(self.late)
        return self.ready(text, language) or write_tone(
            self.folder / f"tone-{text}.wav", float(text)
        )


class OnThePhone:
    """Places calls to a switch and holds the application's end of them."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.prompts = TonePrompts(switch.folder)
        self.recordings = switch.folder / "spool"
        self.messages = switch.folder / "messages"
        self.messages.mkdir(exist_ok=True)
        self.events: queue.SimpleQueue[EventBase] = queue.SimpleQueue()
        self.phone: AgiPhone
        self._talk: Callable[[AgiSession], object] = lambda session: None
        self._result: Future[object] = Future()
        self.server = FastAgiServer(self._on_call, port=0)
        self.server.start()
        self.url = f"agi://127.0.0.1:{self.server.port}/call"
        switch.cli(f"dialplan set global APPLICATION {self.url}")

    def session(self, caller: str, talk: Callable[[AgiSession], T]) -> T:
        """Run ``talk`` on the AGI of a call from the extension ``caller``."""
        self._talk, self._result = talk, Future()
        self.switch.cli(f"channel originate Local/{caller} application AGI {self.url}")
        return self._result.result(30)  # type: ignore[return-value]

    def arriving(self, extension: str, talk: Callable[[AgiSession], T]) -> T:
        """Run ``talk`` on the AGI that the dialplan's ``extension`` calls."""
        self._talk, self._result = talk, Future()
        self.switch.cli(f"channel originate Local/{extension} extension s@talk")
        return self._result.result(30)  # type: ignore[return-value]

    def call(self, caller: str, talk: Callable[[AgiPhone], T]) -> T:
        """Run ``talk`` on the phone of a call from the extension ``caller``."""

        def on_session(session: AgiSession) -> T:
            self.phone = AgiPhone(
                session,
                self.prompts,
                emit=self.events.put,
                call_id=CALL,
                recordings=self.recordings,
                messages=self.messages,
                engine="recognizer",
                sounds="es_MX_f_Allison",
            )
            return talk(self.phone)

        return self.session(caller, on_session)

    def _on_call(self, session: AgiSession) -> None:
        result = self._result
        try:
            result.set_result(self._talk(session))
        except BaseException as error:
            result.set_exception(error)


@pytest.fixture(scope="session")
def switch() -> Iterator[Switch]:
    """One Asterisk for the session."""
    switch = new_switch()
    try:
        switch.start()
        yield switch
    finally:
        remove(switch)


@pytest.fixture(scope="session")
def line(switch: Switch) -> Iterator[OnThePhone]:
    """The application's end of calls."""
    line = OnThePhone(switch)
    yield line
    line.server.stop(grace_s=1)


@pytest.fixture
def on_the_phone(line: OnThePhone) -> OnThePhone:
    """The application's end of calls, as new."""
    line.prompts.late = 0.0
    line.prompts.quick = False
    line.events = queue.SimpleQueue()
    for seconds in ("0.3", "4"):
        line.prompts.file(seconds, "es-ES")
    return line


@pytest.fixture
def recognizer(switch: Switch) -> Iterator[ScriptedRecognizer]:
    """A recognizer where the switch looks for it."""
    recognizer = ScriptedRecognizer(switch.aeap_port)
    recognizer.start()
    yield recognizer
    recognizer.stop()
