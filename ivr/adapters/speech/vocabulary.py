"""The tokens that a tuned model still has, and their numbers in it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

FILE = "kept.npy"
"""Beside a model: the tokens it kept, by their numbers before."""


class Vocabulary:
    """Translates between the tokenizer's numbers and the model's. ``pieces``: the tokenizer,
    whose tokens are written as bytes, one letter each."""

    def __init__(self, kept: Sequence[int], pieces: Any) -> None:
        self._kept = kept
        self._places = {token: place for place, token in enumerate(kept)}
        self._pieces = pieces

    @classmethod
    def of(cls, folder: Path, pieces: Any) -> "Vocabulary | None":
        """That of the model in ``folder``; ``None`` where it has all its tokens."""
        path = folder / FILE
        return cls(np.load(path).tolist(), pieces) if path.exists() else None

    def to_model(self, tokens: Iterable[int]) -> list[int]:
        """The model's numbers; a token it does not have is written with shorter ones."""
        return [
            self._places[piece]
            for token in tokens
            for piece in ((token,) if token in self._places else self._shorter(token))
        ]

    def from_model(self, places: Iterable[int]) -> list[int]:
        """The tokenizer's numbers."""
        return [self._kept[place] for place in places]

    def _shorter(self, token: int) -> Iterator[int]:
        written: str = self._pieces.id_to_token(token)
        while written:
            for length in range(len(written), 0, -1):
                piece = self._pieces.token_to_id(written[:length])
                if piece in self._places:
                    yield piece
                    break
            written = written[length:]
