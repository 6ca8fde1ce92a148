"""What callers say: sentences rendered once with the project's neural voices.

Rendering takes as long as speaking and both processors. Whoever knows what will be said
announces it (:func:`will_say`), so that no call is in progress meanwhile.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

import fasteners
import numpy as np

from ivr.adapters.speech.audio import alaw_round_trip, read_wav, write_wav
from ivr.adapters.speech.catalogue import KOKORO
from ivr.adapters.speech.kokoro import Kokoro
from ivr.adapters.speech.models import models_root
from ivr.config import settings
from ivr.errors import Unavailable
from ivr.ports import Audio
from tests.telephone_network.hearing import Pcm

VOICES = ("ef_dora", "em_alex")
"""A woman and a man."""
SPEAKING_LEVEL = 0.08
"""Root mean square of a caller's speech: about -22 dBFS."""
_announced: dict[tuple[str, str], None] = {}


def will_say(sentences: Iterable[str], *, voice: str = VOICES[0]) -> None:
    """Somebody will say this in a test."""
    _announced.update(dict.fromkeys((text, voice) for text in sentences))


def rehearse() -> None:
    """Render what was announced and is not there yet; without a voice, who speaks will fail."""
    with suppress(Unavailable):
        for text, voice in _announced:
            sentence(text, voice=voice)


def sentence(text: str, *, voice: str = VOICES[0], speed: float = 1.0) -> Pcm:
    """``text`` spoken by ``voice`` as it sounds at the far end of a telephone line."""
    kokoro = _kokoro()
    key = hashlib.sha256(f"{kokoro.version}|{voice}|{speed}|{text}".encode()).hexdigest()[:24]
    folder = settings().cache / "callers"
    path: Path = folder / f"{key}.wav"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with fasteners.InterProcessLock(folder / "rendering"):
            if not path.exists():
                spoken = kokoro.speak(text, language="es-ES", voice=voice, speed=speed)
                line = alaw_round_trip(spoken)
                level = float(np.sqrt(np.mean(np.square(line.samples))))
                write_wav(path, Audio(line.samples * np.float32(SPEAKING_LEVEL / level), line.rate))
    return (read_wav(path).samples * 32767).astype(np.int16)


@cache
def _kokoro() -> Kokoro:
    return Kokoro(models_root(settings().cache) / KOKORO.directory)


def cough(seed: int = 1) -> Pcm:
    """Half a second of a cough: two bursts of low noise, no words."""
    random = np.random.default_rng(seed)
    bursts = []
    for length in (0.22, 0.18):
        moments = np.arange(int(length * 8000)) / 8000
        shape = np.exp(-moments * 14) * np.minimum(1, moments * 200)
        noise = np.convolve(random.normal(size=moments.size), np.ones(6) / 6, mode="same")
        bursts += [noise * shape, np.zeros(800)]
    sound = np.concatenate(bursts)
    return np.asarray(sound / np.abs(sound).max() * 12000, np.int16)
