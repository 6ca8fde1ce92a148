"""Speech in with Vosk: small, quick and able to keep to the words of a turn."""

import json
import re
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ivr.adapters.speech.audio import resampled
from ivr.errors import Unavailable
from ivr.ports import Audio, Expectation, Words

RATE = 16000
UNKNOWN = "[unk]"
"""Vosk's word for anything outside a grammar."""


def grammar(words: tuple[str, ...]) -> str:
    """A grammar as Vosk reads it: real characters, since it does not decode ``\\u`` escapes
    and would drop every accented word."""
    return json.dumps([*(word.lower() for word in words), UNKNOWN], ensure_ascii=False)


class Vosk:
    """The model for a language in a folder of models. Thread-safe.

    A model's language is the two letters in its folder's name, as in
    ``vosk-model-small-es-0.42``.
    """

    name = "vosk"

    def __init__(self, folder: Path, *, language: str = "es") -> None:
        self.folder = folder
        self.language = language
        self._loading = threading.Lock()

    @property
    def available(self) -> bool:
        """Whether a model of the language is installed."""
        return self._model_folder is not None

    def load(self) -> None:
        """Load the model, so that the first caller does not wait for it."""
        with self._loading:
            _ = self._model

    def transcribe(self, audio: Audio, *, language: str, expect: Expectation) -> Words:
        """The words, empty when there were none. Raises :class:`Unavailable`.

        With hints and no free speech expected, only the hinted words can be heard.
        """
        if language.split("-")[0] != self.language:
            raise Unavailable(f"this Vosk model hears {self.language}, not {language}")
        with self._loading:
            model = self._model
        from vosk import KaldiRecognizer

        closed = expect.hints if set(expect.kinds) <= {"choice"} and expect.kinds else ()
        listener = (
            KaldiRecognizer(model, RATE, grammar(closed))
            if closed
            else KaldiRecognizer(model, RATE)
        )
        listener.SetWords(True)
        samples = np.clip(resampled(audio, RATE).samples, -1, 1)
        parts = []
        pcm = (samples * 32767).astype("<i2").tobytes()
        for start in range(0, len(pcm), RATE):
            if listener.AcceptWaveform(pcm[start : start + RATE]):
                parts.append(json.loads(listener.Result()))
        parts.append(json.loads(listener.FinalResult()))
        return _words(parts)

    @property
    def _model_folder(self) -> Path | None:
        name = re.compile(rf"vosk-model-(?:.*-)?{self.language}(?:-.*)?")
        found = [path for path in sorted(self.folder.glob("vosk-model-*")) if path.is_dir()]
        return next((path for path in found if name.fullmatch(path.name)), None)

    @cached_property
    def _model(self) -> Any:
        folder = self._model_folder
        if folder is None:
            raise Unavailable(
                f"there is no Vosk model for {self.language}: unpack one into {self.folder}"
            )
        from vosk import Model, SetLogLevel

        SetLogLevel(-1)
        return Model(str(folder))


def _words(parts: list[dict[str, Any]]) -> Words:
    heard = [word for part in parts for word in part.get("result", ()) if word["word"] != UNKNOWN]
    if not heard:
        return Words("", 0.0)
    confidence = round(float(np.mean([word["conf"] for word in heard])), 3)
    text = " ".join(str(word["word"]) for word in heard)
    return Words(text, confidence)
