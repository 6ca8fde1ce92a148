"""A chain of engines that is an engine: whoever fails is passed over and tried again later."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from ivr.errors import Unavailable
from ivr.ports import Audio, Synthesizer

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Spoken:
    """A rendering and who made it."""

    audio: Audio
    engine: Synthesizer
    voice: str


class FallbackSynthesizer:
    """Speaks with the first of ``engines`` that can; one that fails rests ``rest_s``."""

    name = "fallback"
    version = "1"

    def __init__(
        self,
        engines: Sequence[Synthesizer],
        *,
        rest_s: float = 30,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engines = tuple(engines)
        self.rest_s = rest_s
        self._now = now
        self._resting: dict[str, float] = {}
        self._lock = threading.Lock()

    def voices(self, language: str) -> Sequence[str]:
        chosen = self.candidates(language)
        return chosen[0].voices(language) if chosen else ()

    def candidates(self, language: str) -> list[Synthesizer]:
        """Engines that speak ``language``, best first; those that failed lately last."""
        able = [engine for engine in self.engines if engine.voices(language)]
        with self._lock:
            return sorted(able, key=lambda engine: self._resting.get(engine.name, 0) > self._now())

    def speak(self, text: str, *, language: str, voice: str = "") -> Audio:
        return self.spoken(text, language=language, voice=voice).audio

    def spoken(self, text: str, *, language: str, voice: str = "") -> Spoken:
        """Speak, telling which engine did. An engine without ``voice`` uses its best one.

        Raises :class:`Unavailable` when no engine could.
        """
        for engine in self.candidates(language):
            known = engine.voices(language)
            chosen = voice if voice in known else known[0]
            try:
                audio = engine.speak(text, language=language, voice=chosen)
            except Exception as error:
                self._rest(engine, error)
                continue
            with self._lock:
                self._resting.pop(engine.name, None)
            return Spoken(audio, engine, chosen)
        raise Unavailable(f"no speech engine could speak {language}", code="speech_out")

    def _rest(self, engine: Synthesizer, error: Exception) -> None:
        with self._lock:
            self._resting[engine.name] = self._now() + self.rest_s
        log.warning("speech engine failed", engine=engine.name, error=type(error).__name__)
