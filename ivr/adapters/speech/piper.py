"""Speech out with Piper: preferred to Kokoro when a voice of the language is installed."""

import json
import threading
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from ivr.errors import Unavailable
from ivr.ports import Audio


class Piper:
    """The voices of a folder: ``NAME.onnx`` beside ``NAME.onnx.json``. Thread-safe."""

    name = "piper"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = version("piper-tts")
        self._loaded: dict[str, Any] = {}
        self._speaking = threading.Lock()

    def voices(self, language: str) -> Sequence[str]:
        """Voices of the country first, then of the language; better qualities first."""
        wanted = language.replace("-", "_")
        found = []
        for model in sorted(self.folder.glob("*.onnx")):
            spoken, quality = _described(model.with_name(model.name + ".json"))
            if spoken.split("_")[0] == wanted.split("_")[0]:
                found.append((spoken != wanted, quality, model.stem))
        return [name for *_, name in sorted(found)]

    def speak(self, text: str, *, language: str, voice: str = "") -> Audio:
        """Speak at the voice's own rate. Raises :class:`Unavailable`."""
        known = self.voices(language)
        if not known or (voice and voice not in known):
            raise Unavailable(
                f"Piper has no voice {voice or 'for ' + language}: put NAME.onnx and "
                f"NAME.onnx.json into {self.folder}"
            )
        chosen = voice or known[0]
        with self._speaking:
            if chosen not in self._loaded:
                from piper import PiperVoice

                self._loaded[chosen] = PiperVoice.load(self.folder / f"{chosen}.onnx")
            chunks = list(self._loaded[chosen].synthesize(text))
        if not chunks:
            raise Unavailable(f"there is nothing to say in {text!r}", code="nothing_to_say")
        samples = np.concatenate([chunk.audio_float_array for chunk in chunks])
        return Audio(np.asarray(samples, np.float32), int(chunks[0].sample_rate))


_QUALITIES = {"high": 0, "medium": 1, "low": 2, "x_low": 3}


@cache
def _described(description: Path) -> tuple[str, int]:
    """Language code (``es_ES``) and rank of quality of a voice; none when unreadable."""
    try:
        data = json.loads(description.read_text(encoding="utf-8"))
        return str(data["language"]["code"]), _QUALITIES.get(data["audio"].get("quality"), 1)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "", 9
