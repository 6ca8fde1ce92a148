"""Times of day a caller names: one piece of a line, still with all its readings."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache

from ivr.language import numbers
from ivr.language.clocks import Clock, Clocks
from ivr.language.model import Context
from ivr.language.tokens import Line
from ivr.language.words import Words

Span = tuple[time | None, time | None]


@dataclass(frozen=True)
class HourPiece:
    """A time of day named at tokens ``[start, end)``: a clock, a span or an edge."""

    start: int
    end: int
    clocks: tuple[Clock, ...] = ()
    """One clock, or the two ends of a range."""
    bound: str = ""
    """``from``, ``until``, ``around`` or ``past`` for one clock."""
    span: Span | None = None
    part: str = ""
    """Name of the part of the day the span stands for."""
    edge: str = ""
    """``first`` or ``last`` hours of a part or of the day."""
    any: bool = False
    today: bool = False
    """Counted from now: "dentro de dos horas"."""


class Hours:
    """Finds times of day in a line."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.numbers = numbers.of(words)
        self.clocks = Clocks(words)
        self.parts = {n: _span(s) for n, s in words["times.parts"].items()}
        self.edges: dict[str, dict[str, Span]] = {
            part: {edge: _span(span) for edge, span in edges.items()}
            for part, edges in words["times.edges"].items()
        }
        self.around = timedelta(minutes=words["times.around_minutes"])

    def _match(self, line: Line, index: int, name: str) -> tuple[object, int] | None:
        return self.words.table(f"times.{name}").match(line, index)

    def bounds(self, name: str, line: Line, index: int) -> tuple[str, int] | None:
        """The longest bound at ``index``: ``from`` or ``until`` and its end."""
        found = [
            (bound, match[1])
            for bound in ("from", "until")
            if (match := self._match(line, index, f"{name}.{bound}"))
        ]
        return max(found, key=lambda pair: pair[1], default=None)

    # --- Pieces -------------------------------------------------------------------------

    def at(
        self, line: Line, index: int, context: Context, *, bare: bool, ranges: bool = True
    ) -> HourPiece | None:
        """The longest naming of a time of day at ``index``."""
        found = [
            piece
            for piece in (
                self._range(line, index) if ranges else None,
                self._bounded(line, index),
                self._stretch(line, index, context),
                self._one(line, index, bare=bare),
            )
            if piece
        ]
        return max(found, key=lambda piece: piece.end, default=None)

    def _one(self, line: Line, index: int, *, bare: bool) -> HourPiece | None:
        for clock in self.clocks.at(line, index, bare=bare):
            after = self.bounds("bounds_after", line, clock.end)
            if after:
                return HourPiece(index, after[1], (clock,), after[0])
            return HourPiece(index, clock.end, (clock,), clock.loose)
        return None

    def _bounded(self, line: Line, index: int) -> HourPiece | None:
        bound = self.bounds("bounds", line, index)
        around = self._match(line, index, "around")
        if around and (bound is None or around[1] > bound[1]):
            bound = ("around", around[1])
        if bound is None:
            return None
        name, at = bound
        for clock in self.clocks.at(line, at, bare=True):
            lone = not (clock.anchored or clock.strong)
            if lone and (self._counts(line, clock.end) or line.word(at) in self.numbers.articles):
                continue
            return HourPiece(index, clock.end, (clock,), name)
        part = self._part(line, at)
        if part and name != "around" and part.part:
            first, last = part.span or (None, None)
            edge = (last, None) if line.word(index) != "desde" and name == "from" else (None, first)
            if name == "from" and line.word(index) in {"desde", "a"}:
                edge = (first, None)
            return HourPiece(index, part.end, span=edge)
        return None

    def _counts(self, line: Line, end: int) -> bool:
        """Whether a bare number is a day or counts something rather than an hour."""
        if self.words.table("calendar.units").match(line, end):
            return True
        return line.word(end) in {"de", "del"} and (
            self.words.table("calendar.months").match(line, end + 1) is not None
            or line.word(end + 1) in {"mes", "este"}
        )

    def _range(self, line: Line, index: int) -> HourPiece | None:
        """``entre las cuatro y las seis``, ``de 4 a 6 de la tarde``, ``10-12``."""
        word = line.word(index)
        joiners = {"entre": ("y", "a"), "de": ("a", "hasta"), "desde": ("hasta", "a")}.get(word)
        bare = joiners is not None
        for first in self.clocks.at(line, index + bare, bare=True):
            if not bare and not first.anchored and not first.strong:
                continue
            joiner = line.word(first.end)
            if joiner not in (joiners or ("a", "hasta", "-")):
                continue
            after = line.word(first.end + 1)
            anchored = joiner == "a" and after in {"las", "la"}
            if not bare and joiner == "a" and not anchored and not after.isdecimal():
                continue
            at = first.end + 1 - anchored
            for last in self.clocks.at(line, at, bare=True):
                if self._counts(line, last.end):
                    continue
                return HourPiece(index, last.end, (first, last))
        return None

    def _part(self, line: Line, index: int) -> HourPiece | None:
        found = self._match(line, index, "part_words")
        if found is None or found[0] is None:
            return None
        if line.word(index - 1) in self.words["times.not_a_part"]:
            return None
        name = str(found[0])
        return HourPiece(index, found[1], span=self.parts[name], part=name)

    def _stretch(self, line: Line, index: int, context: Context) -> HourPiece | None:
        pieces = [self._part(line, index)]
        if found := self._match(line, index, "stretches"):
            pieces.append(HourPiece(index, found[1], span=_span(found[0])))
        if found := self._match(line, index, "edge_words"):
            pieces.append(self._edge(line, index, str(found[0]), found[1]))
        if found := self._match(line, index, "soon"):
            pieces.append(HourPiece(index, found[1], span=_soon(found[0], context), today=True))
        if found := self._match(line, index, "any"):
            pieces.append(HourPiece(index, found[1], any=True))
        pieces.append(self._from_now(line, index, context))
        return max(filter(None, pieces), key=lambda piece: piece.end, default=None)

    def _edge(self, line: Line, index: int, edge: str, end: int) -> HourPiece:
        part = self._part(line, end)
        if part and part.part in self.edges:
            return HourPiece(index, part.end, span=self.edges[part.part][edge])
        return HourPiece(index, end, span=self.edges["dia"][edge], edge=edge)

    def _from_now(self, line: Line, index: int, context: Context) -> HourPiece | None:
        """``en media hora``, ``dentro de dos horas``."""
        within = self.words.table("calendar.within").match(line, index)
        if within is None:
            return None
        at = within[1]
        if line.word(at) == "media" and line.word(at + 1) == "hora":
            minutes, end = 30, at + 2
        else:
            count = self.numbers.cardinal(line, at)
            unit = self.words.table("calendar.units").match(line, count[1]) if count else None
            if not count or not unit or unit[0] not in {"hour", "minute"}:
                return None
            minutes, end = count[0] * (60 if unit[0] == "hour" else 1), unit[1]
            if line.starts(end, "y", "media") and unit[0] == "hour":
                minutes, end = minutes + 30, end + 2
        moment = (context.local_now + timedelta(minutes=min(minutes, 1440))).time()
        exact = moment.replace(second=0, microsecond=0)
        return HourPiece(index, end, span=(exact, exact), today=True)


def _span(pair: object) -> Span:
    assert isinstance(pair, list)
    first, last = (time.fromisoformat(edge) if edge else None for edge in pair)
    return first, last


def _soon(minutes: object, context: Context) -> Span:
    assert isinstance(minutes, list)

    def later(ahead: int | None) -> time | None:
        if ahead is None:
            return None
        moment: datetime = context.local_now + timedelta(minutes=ahead)
        if moment.date() != context.today:
            return time(23, 59)
        return moment.time().replace(second=0, microsecond=0)

    return later(minutes[0]), later(minutes[1])


@lru_cache(maxsize=16)
def of(words: Words) -> Hours:
    """The grammar of hours of ``words``, made once."""
    return Hours(words)
