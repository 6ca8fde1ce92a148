"""Speech out with Kokoro 82M: the default voice."""

import os
import re
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ivr.adapters.speech.audio import silence
from ivr.adapters.speech.sentences import pieces
from ivr.errors import Unavailable
from ivr.ports import Audio, Samples

RATE = 24000
LONGEST_PIECE = 200
"""Characters spoken in one breath: well under the model's 510 phonemes."""
PAUSE_S = 0.28
_ESPEAK_LANGUAGES = {"es-ES": "es", "es-MX": "es-419"}
"""Phonemes differ: only Spain tells `casa` from `caza`."""
_BEFORE_A_WORD = "Muy bien, muchas gracias, entonces..."
_VOICES = ("ef_dora", "em_alex", "em_santa")


class Kokoro:
    """Kokoro's int8 ONNX model; loaded at the first word spoken. Thread-safe."""

    name = "kokoro"
    version = "1.0-int8"

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        self.folder = folder
        self.threads = threads or min(4, len(os.sched_getaffinity(0)))
        self._loading = threading.Lock()

    def voices(self, language: str) -> Sequence[str]:
        if language not in _ESPEAK_LANGUAGES or not self._model.is_file():
            return ()
        return tuple(voice for voice in _VOICES if self._voice_file(voice).is_file())

    def speak(self, text: str, *, language: str, voice: str = "", speed: float = 1.0) -> Audio:
        """Speak at 24 kHz; ``speed`` 0.5-2. Raises :class:`Unavailable`."""
        known = self.voices(language)
        if not known:
            raise Unavailable(f"Kokoro has no voice for {language}: run `auricula models`")
        if voice and voice not in known:
            raise Unavailable(f"Kokoro has no voice {voice}; it has {', '.join(known)}")
        return self.speak_as(read_style(self._voice_file(voice or known[0])), text, language, speed)

    def speak_as(self, style: Samples, text: str, language: str, speed: float) -> Audio:
        """Speak with a voice that need not be one of those installed: ``style`` as
        :func:`read_style` gives it. Raises :class:`Unavailable`."""
        spoken: list[Samples] = []
        for piece in pieces(text, LONGEST_PIECE):
            if spoken:
                spoken.append(silence(PAUSE_S, RATE))
            spoken.append(self._say(piece, _ESPEAK_LANGUAGES[language], style, speed))
        if not spoken:
            raise Unavailable(f"there is nothing to say in {text!r}", code="nothing_to_say")
        return Audio(np.concatenate(spoken), RATE)

    def _say(self, text: str, language: str, style: Samples, speed: float) -> Samples:
        """Alone, a single word comes out with a blurred end: it is said after others and
        cut off."""
        if re.search(r"\w\W+\w", text.strip()) is None:
            after_others = self._infer(f"{_BEFORE_A_WORD} {text}", language, style, speed)
            if (word := _last_word(after_others)) is not None:
                return word
        return self._infer(text, language, style, speed)

    def _infer(self, text: str, language: str, style: Samples, speed: float) -> Samples:
        with self._loading:
            session, tokenizer = self._loaded
        phonemes = re.sub(r"\s+", " ", tokenizer.phonemize(text, language))
        tokens = tokenizer.tokenize(phonemes)
        if not tokens:
            return silence(PAUSE_S, RATE)
        from kokoro_onnx.trim import trim

        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[min(len(tokens), len(style)) - 1],
            "speed": np.array([speed], np.float32),
        }
        samples = np.asarray(session.run(None, inputs)[0], np.float32).ravel()
        return np.asarray(trim(samples)[0], np.float32)

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        import onnxruntime
        from kokoro_onnx.tokenizer import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(
            str(self._model), sess_options=options, providers=["CPUExecutionProvider"]
        )
        return session, Tokenizer()

    @property
    def _model(self) -> Path:
        return self.folder / "kokoro-v1.0.int8.onnx"

    def _voice_file(self, voice: str) -> Path:
        return self.folder / "voices" / f"{voice}.bin"


def read_style(path: Path) -> Samples:
    """A voice file: one style for each number of phonemes, shape (-1, 1, 256)."""
    return np.fromfile(path, np.float32).reshape(-1, 1, 256)


def _last_word(samples: Samples, block: int = RATE // 100) -> Samples | None:
    """What follows the longest pause of the last second; None when there is none."""
    usable = len(samples) // block * block
    power = np.square(samples[:usable]).reshape(-1, block).mean(axis=1)
    level = 10 * np.log10(power / power.max() + 1e-9)
    end = int(np.flatnonzero(level > -45)[-1]) + 1
    longest, quiet, start = 4, 0, 0
    for index in range(max(0, end - 90), end - 12):
        quiet = quiet + 1 if level[index] < -36 else 0
        if quiet > longest:
            longest, start = quiet, index - 1
    return samples[start * block : (end + 4) * block] if start else None
