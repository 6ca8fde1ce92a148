"""Patterns over a folded line: what flows' words files write for whole sentences.

``quer* (cambiar|mover) [la] cita`` — ``*`` ends a word open, ``[ ]`` is optional, ``|``
parts alternatives, ``{name}`` a named group, ``..`` up to three words between, ``...`` up to
six over pauses too, ``,`` a pause, ``^`` and ``$`` the line's ends. ``a & b`` is one near the
other, in either order. A pattern starts and ends at word borders.

Most patterns of a file cannot match a given line: each knows words of which the line must
have some, and becomes a regular expression only when a line has them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ivr.language.tokens import fold

_PIECE = re.compile(r"\{\w+\}|\.\.\.?|[()\[\]|^$,&]|[\w*]+")
_GAP = r"(?:[^\s,]+ ){0,3}"
_LONG_GAP = r"(?:\S+ ){0,6}"
_BETWEEN = r"(?P<between>(?:\S+ ){0,5}?)"


@dataclass(frozen=True)
class Hit:
    """Where a pattern was found, in characters of the line's plain text."""

    start: int
    end: int
    text: str
    between: str = ""
    """The words between the two sides of ``a & b``."""


@dataclass(frozen=True)
class Need:
    """Words, or beginnings of words, of which a line must have at least one."""

    words: frozenset[str]
    beginnings: tuple[str, ...] = ()

    def met(self, said: frozenset[str]) -> bool:
        """Whether a line with these words may match."""
        if not self.words.isdisjoint(said):
            return True
        return bool(self.beginnings) and any(word.startswith(self.beginnings) for word in said)


class Pattern:
    """One pattern, made an expression when first needed."""

    def __init__(self, source: str, macros: Mapping[str, str]) -> None:
        self._source = source
        self._macros = macros
        self._needs = needs(source, macros)
        self.rarest = min(self._needs, key=_breadth, default=None)
        """The need fewest lines meet."""
        self._compiled: re.Pattern[str] | None = None

    def find(self, plain: str, said: frozenset[str]) -> Iterator[re.Match[str]]:
        """Every match in a plain line that ends in a space and has the words ``said``."""
        if not all(need.met(said) for need in self._needs):
            return
        if self._compiled is None:
            self._compiled = re.compile(r"(?<!\S)" + regex(self._source, self._macros))
        yield from self._compiled.finditer(plain)


class Patterns:
    """A list of patterns."""

    def __init__(self, patterns: Iterable[str], macros: Mapping[str, str]) -> None:
        self._patterns = [
            Pattern(source, macros) for pattern in patterns for source in _orders(str(pattern))
        ]
        self._by_word: dict[str, list[int]] = {}
        self._by_beginning: list[tuple[Need, int]] = []
        self._always: list[int] = []
        for place, pattern in enumerate(self._patterns):
            need = pattern.rarest
            if need is None:
                self._always.append(place)
                continue
            if need.beginnings:
                self._by_beginning.append((need, place))
            for word in need.words:
                self._by_word.setdefault(word, []).append(place)

    def search(self, plain: str) -> Hit | None:
        """The first pattern found in a plain line."""
        return next(self.find(plain), None)

    def find(self, plain: str) -> Iterator[Hit]:
        """Everything found in a plain line, pattern by pattern."""
        said = _said(plain)
        text = plain + " "
        places = set(self._always)
        for word in said:
            places.update(self._by_word.get(word, ()))
        places.update(place for need, place in self._by_beginning if need.met(said))
        for place in sorted(places):
            for match in self._patterns[place].find(text, said):
                between = match.groupdict().get("between") or ""
                yield Hit(match.start(), match.end(), match.group().strip(), between)


def _orders(source: str) -> tuple[str, ...]:
    """Both orders of ``a & b``."""
    left, near, right = source.partition(" & ")
    return (source, f"{right} & {left}") if near else (source,)


@lru_cache(maxsize=256)
def _said(plain: str) -> frozenset[str]:
    return frozenset(plain.split())


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
        elif piece == "&":
            parts.append(_BETWEEN)
        else:
            parts.append(re.escape(piece).replace(r"\*", r"\S*") + " ")
    return "".join(parts)


def needs(source: str, macros: Mapping[str, str]) -> tuple[Need, ...]:
    """What a line must have for the pattern to match it; each need by itself."""
    found, rest = _branches(_PIECE.findall(fold(source)), 0, macros)
    assert rest >= 0
    return tuple(found)


def _branches(pieces: list[str], index: int, macros: Mapping[str, str]) -> tuple[list[Need], int]:
    """The needs of alternatives up to a closing bracket, and where that is."""
    branches: list[list[Need]] = [[]]
    while index < len(pieces):
        piece = pieces[index]
        if piece in {")", "]"}:
            break
        if piece == "|":
            branches.append([])
        elif piece in {"(", "["}:
            inner, index = _branches(pieces, index + 1, macros)
            branches[-1] += inner if piece == "(" else []
        elif piece.startswith("{"):
            branches[-1] += _macro_needs(macros[piece[1:-1]], tuple(macros.items()))
        elif piece[0].isalnum() and piece.endswith("*"):
            branches[-1].append(Need(frozenset(), (piece.rstrip("*"),)))
        elif piece[0].isalnum() or piece == ",":
            branches[-1].append(Need(frozenset({piece})))
        index += 1
    if len(branches) == 1:
        return branches[0], index
    if not all(branches):
        return [], index
    rarest = [min(branch, key=_breadth) for branch in branches]
    words = frozenset().union(*(need.words for need in rarest))
    return [Need(words, tuple(b for need in rarest for b in need.beginnings))], index


def _breadth(need: Need) -> int:
    return len(need.words) + 3 * len(need.beginnings)


@lru_cache(maxsize=512)
def _macro_needs(source: str, macros: tuple[tuple[str, str], ...]) -> list[Need]:
    return _branches(_PIECE.findall(fold(source)), 0, dict(macros))[0]
