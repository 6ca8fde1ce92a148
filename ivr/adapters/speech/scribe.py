"""Spoken messages written down, in the background and at nobody's cost."""

import io
import threading

from ivr.adapters.speech.audio import read_wav
from ivr.adapters.speech.engines import recognizers
from ivr.adapters.speech.vosk import Vosk
from ivr.adapters.speech.whisper import Whisper
from ivr.config import Settings
from ivr.ports import Expectation


class Scribe:
    """Writes messages down one after the other on one core, for the callers on the line come
    first. What it listens with is loaded once, at the first message. Thread-safe."""

    def __init__(self, options: Settings | None = None) -> None:
        self._options = options
        self._listeners: dict[str, Vosk | Whisper] = {}
        self._writing = threading.Lock()

    def write(self, wav: bytes, language: str) -> str:
        """What is said in a WAV file, empty when there were no words. Raises
        :class:`Unavailable` when nothing is installed to listen with."""
        with self._writing:
            words = self._listener(language.split("-")[0]).transcribe(
                read_wav(io.BytesIO(wav)), language=language, expect=Expectation(dictation=True)
            )
            return words.text

    def _listener(self, language: str) -> Vosk | Whisper:
        """Whisper's one model hears every language; Vosk has one for each."""
        if language not in self._listeners:
            best = recognizers(self._options, language=language, threads=1)[0]
            same = [one for one in self._listeners.values() if isinstance(one, Whisper)]
            self._listeners[language] = same[0] if same and isinstance(best, Whisper) else best
        return self._listeners[language]
