"""The speech engines of this installation, chosen by its settings and installed models."""

from ivr.adapters.speech.catalogue import KOKORO, WHISPER_BASE
from ivr.adapters.speech.espeak import Espeak
from ivr.adapters.speech.fallback import FallbackSynthesizer
from ivr.adapters.speech.kokoro import Kokoro
from ivr.adapters.speech.models import models_root
from ivr.adapters.speech.piper import Piper
from ivr.adapters.speech.prompts import PromptCache
from ivr.adapters.speech.vosk import Vosk
from ivr.adapters.speech.whisper import Whisper
from ivr.config import Settings, settings
from ivr.errors import InvalidInput, Unavailable
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


def recognizers(
    options: Settings | None = None,
    *,
    engine: str = "",
    language: str = "es",
    threads: int = 0,
    workers: int = 1,
) -> list[Vosk | Whisper]:
    """The recognizers installed for ``language``, best first: Vosk where it has a model
    (it is quicker), then Whisper.

    ``engine`` (or the setting) names the only one to use; ``threads`` are the most of one
    utterance (0: up to four), ``workers`` how many are decoded at once. Raises :class:`Unavailable`
    when there is none, saying how to get one.
    """
    options = options or settings()
    root = models_root(options.cache)
    known: list[Vosk | Whisper] = [
        Vosk(root / "vosk", language=language),
        Whisper(root / WHISPER_BASE.directory, threads=threads, workers=workers),
    ]
    only = engine or ("" if options.recognizer == "auto" else options.recognizer)
    if only and only not in [each.name for each in known]:
        raise InvalidInput(f"there is no recognizer {only}: choose whisper or vosk")
    chosen = [each for each in known if each.available and only in ("", each.name)]
    if not chosen:
        raise Unavailable(
            "there is no model to listen with: run `auricula models`"
            if only != "vosk"
            else f"there is no Vosk model for {language}: unpack one into {root / 'vosk'}",
            code="speech_in",
        )
    return chosen
