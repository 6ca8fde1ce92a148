"""Days named by their number: "el 23", "23 de noviembre", "23/11", "Navidad"."""

from dataclasses import replace
from datetime import date, timedelta

from ivr.language import numbers
from ivr.language.model import Context, Dates
from ivr.language.months import OLD, Months
from ivr.language.spans import DayPiece, easter, month_end, next_date, next_day, one
from ivr.language.tokens import Line
from ivr.language.words import Words

_DATE_SIGNS = "/-."


class MonthDays:
    """Finds numbered days in a line."""

    def __init__(self, words: Words, months: Months) -> None:
        self.words = words
        self.months = months
        self.numbers = numbers.of(words)
        self.determiners = words.table("calendar.determiners")

    def written(self, line: Line, index: int, context: Context, bare: bool) -> DayPiece | None:
        """``23/11``, ``23-11-2026``, ``2026-11-23``."""
        begin = self._past_determiner(line, index)
        parts, end, sign = figures(line, begin)
        if len(parts) == 3 and len(parts[0]) == 4:
            parts = parts[::-1]
        if len(parts) < 2 or len(parts[0]) > 2 or len(parts[1]) > 2:
            return None
        if len(parts) == 2 and sign != "/" and not (bare or begin > index):
            return None
        number, month = int(parts[0]), int(parts[1])
        if not 1 <= month <= 12 or not 1 <= number <= 31:
            return None
        year = full_year(int(parts[2])) if len(parts) == 3 else None
        dates = dated(number, month, year, context.today)
        return DayPiece(index, end, dates or Dates(), impossible=dates is None)

    def _past_determiner(self, line: Line, index: int) -> int:
        found = self.determiners.match(line, index)
        return found[1] if found and found[0] == "the" else index

    def at(self, line: Line, index: int, context: Context, bare: bool) -> DayPiece | None:
        """``el 23``, ``el día veintitrés``, ``23 de noviembre``, ``el 5 del mes que viene``."""
        how, at = self.determiners.match(line, index) or ("", index)
        if how not in {"the", ""}:
            return None
        first_first = self._month_first(line, at, context) if how != "the" else None
        if first_first:
            return replace(first_first, start=index)
        number = self.numbers.cardinal(line, at)
        ordinal = self.numbers.ordinal(line, at)
        if ordinal and ordinal[0] == 1:
            number = ordinal
        if number and 31 < number[0] < 100:
            no_month = self._month_of_day(line, number[1], context)
            return DayPiece(index, no_month[2], Dates(), impossible=True) if no_month else None
        if number is None or not 1 <= number[0] <= 31:
            return None
        if line.word(at) in self.numbers.articles and number[1] == at + 1:
            return None
        day, end = number
        month = self._month_of_day(line, end, context)
        today = context.today
        if month:
            target, year, end = month
            dates = dated(day, target, year, today)
            return DayPiece(index, end, dates or Dates(), impossible=dates is None)
        dictated = self._dictated(line, at, end, today) if bare else None
        if dictated:
            return replace(dictated, start=index)
        article = line.word(at - 1) if how else ""
        if ordinal and article != "dia":
            return None
        if not (bare or article in {"el", "dia", "al", "del"}) or article == "la":
            return None
        if self._is_measure(line, end):
            return None
        reached = next_day(day, today)
        return DayPiece(index, end, one(reached), number=day) if reached else None

    def _dictated(self, line: Line, at: int, end: int, today: date) -> DayPiece | None:
        """``once doce``: day and month, when nothing else is said."""
        day = self.numbers.cardinal(line, at)
        month = self.numbers.cardinal(line, end)
        if not day or not month or not 1 <= month[0] <= 12 or month[1] < len(line.bare.split()):
            return None
        dates = dated(day[0], month[0], None, today)
        return DayPiece(at, month[1], dates) if dates else None

    def _is_measure(self, line: Line, end: int) -> bool:
        """Whether the number counts something: "15 días", "10 y media", "5 por ciento"."""
        unit = self.words.table("calendar.units").match(line, end)
        return bool(unit) or (
            line.word(end) == "y"
            and self.words.table("times.minutes").match(line, end + 1) is not None
        )

    def _month_first(self, line: Line, index: int, context: Context) -> DayPiece | None:
        """``noviembre 23``."""
        month = self.months.names.match(line, index)
        number = self.numbers.cardinal(line, month[1]) if month else None
        if month is None or number is None or not 1 <= number[0] <= 31:
            return None
        dates = dated(number[0], month[0], None, context.today)
        return DayPiece(index, number[1], dates) if dates else None

    def _month_of_day(
        self, line: Line, end: int, context: Context
    ) -> tuple[int, int | None, int] | None:
        """The month (and year) said after a day of the month."""
        today = context.today
        if line.word(end) in {"de", "del"}:
            named = self.months.names.match(line, end + 1)
            if named:
                year = self.months.year(line, named[1], today)
                return named[0], year[0] if year else None, year[1] if year else named[1]
            determiner = self.determiners.match(line, end + 1)
            at = determiner[1] if determiner else end + 1
            if line.word(at) == "mes" or line.word(end + 1) == "mes":
                target = self.months.month_or_year(line, end + 1, context)
                return (target[1], target[0], target[2]) if target else None
            if line.word(end) == "del":
                number = self.numbers.cardinal(line, end + 1)
                if number and 1 <= number[0] <= 12:
                    year = self.months.year(line, number[1], today)
                    return number[0], year[0] if year else None, year[1] if year else number[1]
            return None
        named = self.months.names.match(line, end)
        if named is None:
            return None
        year = self.months.year(line, named[1], today)
        return named[0], year[0] if year else None, year[1] if year else named[1]

    def named(self, line: Line, index: int, context: Context) -> DayPiece | None:
        """``Navidad``, ``Semana Santa``, ``la víspera de Reyes``."""
        beside = self.words.table("calendar.beside").match(line, index)
        if beside:
            days, at = beside
            feast = self.named(line, at, context)
            feast = feast or self.at(line, at - 1, context, bare=True)
            edge = feast and (feast.dates.last if days > 0 else feast.dates.first)
            return (
                DayPiece(index, feast.end, one(edge + timedelta(days))) if feast and edge else None
            )
        found = self.words.table("calendar.named").match(line, index)
        if found is None:
            return self._by_easter(line, index, context)
        (month, number), end = found
        dates = dated(number, month, None, context.today)
        return DayPiece(index, end, dates) if dates else None

    def _by_easter(self, line: Line, index: int, context: Context) -> DayPiece | None:
        """The next Holy Week, Good Friday and the like."""
        found = self.words.table("calendar.easter").match(line, index)
        if found is None:
            return None
        (first, last), end = found
        for year in (context.today.year, context.today.year + 1):
            sunday = easter(year)
            span = Dates(sunday + timedelta(first), sunday + timedelta(last))
            if span.last and span.last >= context.today:
                return DayPiece(index, end, span, period=first != last)
        return None


def dated(number: int, month: int, year: int | None, today: date) -> Dates | None:
    """A day of a month: of that year, or the next time it comes; None when there is none."""
    if year is None:
        day = next_date(number, month, today)
        return one(day) if day else None
    if not (1900 <= year <= 2200) or number > month_end(year, month).day:
        return None
    return one(date(year, month, number))


def full_year(year: int) -> int:
    """A year of two figures: of this century, or of the last if it is far off."""
    return year if year >= 100 else year + (2000 if year < OLD else 1900)


def figures(line: Line, index: int) -> tuple[list[str], int, str]:
    """Digits joined by one sign: the parts, the end and the sign."""
    parts: list[str] = []
    sign = ""
    while index < len(line) and line.tokens[index].is_digits and len(parts) < 3:
        parts.append(line.word(index))
        index += 1
        mark = line.word(index)
        joined = line.glued(index) and line.glued(index + 1)
        if mark not in _DATE_SIGNS or not mark or (sign and mark != sign) or not joined:
            break
        if not line.word(index + 1).isdecimal():
            break
        sign, index = mark, index + 1
    return parts, index, sign
