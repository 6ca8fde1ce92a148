"""Months, parts of months and years a caller names."""

from datetime import date

from ivr.language import numbers
from ivr.language.model import Context, Dates
from ivr.language.spans import DayPiece, add_months, stretch, year_month
from ivr.language.tokens import Line
from ivr.language.words import Words

OLD = 40
"""From this two figures are a year of the last century: "del 72"."""


class Months:
    """Finds months in a line."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.numbers = numbers.of(words)
        self.names = words.table("calendar.months", by_sound=True)
        self.determiners = words.table("calendar.determiners")

    def _coming(self, line: Line, index: int) -> tuple[object, int] | None:
        return self.words.table("calendar.coming").match(line, index)

    def at(self, line: Line, index: int, context: Context) -> DayPiece | None:
        """A month or a part of one."""
        part = self.words.table("calendar.month_parts").match(line, index)
        (first, last), at = part or ((1, 0), index)
        at += bool(part) and line.word(at) in {"de", "del"}
        at += line.word(at) == "en"
        target = self.month_or_year(line, at, context)
        if target is None:
            return self._lone(index, part, context) if part else None
        year, month, end, whole_year = target
        if whole_year and part is None:
            begin, finish = date(year, 1, 1), date(year, 12, 31)
            return DayPiece(index, end, Dates(max(begin, context.today), finish), period=True)
        if whole_year:
            month = 12 if first > 15 else 6 if first > 5 else 1
        begin, finish = stretch(year, month, first, last)
        if finish < context.today:
            ahead = 12 if self.names.match(line, end - 1) or whole_year else 1
            begin, finish = add_months(begin, ahead), add_months(finish, ahead)
        return DayPiece(index, end, Dates(max(begin, context.today), finish), period=True)

    def _lone(
        self, index: int, part: tuple[tuple[int, int], int], context: Context
    ) -> DayPiece | None:
        """``a mediados``: of the month said beside it, else of the next it fits."""
        (first, last), end = part
        if end < index + 2:
            return None
        for ahead in (0, 1):
            month = add_months(context.today.replace(day=1), ahead)
            begin, finish = stretch(month.year, month.month, first, last)
            if finish >= context.today:
                span = Dates(max(begin, context.today), finish)
                return DayPiece(index, end, span, part=(first, last))
        return None

    def month_or_year(
        self, line: Line, index: int, context: Context
    ) -> tuple[int, int, int, bool] | None:
        """Year, month, end, and whether a whole year was named."""
        today = context.today
        how, at = self.determiners.match(line, index) or ("", index)
        word = line.word(at)
        if word in {"mes", "ano"}:
            named = self.names.match(line, at + 2) if line.word(at + 1) == "de" else None
            if named:
                return self._year_after(line, named[0], named[1], today)
            coming = self._coming(line, at + 1)
            end = coming[1] if coming else at + 1
            ahead = int(bool(coming) or how in {"next", "other"})
            if how in {"every"}:
                return None
            if word == "ano":
                return today.year + ahead, 1, end, True
            year, month = year_month(add_months(today.replace(day=1), ahead))
            return year, month, end, False
        named = self.names.match(line, at)
        if named is None or how == "every":
            return None
        coming = self._coming(line, named[1])
        return self._year_after(line, named[0], coming[1] if coming else named[1], today)

    def _year_after(
        self, line: Line, month: int, end: int, today: date
    ) -> tuple[int, int, int, bool]:
        year = self.year(line, end, today)
        if year:
            return year[0], month, year[1], False
        return today.year + (month < today.month), month, end, False

    def year(self, line: Line, index: int, today: date) -> tuple[int, int] | None:
        """``de 2027``, ``del año que viene``, ``de este año``."""
        if line.word(index) == ",":
            index += 1
        if line.word(index) not in {"de", "del"}:
            number = self.numbers.cardinal(line, index)
            return number if number and today.year <= number[0] <= today.year + 5 else None
        at = index + 1
        how, at = self.determiners.match(line, at) or ("", at)
        if line.word(at) == "ano":
            number = self.numbers.cardinal(line, at + 1)
            if number and 2000 <= number[0] <= 2200:
                return number
            coming = self._coming(line, at + 1)
            if coming or how == "next":
                return today.year + 1, coming[1] if coming else at + 1
            return (today.year, at + 1) if how == "this" else None
        number = self.numbers.cardinal(line, at)
        if number and today.year % 100 <= number[0] <= today.year % 100 + 5:
            return number[0] + 2000, number[1]
        if number and OLD <= number[0] < 100:
            return number[0] + 1900, number[1]
        return number if number and 1900 <= number[0] <= 2200 else None
