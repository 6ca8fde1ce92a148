"""A Whisper model in memory, and how it writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ivr.adapters.speech.vocabulary import Vocabulary

HINT_TOKENS = 80


@dataclass(frozen=True)
class LoadedModel:
    """``whisper``: faster-whisper's; ``tokenizer``: its own for one language; ``vocabulary``:
    the tokens it has left, ``None`` for all."""

    folder: Path
    whisper: Any
    tokenizer: Any
    vocabulary: Vocabulary | None

    @classmethod
    def load(cls, folder: Path, language: str, *, threads: int, workers: int) -> "LoadedModel":
        """The model in ``folder``, for a ``language`` such as ``es``."""
        from faster_whisper import WhisperModel

        whisper = WhisperModel(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=threads,
            num_workers=workers,
        )
        vocabulary = Vocabulary.of(folder, whisper.hf_tokenizer)
        return cls(folder, whisper, None, vocabulary).of_language(language)

    def of_language(self, language: str) -> "LoadedModel":
        """The same model, writing another language."""
        from faster_whisper.tokenizer import Tokenizer

        pieces = self.whisper.hf_tokenizer
        tokenizer = Tokenizer(pieces, multilingual=True, task="transcribe", language=language)
        return replace(self, tokenizer=tokenizer)

    @property
    def tuned(self) -> bool:
        """Whether it is the one tuned to Spanish on the telephone."""
        return self.vocabulary is not None

    def prompt(self, hints: Sequence[str]) -> list[int]:
        """What decoding begins with: words that are likely now, then the model's own signs."""
        start = [*self.tokenizer.sot_sequence, self.tokenizer.no_timestamps]
        if hints:
            words = self.tokenizer.encode(" " + ", ".join(hints) + ".")[:HINT_TOKENS]
            start = [self.tokenizer.sot_prev, *words, *start]
        return self.vocabulary.to_model(start) if self.vocabulary else start

    def text(self, tokens: Sequence[int]) -> str:
        """What the model wrote."""
        named = self.vocabulary.from_model(tokens) if self.vocabulary else tokens
        return str(self.tokenizer.decode(named)).strip()
