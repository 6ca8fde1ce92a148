"""Patterns over a folded line: what flows' words files write for whole sentences.

``quer* (cambiar|mover) [la] cita`` — ``*`` ends a word open, ``[ ]`` is optional, ``|``
parts alternatives, ``{name}`` a named group, ``..`` up to three words between, ``...`` up to
six over pauses too, ``,`` a pause, ``^`` and ``$`` the line's ends. A pattern starts and ends
at word borders.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr.language.tokens import fold

_PIECE = re.compile(r"\{\w+\}|\.\.\.?|[()\[\]|^$,]|[\w*]+")
_GAP = r"(?:[^\s,]+ ){0,3}"
_LONG_GAP = r"(?:\S+ ){0,6}"


@dataclass(frozen=True)
class Hit:
    """Where a pattern was found, in characters of the line's plain text."""

    start: int
    end: int
    text: str


class Patterns:
    """A list of patterns, compiled when first used."""

    def __init__(self, patterns: Iterable[str], macros: Mapping[str, str]) -> None:
        self._sources = [str(pattern) for pattern in patterns]
        self._macros = macros
        self._compiled: list[re.Pattern[str]] | None = None

    @property
    def compiled(self) -> list[re.Pattern[str]]:
        if self._compiled is None:
            self._compiled = [compiled(source, self._macros) for source in self._sources]
        return self._compiled

    def search(self, plain: str) -> Hit | None:
        """The first pattern found in a plain line."""
        return next(self.find(plain), None)

    def find(self, plain: str) -> Iterator[Hit]:
        """Everything found in a plain line, pattern by pattern."""
        text = plain + " "
        for pattern in self.compiled:
            for match in pattern.finditer(text):
                yield Hit(match.start(), match.end(), match.group().strip())


def compiled(source: str, macros: Mapping[str, str]) -> re.Pattern[str]:
    """One pattern as a regular expression over a plain line that ends in a space."""
    return re.compile(r"(?<!\S)" + regex(source, macros))


def regex(source: str, macros: Mapping[str, str]) -> str:
    """The pattern's expression; each word carries the space after it."""
    parts = []
    for piece in _PIECE.findall(fold(source)):
        if piece.startswith("{"):
            parts.append("(?:" + regex(macros[piece[1:-1]], macros) + ")")
        elif piece in {"..", "..."}:
            parts.append(_GAP if piece == ".." else _LONG_GAP)
        elif piece in "([":
            parts.append("(?:")
        elif piece == ")":
            parts.append(")")
        elif piece == "]":
            parts.append(")?")
        elif piece in "|^$":
            parts.append(piece)
        elif piece == ",":
            parts.append(", ")
        else:
            parts.append(re.escape(piece).replace(r"\*", r"\S*") + " ")
    return "".join(parts)
