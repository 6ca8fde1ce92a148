"""Tables of phrases: what stands at one place of a line, by the longest phrase.

A phrase is written with alternatives and options: ``(esta|la) semana [que viene]``.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from ivr.language.tokens import Line, fold, sound

T = TypeVar("T")

_PIECE = re.compile(r"[()\[\]|]|[^\s()\[\]|]+")


@dataclass(frozen=True)
class Choice:
    """One of several sequences stands here."""

    sequences: tuple["Sequence", ...]


Sequence = tuple[str | Choice, ...]


def parse(pattern: str, key: Callable[[str], str] = fold) -> Sequence:
    """The sequence a written phrase stands for; raises ValueError when it is malformed."""
    pieces = _PIECE.findall(pattern)
    choice, rest = _choice(pieces, 0, key)
    if rest != len(pieces) or not pieces:
        raise ValueError(f"cannot read the phrase {pattern!r}")
    return choice.sequences[0] if len(choice.sequences) == 1 else (choice,)


def _choice(pieces: list[str], index: int, key: Callable[[str], str]) -> tuple[Choice, int]:
    sequences: list[Sequence] = []
    current: list[str | Choice] = []
    while index < len(pieces):
        piece = pieces[index]
        if piece in "([":
            inner, index = _choice(pieces, index + 1, key)
            if index >= len(pieces):
                raise ValueError(f"a bracket is left open in {' '.join(pieces)!r}")
            current.append(Choice((*inner.sequences, ())) if piece == "[" else inner)
        elif piece in ")]":
            break
        elif piece == "|":
            sequences.append(tuple(current))
            current = []
        else:
            current.append(key(piece))
        index += 1
    return Choice((*sequences, tuple(current))), index


def _firsts(sequence: Sequence) -> set[str]:
    """Words a sequence may begin with; empty text when it may be empty."""
    firsts: set[str] = set()
    for item in sequence:
        if isinstance(item, str):
            return firsts | {item}
        inner = set().union(*(_firsts(branch) for branch in item.sequences))
        firsts |= inner - {""}
        if "" not in inner:
            return firsts
    return firsts | {""}


class Table(Generic[T]):
    """Phrases with a value each; ``by_sound`` matches words that sound alike."""

    def __init__(self, entries: Iterable[tuple[str, T]], *, by_sound: bool = False) -> None:
        self._key = sound if by_sound else str
        self._by_first: dict[str, list[tuple[Sequence, T]]] = {}
        for pattern, value in entries:
            sequence = parse(pattern, sound if by_sound else fold)
            for first in _firsts(sequence) - {""}:
                self._by_first.setdefault(first, []).append((sequence, value))

    def match(self, line: Line, index: int) -> tuple[T, int] | None:
        """The value of the longest phrase at ``index`` and the index after it."""
        best: tuple[T, int] | None = None
        for sequence, value in self._by_first.get(self._key(line.word(index)), ()):
            end = max(self._ends(sequence, 0, line, index), default=index)
            if end > index and (best is None or end > best[1]):
                best = value, end
        return best

    def _ends(self, sequence: Sequence, at: int, line: Line, index: int) -> Iterator[int]:
        if at == len(sequence):
            yield index
            return
        item = sequence[at]
        if isinstance(item, str):
            if self._key(line.word(index)) == item:
                yield from self._ends(sequence, at + 1, line, index + 1)
            return
        for branch in item.sequences:
            for end in self._ends(branch, 0, line, index):
                yield from self._ends(sequence, at + 1, line, end)

    def find(self, line: Line, first: int, last: int) -> Iterator[tuple[T, int, int]]:
        """Every phrase within ``[first, last)``: value, start, end."""
        index = first
        while index < last:
            found = self.match(line, index)
            if found and found[1] <= last:
                yield found[0], index, found[1]
                index = found[1]
            else:
                index += 1
