"""Days and times of day in a whole line: found, ruled out, taken back, put together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any, Literal

from ivr.language import birth, combine, days, hours, timing
from ivr.language.hours import HourPiece
from ivr.language.model import Context, Dates, Moment, Times, Understood
from ivr.language.spans import DayPiece, add_months, one
from ivr.language.tokens import Line, fold
from ivr.language.words import Words

Bare = Literal["", "day", "hour"]


@dataclass(frozen=True)
class Said:
    """A piece of a line with what the words around it make of it."""

    start: int
    end: int
    day: DayPiece | None = None
    hour: HourPiece | None = None
    ruled_out: bool = False
    joined: str = ""
    """How it follows the one before: ``or``, ``instead`` or nothing."""


_OPENERS = ("entre", "de", "del", "desde", "faltan", "faltando", "un", "una", "al", "a", "el", "la")
_WORD = re.compile(r"[^\W\d_]+")


def _all_words(data: Any) -> Iterator[str]:
    """Every word of a section of the words, folded."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _all_words(key)
            yield from _all_words(value)
    elif isinstance(data, list):
        for value in data:
            yield from _all_words(value)
    elif isinstance(data, str):
        yield from _WORD.findall(fold(data))


class Moments:
    """Finds every day and time of day of a line."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.days = days.of(words)
        self.hours = hours.of(words)
        self.parts = words.table("calendar.today_parts")
        self.small = frozenset(words["polarity.small"])
        self.skipped = frozenset(words["polarity.skipped"])
        self.fillers = frozenset(words["polarity.fillers"])
        self.after_no = frozenset(words["polarity.after_no"])
        self.greetings = words.table("times.greetings")
        self.openers = frozenset(_OPENERS) | {
            word
            for section in ("calendar", "times", "numbers")
            for word in _all_words(words[section])
        }
        """Every word with which a day or an hour may begin."""

    def scan(
        self,
        line: Line,
        context: Context,
        *,
        bare: Bare = "",
        first: int = 0,
        last: int | None = None,
        ranges: bool = True,
    ) -> list[Said]:
        """The pieces within tokens ``[first, last)``, left to right, not overlapping.

        Without ``ranges``, "del viernes al lunes" is two days.
        """
        said: list[Said] = []
        index, last = first, len(line) if last is None else min(last, len(line))
        while index < last:
            if not (line.word(index) in self.openers or line.tokens[index].is_digits):
                index += 1
                continue
            if greeting := self.greetings.match(line, index):
                index = greeting[1]
                continue
            found = self._at(line, index, context, bare, said, last, ranges)
            if found and found.end <= last:
                said.append(found)
                index = found.end
            else:
                index += 1
        return self._judged(line, said, first, last)

    def _at(
        self,
        line: Line,
        index: int,
        context: Context,
        bare: Bare,
        said: list[Said],
        last: int,
        ranges: bool,
    ) -> Said | None:
        """The longest piece at ``index`` that ends by ``last``."""
        if found := self.parts.match(line, index):
            name, end = found
            day = DayPiece(index, end, one(context.today))
            hour = HourPiece(index, end, span=self.hours.parts[name], part=name)
            return Said(index, end, day, hour)
        options: list[Said] = []
        day_range = self._day_range(line, index, context, bare) if ranges else None
        day_range = day_range or self._day_bound(line, index, context, bare)
        after_weekday = bool(said and said[-1].day and said[-1].day.weekday is not None)
        day_piece = day_range or self.days.at(line, index, context, bare=bare == "day")
        if day_piece:
            options.append(Said(index, day_piece.end, day=self._day_after(line, day_piece)))
        lone_hour = bare == "hour" and not after_weekday
        hour_piece = self.hours.at(line, index, context, bare=lone_hour, ranges=ranges)
        if hour_piece:
            said_day = DayPiece(index, hour_piece.end, one(context.today))
            today = said_day if hour_piece.today else None
            options.append(Said(index, hour_piece.end, today, hour_piece))
        options = [option for option in options if option.end <= last]
        prefers_hour = bare == "hour"
        return max(
            options, key=lambda said: (said.end, prefers_hour == bool(said.hour)), default=None
        )

    # --- Bounds of days -----------------------------------------------------------------

    def _day_bound(self, line: Line, index: int, context: Context, bare: Bare) -> DayPiece | None:
        """``a partir del lunes``, ``antes del viernes``."""
        found = [
            (name, match[1])
            for name in ("from", "after", "until", "before", "by")
            if (match := self.words.table(f"calendar.bounds.{name}").match(line, index))
        ]
        if not found:
            return None
        name, at = max(found, key=lambda pair: pair[1])
        starts = [at - 1, at] if line.word(at - 1) in {"del", "el", "la", "los", "las"} else [at]
        for start in starts:
            piece = self.days.at(line, start, context, bare=bare == "day")
            if piece and not piece.dates.options:
                dates = bounded(piece.dates, name)
                if name == "by":
                    dates = replace(dates, first=context.today)
                return replace(piece, start=index, dates=dates, weekday=None)
        return None

    def _day_after(self, line: Line, piece: DayPiece) -> DayPiece:
        """``el lunes en adelante``, ``el viernes como muy tarde``."""
        for name in ("from", "until"):
            match = self.words.table(f"calendar.bounds_after.{name}").match(line, piece.end)
            if match:
                return replace(piece, end=match[1], dates=bounded(piece.dates, name), weekday=None)
        return piece

    def _day_range(self, line: Line, index: int, context: Context, bare: Bare) -> DayPiece | None:
        """``del 23 al 27``, ``entre el lunes y el miércoles``, ``de lunes a jueves``."""
        word = line.word(index)
        joiners = {
            "entre": ("y",),
            "de": ("a", "al", "hasta"),
            "del": ("al", "a", "hasta"),
            "desde": ("hasta", "al", "a"),
        }.get(word)
        if joiners is None:
            return None
        start = index if word == "del" else index + 1
        left = self.days.at(line, start, context, bare=True)
        if left is None or line.word(left.end) not in joiners:
            return None
        at = left.end if line.word(left.end) == "al" else left.end + 1
        right = self.days.at(line, at, context, bare=True)
        if right is None or left.dates.first is None or right.dates.last is None:
            return None
        numbers_only = left.number is not None and right.number is not None
        articled = line.word(start) in {"el", "dia"} and line.word(at) in {"el", "dia"}
        if numbers_only and bare != "day" and word != "del" and not articled:
            return None
        first, last = left.dates.first, right.dates.last
        if left.number and left.number <= last.day:
            first = last.replace(day=left.number)
        elif last < first:
            steps = 7 if right.weekday is not None else 0
            last = last + timedelta(steps) if steps else add_months(last, 1)
        if last < first:
            return None
        first = max(first, context.today) if last >= context.today else first
        return DayPiece(index, right.end, Dates(first, last), period=True)

    # --- What the words around make of a piece -------------------------------------------

    def _judged(self, line: Line, said: list[Said], first: int, last: int) -> list[Said]:
        judged: list[Said] = []
        for place, piece in enumerate(said):
            begin = said[place - 1].end if place else first
            finish = said[place + 1].start if place + 1 < len(said) else last
            if judged and self._takes_back(line, said[place - 1], piece):
                judged[-1] = replace(judged[-1], ruled_out=True)
                out = self._after(line, piece.end, finish)
                judged.append(replace(piece, ruled_out=out))
                continue
            spent = bool(place) and self._after(line, begin, piece.start)
            before = not spent and self._before(line, begin, piece.start)
            out = before or self._after(line, piece.end, finish)
            judged.append(
                replace(piece, ruled_out=out, joined=self._joined(line, begin, piece.start))
            )
        return _carried(line, judged)

    def _takes_back(self, line: Line, last: Said, piece: Said) -> bool:
        """ "el martes no el jueves", said without a pause: only "no" between two of a sort."""
        if bool(last.day) != bool(piece.day) or bool(last.hour) != bool(piece.hour):
            return False
        between = [line.word(at) for at in range(last.end, piece.start)]
        words = [word for word in between if word not in self.small | self.fillers]
        return bool(words) and set(words) == {"no"}

    def _before(self, line: Line, begin: int, start: int) -> bool:
        """Whether words that rule out end right before ``start``."""
        table = self.words.table("polarity.before")
        while start > begin and line.word(start - 1) in self.small:
            start -= 1
        return any(
            (match := table.match(line, index)) and match[1] >= start and index < start
            for index in range(begin, start)
            if not line.starts(index - 2, "o", "si", "no")  # "o si no el viernes"
        )

    def _after(self, line: Line, end: int, finish: int) -> bool:
        """Whether words that rule out follow, up to a pause or the next piece."""
        table = self.words.table("polarity.after")
        index = end
        while index < finish and line.word(index) in self.skipped:
            match = table.match(line, index)
            if match:
                break
            index += 1
        match = table.match(line, index)
        if match is None or index >= finish:
            return False
        if line.word(index) == "no" and match[1] == index + 1:
            return match[1] >= finish or line.word(match[1]) in self.after_no
        return match[1] <= finish

    def _joined(self, line: Line, begin: int, start: int) -> str:
        if begin == 0:
            return ""
        for name in ("instead", "or"):
            table = self.words.table(f"polarity.{name}")
            if next(table.find(line, begin, start), None):
                return name
        corrections = self.words.table("corrections")
        return "instead" if next(corrections.find(line, begin, start), None) else ""


def _carried(line: Line, said: list[Said]) -> list[Said]:
    """ "ni lunes ni martes", "que no sea lunes o martes": the ruling out goes on."""
    result: list[Said] = []
    for piece in said:
        before = result[-1] if result else None
        if before and before.ruled_out and not piece.ruled_out:
            gap = [line.word(i) for i in range(before.end, piece.start)]
            if gap in (["y"], ["o"], ["ni"], ["y", "el"], ["o", "el"]):
                piece = replace(piece, ruled_out=True)
        result.append(piece)
    return result


def bounded(dates: Dates, name: str) -> Dates:
    """Days from, after, until (``by`` as well) or before those named."""
    day = timedelta(1)
    if name == "from":
        return replace(dates, last=None)
    if name == "after":
        return replace(dates, first=dates.last + day if dates.last else dates.first, last=None)
    if name in {"until", "by"}:
        return replace(dates, first=None)
    return replace(dates, first=None, last=dates.first - day if dates.first else dates.last)


def scan(line: Line, context: Context, words: Words, *, bare: Bare = "") -> list[Said]:
    """The days and times of day of a line."""
    return of(words).scan(line, context, bare=bare)


def _answered(line: Line, context: Context, words: Words, bare: Bare) -> list[Said]:
    """The pieces that answer a question.

    In "salgo a las dos, así que por la tarde" what comes before only tells why, where the
    same is said after it.
    """
    said = _compared(scan(line, context, words, bare=bare))
    found = next(words.table("polarity.therefore").find(line, 0, len(line)), None)
    after = [piece for piece in said if found and piece.start >= found[2]]
    day, hour = any(piece.day for piece in after), any(piece.hour for piece in after)
    return [
        piece
        for piece in said
        if piece in after or piece.ruled_out or not (day if piece.day else hour)
    ]


def _compared(said: list[Said]) -> list[Said]:
    """ "más tarde, sobre las seis": beside an hour it compares, and names no day."""
    if not any(piece.hour and piece.hour.clocks for piece in said):
        return said
    return [piece for piece in said if not (piece.hour and _is_any_time_later(piece.hour))]


def _is_any_time_later(piece: HourPiece) -> bool:
    return piece.today and piece.span is not None and piece.span[1] is None


@lru_cache(maxsize=16)
def of(words: Words) -> Moments:
    """The grammar of moments of ``words``, made once."""
    return Moments(words)


def read_date(line: Line, context: Context, words: Words) -> Understood:
    """The days the line names."""
    if words.patterns("calendar.born").search(line.plain):
        born = birth.read(line, context, words)
        if isinstance(born.reading, Dates):
            return replace(born, kind="date", value=born.reading.plain(), alternatives=())
    said = _answered(line, context, words, "day")
    dates = combine.dates(said, context)
    if dates is None and not said and words.patterns("commands.any").search(line.plain):
        dates = Dates(context.today, None)
    return _understood("date", line, dates)


def read_time(line: Line, context: Context, words: Words) -> Understood:
    """The times of day the line names."""
    said = _answered(line, context, words, "hour")
    times = timing.times(said, context, hours.of(words))
    if times is None and not said and words.patterns("commands.any").search(line.plain):
        times = Times()
    return _understood("time", line, times)


def read_datetime(line: Line, context: Context, words: Words) -> Understood:
    """The days and times of day the line names."""
    said = _answered(line, context, words, "")
    moment = combine.moment(said, context, hours.of(words))
    return _understood("datetime", line, moment)


def _understood(kind: str, line: Line, reading: Dates | Times | Moment | None) -> Understood:
    if reading is None:
        return Understood(kind, line.text)
    parts = (reading.dates, reading.times) if isinstance(reading, Moment) else (reading,)
    open_ = any(part.options for part in parts if part)
    return Understood(kind, line.text, reading.plain(), 0.7 if open_ else 0.95, reading)
