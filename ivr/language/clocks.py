"""Hours as said or written, with every reading they may have."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import time

from ivr.language import numbers
from ivr.language.tokens import Line
from ivr.language.words import Words


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


class Clocks:
    """Finds hours in a line."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.numbers = numbers.of(words)
        self.some = frozenset(words["times.some"])
        self.hour_words = frozenset(words["times.hour_words"])

    def _match(self, line: Line, index: int, name: str) -> tuple[object, int] | None:
        return self.words.table(f"times.{name}").match(line, index)

    def at(self, line: Line, index: int, *, bare: bool = False) -> Iterator[Clock]:
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
        again = line.word(count[1]) == "y" and self._match(line, count[1] + 1, "minutes")
        if not again and not self.words.table("calendar.units").match(line, count[1]):
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
