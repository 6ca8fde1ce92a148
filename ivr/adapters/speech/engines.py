"""The speech engines of this installation, chosen by its settings and installed models."""

from ivr.adapters.speech.catalogue import KOKORO
from ivr.adapters.speech.espeak import Espeak
from ivr.adapters.speech.fallback import FallbackSynthesizer
from ivr.adapters.speech.kokoro import Kokoro
from ivr.adapters.speech.models import models_root
from ivr.adapters.speech.piper import Piper
from ivr.adapters.speech.prompts import PromptCache
from ivr.config import Settings, settings
from ivr.ports import Synthesizer


def synthesizer(options: Settings | None = None, *, engine: str = "") -> FallbackSynthesizer:
    """The chain that speaks: Piper where a voice is installed, then Kokoro, then eSpeak.

    ``engine`` (or the setting) puts one first; the others still stand behind it.
    """
    options = options or settings()
    root = models_root(options.cache)
    chain: list[Synthesizer] = [Piper(root / "piper"), Kokoro(root / KOKORO.directory), Espeak()]
    first = engine or options.synthesizer
    return FallbackSynthesizer(sorted(chain, key=lambda each: each.name != first))


def prompts(options: Settings | None = None) -> PromptCache:
    """The prompt cache of this installation, shared by all its processes."""
    options = options or settings()
    return PromptCache(options.cache / "prompts", synthesizer(options))
