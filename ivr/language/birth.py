"""Dates of birth: day, month and year, spoken, written or keyed in."""

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from ivr.language import monthdays, numbers, spans
from ivr.language.model import Context, Understood
from ivr.language.tokens import Line
from ivr.language.words import Words

OLDEST = 1900
_OLDEST_AGE = 105
_BETWEEN = frozenset({"de", "del", "/", "-", ".", ",", "el", "ano", "mes", "en", "y", "dia", "a"})


@dataclass(frozen=True)
class Birth:
    """A date of birth and where the words of it ended."""

    day: date
    end: int
    unsure: date | None = None
    """The other century's date, when a two-digit year could be either."""


class Births:
    """Finds dates of birth in a line."""

    def __init__(self, words: Words) -> None:
        self.numbers = numbers.of(words)
        self.months = words.table("calendar.months", by_sound=True)
        self.named = words.table("calendar.named")

    def at(self, line: Line, index: int, today: date) -> Birth | None:
        """The date of birth at ``index``."""
        keyed = self._keyed(line, index, today)
        if keyed:
            return keyed
        month = self.months.match(line, index)
        if month:
            day = self._small(line, self._past(line, month[1]))
            return self._with_year(line, day, month[0], today) if day else None
        if feast := self.named.match(line, index):
            month_of, day_of = feast[0]
            return self._with_year(line, (day_of, feast[1]), month_of, today)
        first = self._small(line, index)
        if first is None:
            return self._year_first(line, index, today)
        at = self._past(line, first[1])
        named = self.months.match(line, at)
        month = named or self._small(line, at)
        if month is None or not 1 <= month[0] <= 12:
            return None
        return self._with_year(line, (first[0], month[1]), month[0], today)

    def year_first_said(self, line: Line, today: date) -> Birth | None:
        """``del ochenta y cinco, el cuatro de abril``."""
        years = [s for s in self.numbers.spans(line) if s[0] > 31]
        if len(years) != 1:
            return None
        value, _, end = years[0]
        for index in range(end, len(line)):
            day = self._small(line, index)
            month = self.months.match(line, self._past(line, day[1])) if day else None
            if day and month:
                return _dated(day[0], month[0], value, month[1], today)
        return None

    def corrected(self, line: Line, index: int, said: Birth, today: date) -> Birth | None:
        """The date with the month or the year said anew: "no, perdón, de 1952"."""
        month = self.months.match(line, index)
        if month:
            return _dated(said.day.day, month[0], said.day.year, month[1], today)
        year = self.numbers.cardinal(line, index)
        if year and OLDEST <= year[0] <= today.year:
            return _dated(said.day.day, said.day.month, year[0], year[1], today)
        return None

    def _small(self, line: Line, index: int) -> tuple[int, int] | None:
        """A day or a month: at most two digits or one short number."""
        if index < len(line) and line.tokens[index].is_digits:
            text = line.word(index)
            return (int(text), index + 1) if len(text) <= 2 else None
        ordinal = self.numbers.ordinal(line, index)
        if ordinal and ordinal[0] == 1:
            return ordinal
        if line.word(index) == "cero":
            index += 1
        found = self.numbers.below_hundred(line, index)
        return found if found and 1 <= found[0] <= 31 else None

    def _past(self, line: Line, index: int) -> int:
        while line.word(index) in _BETWEEN:
            index += 1
        return index

    def _with_year(self, line: Line, day: tuple[int, int], month: int, today: date) -> Birth | None:
        year = self.numbers.cardinal(line, self._past(line, day[1]))
        if year is None:
            return None
        value, end = year
        if value in {19, 20}:
            rest = self.numbers.cardinal(line, end)
            if rest and 10 <= rest[0] < 100:
                value, end = value * 100 + rest[0], rest[1]
        return _dated(day[0], month, *self._as_meant(line, value, end), today)

    def _as_meant(self, line: Line, year: int, end: int) -> tuple[int, int]:
        """A year of which a recognizer wrote the last figures apart, or once more: "1980 y
        dos", "1989, 80 y dos"."""
        again = self.numbers.cardinal(line, end + (line.word(end) == ","))
        if year >= OLDEST and again and 20 <= again[0] < 100:
            year, end = year // 100 * 100 + again[0], again[1]
        unit = self.numbers.cardinal(line, end + 1) if line.word(end) == "y" else None
        if unit and year % 10 == 0 and year % 100 >= 30 and 0 < unit[0] < 10:
            return year + unit[0], unit[1]
        return year, end

    def _year_first(self, line: Line, index: int, today: date) -> Birth | None:
        """``1984-03-05``."""
        parts, end, _ = monthdays.figures(line, index)
        if len(parts) != 3 or len(parts[0]) != 4:
            return None
        return _dated(int(parts[2]), int(parts[1]), int(parts[0]), end, today)

    def _keyed(self, line: Line, index: int, today: date) -> Birth | None:
        """``05031984``, ``050384``."""
        text = line.word(index) if index < len(line) and line.tokens[index].is_digits else ""
        if len(text) not in {6, 8}:
            return None
        return _dated(int(text[:2]), int(text[2:4]), int(text[4:]), index + 1, today)


def _dated(day: int, month: int, year: int, end: int, today: date) -> Birth | None:
    century = year < 100
    years = [year] if not century else [2000 + year, 1900 + year]
    born = []
    for candidate in years:
        if not (OLDEST <= candidate <= today.year and 1 <= month <= 12):
            continue
        if 1 <= day <= spans.month_end(candidate, month).day:
            moment = date(candidate, month, day)
            if moment <= today and (not century or today.year - candidate <= _OLDEST_AGE):
                born.append(moment)
    if not born:
        return None
    return Birth(born[0], end, born[1] if len(born) > 1 else None)


def read(line: Line, context: Context, words: Words) -> Understood:
    """The date of birth; the last one said, should a first be taken back."""
    births, today = _of(words), context.today
    found: Birth | None = None
    index = 0
    while index < len(line):
        birth = births.at(line, index, today)
        if birth is None and found and index > found.end:
            birth = births.corrected(line, index, found, today)
        if birth:
            found = birth
        index = birth.end if birth else index + 1
    found = found or births.year_first_said(line, today)
    if found is None and "," in line.text:  # each word after a pause: "catorce, de, marzo"
        at_once = read(Line(line.text.replace(",", " ")), context, words)
        return replace(at_once, text=line.text)
    if found is None:
        return Understood("birth_date", line.text)
    return Understood(
        "birth_date",
        line.text,
        found.day.isoformat(),
        0.7 if found.unsure else 0.95,
        spans.one(found.day),
        (found.unsure.isoformat(),) if found.unsure else (),
    )


@lru_cache(maxsize=16)
def _of(words: Words) -> Births:
    return Births(words)
