"""Speech ready for the switch: rendered once, kept as 8 kHz files, shared by all processes."""

import fcntl
import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ivr.adapters.speech.audio import for_telephone, write_wav
from ivr.adapters.speech.fallback import FallbackSynthesizer
from ivr.adapters.speech.spoken import spoken
from ivr.errors import AuriculaError, InvalidInput
from ivr.ports import Synthesizer

TREATMENT = "2"
"""Version of what is done to the sound after the engine: part of the cache's key."""
LONGEST_TEXT = 2000
_IN_USE_S = 900
"""A file used this lately may be playing, or be listed in a call, and is never dropped."""


class PromptCache:
    """Implements :class:`ivr.ports.Prompts` over a chain of engines.

    Files live under ``folder`` as ``ab/abcdef….wav``, named by the text as spoken, the
    language, the voice and the engine's name and version. A text is rendered once at a
    time across threads and processes; ``renderers`` bounds the renderings of this process.
    """

    def __init__(
        self,
        folder: Path,
        chain: FallbackSynthesizer,
        *,
        voice: str = "",
        limit_mb: int = 512,
        renderers: int = 1,
    ) -> None:
        self.folder = folder
        self.chain = chain
        self.voice = voice
        self.limit_bytes = limit_mb * 1_000_000
        self._rendering = threading.BoundedSemaphore(renderers)
        self._rendered = 0
        self._counting = threading.Lock()

    def ready(self, text: str, language: str) -> Path | None:
        """The file if the best engine at hand has spoken it already."""
        candidates = self.chain.candidates(language)
        return self._cached(candidates[0], text, language) if candidates else None

    def file(self, text: str, language: str) -> Path:
        """The file, rendered now if need be.

        Raises :class:`ivr.errors.Unavailable` when no engine could speak it and
        :class:`InvalidInput` for a text that is empty or absurdly long.
        """
        if not text.strip() or len(text) > LONGEST_TEXT:
            raise InvalidInput(f"a prompt has 1 to {LONGEST_TEXT} characters")
        if (path := self.ready(text, language)) is not None:
            return path
        with self._one_at_a_time(text, language):
            if (path := self.ready(text, language)) is not None:
                return path
            path = self._render(text, language)
        self._trim_sometimes()
        return path

    def at_once(self, text: str, language: str) -> Path | None:
        """The file as the last engine of the chain speaks it, for a caller who has waited long
        enough for the best one; None where there is no other. Raises
        :class:`ivr.errors.Unavailable` when it cannot."""
        able = [engine for engine in self.chain.engines if engine.voices(language)]
        if len(able) < 2:
            return None
        quickest = able[-1]
        if (path := self._cached(quickest, text, language)) is None:
            voice = self._voice_of(quickest, language)
            audio = quickest.speak(spoken(text, language), language=language, voice=voice)
            path = self._path(quickest, voice, text, language)
            write_wav(path, for_telephone(audio))
        return path

    def warm_up(self, language: str) -> None:
        """Have the best engine speak, so that its model and what makes its sound fit for the
        telephone are loaded when a caller waits."""
        for_telephone(self.chain.speak("Uno, dos.", language=language))

    def prewarm(
        self,
        texts: Iterable[tuple[str, str]],
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> list[str]:
        """Render every ``(text, language)``; returns what could not be spoken, as plain
        reasons. ``progress`` gets how many are done and how many there are."""
        wanted = list(dict.fromkeys(texts))
        failures = []
        for done, (text, language) in enumerate(wanted):
            progress(done, len(wanted))
            try:
                self.file(text, language)
            except AuriculaError as error:
                failures.append(f"{text!r}: {error}")
        progress(len(wanted), len(wanted))
        return failures

    def trim(self) -> int:
        """Drop the files used longest ago until the cache is within its limit; returns how
        many. Files used in the last quarter of an hour stay."""
        files = []
        for path in self.folder.glob("??/*.wav"):
            try:
                facts = path.stat()
            except FileNotFoundError:
                continue
            files.append((facts.st_mtime, facts.st_size, path))
        total, dropped, now = sum(size for _, size, _ in files), 0, time.time()
        for used, size, path in sorted(files):
            if total <= self.limit_bytes or now - used < _IN_USE_S:
                break
            path.unlink(missing_ok=True)
            total -= size
            dropped += 1
        return dropped

    def _cached(self, engine: Synthesizer, text: str, language: str) -> Path | None:
        path = self._path(engine, self._voice_of(engine, language), text, language)
        try:
            now = time.time()
            if now - path.stat().st_mtime > _IN_USE_S / 3:
                path.touch()
        except FileNotFoundError:
            return None
        return path

    def _render(self, text: str, language: str) -> Path:
        with self._rendering:
            said = self.chain.spoken(spoken(text, language), language=language, voice=self.voice)
            path = self._path(said.engine, said.voice, text, language)
            write_wav(path, for_telephone(said.audio))
        return path

    def _voice_of(self, engine: Synthesizer, language: str) -> str:
        known = engine.voices(language)
        return self.voice if self.voice in known else known[0]

    def _path(self, engine: Synthesizer, voice: str, text: str, language: str) -> Path:
        key = _key(TREATMENT, engine.name, engine.version, voice, language, spoken(text, language))
        return self.folder / key[:2] / f"{key}.wav"

    @contextmanager
    def _one_at_a_time(self, text: str, language: str) -> Iterator[None]:
        """Hold the text's lock: a lock file each for 4096 groups of texts, since a lock
        file must not be deleted while somebody waits for it."""
        locks = self.folder / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        with (locks / _key(text, language)[:3]).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _trim_sometimes(self) -> None:
        with self._counting:
            self._rendered += 1
            due = self._rendered % 100 == 0
        if due:
            self.trim()


def _key(*parts: Sequence[str] | str) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:40]
