"""Times of day a caller names: one piece of a line, still with all its readings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import lru_cache

from ivr.language import numbers
from ivr.language.model import Context
from ivr.language.tokens import Line
from ivr.language.words import Words

Span = tuple[time | None, time | None]


@dataclass(frozen=True)
class Clock:
    """An hour as said; ``half`` is what settles its half of the day, if anything does."""

    start: int
    end: int
    hour: int
    minute: int = 0
    half: str = ""
    loose: str = ""
    """``around`` before "más o menos", ``past`` before "y pico"."""
    strong: bool = False
    """Written or worded so that it can only be an hour."""
    anchored: bool = False
    """After "a las"."""

    def readings(self) -> tuple[time, ...]:
        """Every time of day it may be, earliest first."""
        hour, minute = self.hour, self.minute
        if hour in {0, 24}:
            return (time(0, minute),)
        if hour > 12:
            return (time(hour, minute),)
        base = hour % 12
        if self.half in {"pm", "afternoon", "noon"}:
            chosen = base + 12
            if self.half == "noon" and 4 <= base <= 11:
                chosen = base
            return (time(chosen, minute),)
        if self.half == "night":
            return (time(base + 12 if base >= 6 else base, minute),)
        if self.half in {"am", "small"}:
            return (time(base, minute),)
        if self.half == "morning":
            return (time(12 if hour == 12 else base, minute),)
        return tuple(sorted({time(base, minute), time(base + 12, minute)}))


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
        self.parts = {n: _span(s) for n, s in words["times.parts"].items()}
        self.edges: dict[str, dict[str, Span]] = {
            part: {edge: _span(span) for edge, span in edges.items()}
            for part, edges in words["times.edges"].items()
        }
        self.around = timedelta(minutes=words["times.around_minutes"])
        self.some = frozenset(words["times.some"])
        self.hour_words = frozenset(words["times.hour_words"])

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

    # --- Clocks -------------------------------------------------------------------------

    def clocks(self, line: Line, index: int, *, bare: bool = False) -> Iterator[Clock]:
        """Every reading of the words at ``index`` as one hour, longest first."""
        found: list[Clock] = []
        for start, anchored in self._hour_starts(line, index):
            one = self._hour(line, start)
            if anchored and line.word(start - 1) == "la" and (not one or one[0] not in {1, 13}):
                continue
            found += self._to_the_hour(line, index, start)
            for clock in self._plain_clocks(line, index, start):
                if anchored or clock.strong or bare:
                    found.append(replace(clock, anchored=anchored))
        for noon, name in ((12, "noon"), (0, "midnight")):
            if match := self._match(line, index, name):
                found.append(Clock(index, match[1], noon, half="noon", strong=True))
        yield from sorted(found, key=lambda clock: -clock.end)

    def _hour_starts(self, line: Line, index: int) -> Iterator[tuple[int, bool]]:
        before = self._match(line, index, "before_hour")
        if before:
            yield before[1], True
        yield index, False

    def _hour(self, line: Line, index: int) -> tuple[int, int, int | None] | None:
        """Hour, end and, for "1030" or "10:30", the minute."""
        if index < len(line) and line.tokens[index].is_digits:
            text = line.word(index)
            if len(text) in {3, 4} and int(text[:-2]) <= 24 and int(text[-2:]) < 60:
                return int(text[:-2]), index + 1, int(text[-2:])
            return (int(text), index + 1, None) if len(text) <= 2 and int(text) <= 24 else None
        word = line.word(index)
        value = self.numbers.small.get(word)
        if value is None or value > 24 or word in {"un", "uno"}:
            return None
        return value, index + 1, None

    def _plain_clocks(self, line: Line, start: int, index: int) -> Iterator[Clock]:
        found = self._hour(line, index)
        if found is None:
            return
        hour, end, minute = found
        if minute is not None:
            year_like = 1900 <= hour * 100 + minute <= 2099
            if not year_like or start < index:
                yield from self._finished(line, start, end, hour, minute, strong=False)
            return
        for minute, after, strong, loose in self._minutes(line, end):
            if hour == 24 and minute:
                continue
            if minute < 0:
                yield from self._finished(
                    line, start, after, (hour - 1) % 24 or 12, 60 + minute, strong=strong
                )
            else:
                yield from self._finished(
                    line, start, after, hour, minute, strong=strong, loose=loose
                )

    def _minutes(self, line: Line, end: int) -> Iterator[tuple[int, int, bool, str]]:
        """Minutes after an hour: minute, end, whether it proves an hour, how loose."""
        mark = line.word(end)
        digits = line.word(end + 1)
        if digits.isdecimal() and len(digits) == 2 and int(digits) < 60:
            glued = line.glued(end) and line.glued(end + 1)
            if mark == ":" or (mark in {".", ",", "h", "'"} and mark and glued):
                if not (
                    line.word(end + 2) in {".", "/"} and line.glued(end + 2) and line.glued(end + 3)
                ):
                    yield int(digits), end + 2, mark in {":", "h", "."}, ""
                return
        if mark in {"y", "con"}:
            if line.word(end + 1) in self.some:
                yield 0, end + 2, True, "past"
            named = self._match(line, end + 1, "minutes")
            if named:
                yield int(str(named[0])), named[1], True, ""
            count = self.numbers.cardinal(line, end + 1)
            if count and 0 < count[0] < 60 and not named:
                after = count[1] + (line.word(count[1]) in {"minutos", "minuto"})
                yield count[0], after, after > count[1], ""
        elif mark == "menos":
            named = self._match(line, end + 1, "minutes")
            count = (
                (int(str(named[0])), named[1]) if named else self.numbers.cardinal(line, end + 1)
            )
            if count and 0 < count[0] < 60:
                yield -count[0], count[1], True, ""
        else:
            yield from self._juxtaposed(line, end)
        yield 0, end, False, ""

    def _juxtaposed(self, line: Line, end: int) -> Iterator[tuple[int, int, bool, str]]:
        """``las diez cuarenta``, ``las 10 30``, ``las diez cero cinco``."""
        if line.word(end) in {"cero", "0"}:
            if line.word(end + 1) in {"cero", "0"}:
                yield 0, end + 2, True, ""
                return
            unit = self.numbers.small.get(line.word(end + 1), 0)
            if 0 < unit < 10:
                yield unit, end + 2, False, ""
            return
        if line.word(end) == "media":
            yield 30, end + 1, False, ""
            return
        count = self.numbers.cardinal(line, end)
        if count is None or not 10 <= count[0] < 60:
            return
        if line.word(count[1]) in {"de", "del"} and self.words.table("calendar.months").match(
            line, count[1] + 1
        ):
            return
        if not self.words.table("calendar.units").match(line, count[1]):
            yield count[0], count[1], False, ""

    def _finished(
        self,
        line: Line,
        start: int,
        end: int,
        hour: int,
        minute: int,
        *,
        strong: bool = False,
        loose: str = "",
    ) -> Iterator[Clock]:
        """With "horas", "en punto" and "de la tarde" taken in."""
        if line.word(end) in self.hour_words:
            end, strong = end + 1, True
            if line.word(end) == "." and line.glued(end):
                end += 1
        for name in ("exact", "around_after"):
            if match := self._match(line, end, name):
                strong, end = True, match[1]
                loose = "around" if name == "around_after" else loose
        half = self._match(line, end, "halves")
        if half:
            yield Clock(start, half[1], hour, minute, str(half[0]), loose, True)
        yield Clock(start, end, hour, minute, "", loose, strong)

    def _to_the_hour(self, line: Line, start: int, index: int) -> Iterator[Clock]:
        """``cuarto para las cinco``, ``faltando diez para las ocho``."""
        index += line.word(index) in {"faltan", "faltando", "al", "a", "un"}
        index += line.word(index) in {"un", "el"}
        named = self._match(line, index, "minutes")
        count = (int(str(named[0])), named[1]) if named else self.numbers.cardinal(line, index)
        if count is None or not 0 < count[0] < 60:
            return
        end = count[1] + (line.word(count[1]) in {"minutos", "min"})
        if line.word(end) not in {"para", "pa"} or line.word(end + 1) not in {"las", "la"}:
            return
        found = self._hour(line, end + 2)
        if found and found[2] is None:
            hour = (found[0] - 1) % 24 or 12
            yield from self._finished(line, start, found[1], hour, 60 - count[0], strong=True)

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
        for clock in self.clocks(line, index, bare=bare):
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
        for clock in self.clocks(line, at, bare=True):
            if not (clock.anchored or clock.strong) and self._counts(line, clock.end):
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
        for first in self.clocks(line, index + bare, bare=True):
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
            for last in self.clocks(line, at, bare=True):
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
