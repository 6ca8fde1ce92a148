"""Days a caller names: one piece of a line, resolved against the clinic's calendar."""

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from ivr.language import numbers
from ivr.language.model import Context, Dates
from ivr.language.tokens import Line
from ivr.language.words import Words

_DATE_SIGNS = "/-."


@dataclass(frozen=True)
class DayPiece:
    """Days named at tokens ``[start, end)``."""

    start: int
    end: int
    dates: Dates
    weekday: int | None = None
    """A weekday said without anything that fixes its week."""
    every: bool = False
    """Any such weekday: "los lunes"."""
    period: bool = False
    """A week, a month…: a weekday said beside it lies inside it."""
    number: int | None = None
    """A day of the month said without its month."""
    impossible: bool = False
    """There is no such day: "el 31 de febrero"."""


def one(day: date) -> Dates:
    """A single day."""
    return Dates(day, day)


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def next_weekday(after: date, weekday: int) -> date:
    """The next such weekday strictly after a day."""
    return after + timedelta((weekday - after.weekday() - 1) % 7 + 1)


def add_months(day: date, months: int) -> date:
    """The same day some months on, or that month's last."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, month_end(year, month).day))


def next_day(number: int, today: date) -> date | None:
    """The next time the month reaches a day, today included."""
    for ahead in range(13):
        first = add_months(today.replace(day=1), ahead)
        if number <= month_end(first.year, first.month).day:
            day = first.replace(day=number)
            if day >= today:
                return day
    return None


def next_date(number: int, month: int, today: date) -> date | None:
    """The next time the year reaches a day of a month; None when there is no such day."""
    if not 1 <= number <= calendar.monthrange(2024, month)[1]:
        return None
    for year in range(today.year, today.year + 9):
        if number <= month_end(year, month).day and date(year, month, number) >= today:
            return date(year, month, number)
    return None


class Days:
    """Finds days in a line."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.numbers = numbers.of(words)
        self.weekdays = words.table("calendar.weekdays", by_sound=True)
        self.months = words.table("calendar.months", by_sound=True)
        self.determiners = words.table("calendar.determiners")
        self.plural = frozenset(words["calendar.every_plural"])

    def _table(self, line: Line, index: int, name: str) -> tuple[object, int] | None:
        return self.words.table(f"calendar.{name}").match(line, index)

    def at(self, line: Line, index: int, context: Context, *, bare: bool) -> DayPiece | None:
        """The longest naming of days at ``index``; ``bare``: a lone number is a day."""
        found = [
            piece
            for piece in (
                self._open(line, index, context),
                self._relative(line, index, context),
                self._within(line, index, context),
                self._written(line, index, context, bare),
                self._weekday(line, index, context),
                self._week(line, index, context),
                self._month(line, index, context),
                self._day_of_month(line, index, context, bare),
                self._named(line, index, context),
            )
            if piece
        ]
        return max(found, key=lambda piece: piece.end, default=None)

    def _open(self, line: Line, index: int, context: Context) -> DayPiece | None:
        if found := self._table(line, index, "earliest"):
            return DayPiece(index, found[1], Dates(context.today, None, earliest=True), period=True)
        if found := self._table(line, index, "any"):
            return DayPiece(index, found[1], Dates(context.today, None), period=True)
        vague = self.words.table("calendar.vague").match(line, index)
        if vague:
            (first, last), end = vague
            today = context.today
            span = Dates(today + timedelta(first), today + timedelta(last))
            return DayPiece(index, end, span, period=True)
        if found := self._table(line, index, "now"):
            return DayPiece(index, found[1], one(context.today))
        return None

    def _relative(self, line: Line, index: int, context: Context) -> DayPiece | None:
        found = self.words.table("calendar.relative").match(line, index)
        if found is None:
            found = self.words.table("calendar.relative_alone").match(line, index)
            if found is None or not self._alone(line, index, found[1]):
                return None
        day = context.today + timedelta(found[0])
        idiom = self.words.table("calendar.idiom_weeks").match(line, found[1])
        if idiom and not self.words.table("calendar.units").match(line, idiom[1]):
            return DayPiece(index, idiom[1], one(day + timedelta(weeks=idiom[0])))
        end = found[1]
        after = end + 1 if line.word(end) == "," else end
        weekday = self.weekdays.match(line, after)
        if weekday and weekday[0] == day.weekday():
            end = weekday[1]
            number = self.numbers.cardinal(line, end)
            if number and number[0] == day.day:
                end = number[1]
        return DayPiece(index, end, one(day))

    def _alone(self, line: Line, index: int, end: int) -> bool:
        """Whether "pasado" is a day by itself, not "el lunes pasado" or "pasado el"."""
        before, after = line.word(index - 1), line.word(end)
        return before in {"", "o", "u", ",", "y", "para", "hoy"} and after not in {"el", "las", "la"}

    def _within(self, line: Line, index: int, context: Context) -> DayPiece | None:
        """``dentro de dos semanas``."""
        within = self._table(line, index, "within")
        if within is None:
            return None
        count = self.words.table("numbers.collective").match(line, within[1])
        if count and line.word(count[1]) == "de":
            count = count[0], count[1] + 1
        count = count or self.numbers.cardinal(line, within[1])
        if count is None or not 0 < count[0] < 1000:
            return None
        unit = self.words.table("calendar.units").match(line, count[1])
        today, n = context.today, count[0]
        if unit is None or unit[0] in {"hour", "minute"}:
            return None
        if unit[0] == "day":
            n = self.words["calendar"].get("idiom_days", {}).get(n, n)
        day = {
            "day": today + timedelta(n),
            "week": today + timedelta(weeks=n),
            "fortnight": today + timedelta(15 * n),
            "month": add_months(today, n),
            "year": add_months(today, 12 * n),
        }[unit[0]]
        return DayPiece(index, unit[1], one(day))

    # --- Written dates ------------------------------------------------------------------

    def _written(self, line: Line, index: int, context: Context, bare: bool) -> DayPiece | None:
        """``23/11``, ``23-11-2026``, ``2026-11-23``."""
        begin = self._past_determiner(line, index)
        parts, end, sign = self.figures(line, begin)
        if len(parts) == 3 and len(parts[0]) == 4:
            parts = parts[::-1]
        if len(parts) < 2 or len(parts[0]) > 2 or len(parts[1]) > 2:
            return None
        if len(parts) == 2 and sign != "/" and not (bare or begin > index):
            return None
        number, month = int(parts[0]), int(parts[1])
        if not 1 <= month <= 12 or not 1 <= number <= 31:
            return None
        year = self.full_year(int(parts[2]), context) if len(parts) == 3 else None
        dates = self._dated(number, month, year, context.today)
        return DayPiece(index, end, dates or Dates(), impossible=dates is None)

    @staticmethod
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

    @staticmethod
    def full_year(year: int, context: Context) -> int:
        """A year as meant for an appointment: two digits are of this century."""
        return year + 2000 if year < 100 else year

    def _past_determiner(self, line: Line, index: int) -> int:
        found = self.determiners.match(line, index)
        return found[1] if found and found[0] == "the" else index

    @staticmethod
    def _dated(number: int, month: int, year: int | None, today: date) -> Dates | None:
        if year is None:
            day = next_date(number, month, today)
            return one(day) if day else None
        if not (1900 <= year <= 2200) or number > month_end(year, month).day:
            return None
        return one(date(year, month, number))

    # --- Weekdays -----------------------------------------------------------------------

    def _weekday(self, line: Line, index: int, context: Context) -> DayPiece | None:
        determiner = self.determiners.match(line, index)
        how, at = determiner or ("", index)
        ordinal = self.numbers.ordinal(line, at)
        named = self.weekdays.match(line, at)
        if named is None and ordinal:
            return self._nth_weekday(line, index, ordinal, context)
        if named is None:
            return None
        weekday, end = named
        today = context.today
        day = next_weekday(today, weekday)
        if how == "other":
            day += timedelta(weeks=1)
        fixed = how in {"next", "other"}
        if found := self._table(line, end, "past"):
            if not self.words.table("calendar.relative").match(line, end):
                return DayPiece(index, found[1], one(day - timedelta(weeks=1)))
        if found := self._table(line, end, "coming"):
            end, fixed = found[1], True
        idiom = self.words.table("calendar.idiom_weeks").match(line, end)
        if idiom:
            return DayPiece(index, idiom[1], one(day + timedelta(weeks=idiom[0])))
        dated = self._dated_weekday(line, index, end, weekday, context)
        if dated:
            return dated
        if line.word(end) in {"de", "del"}:
            period = self._week(line, end + 1, context) or self._month(line, end + 1, context)
            if period and period.period:
                return self._inside(index, weekday, period, every=how == "every")
        if how == "every" or (how == "" and line.word(end - 1).endswith("s") and self._many(line, at)):
            return DayPiece(
                index, end, Dates(today, None, weekdays=frozenset({weekday})), weekday, every=True
            )
        return DayPiece(index, end, one(day), None if fixed else weekday)

    def _many(self, line: Line, at: int) -> bool:
        return line.word(at) not in self.plural and line.word(at).endswith("s")

    def _inside(self, index: int, weekday: int, period: DayPiece, *, every: bool) -> DayPiece:
        return DayPiece(index, period.end, within(period.dates, weekday, every=every))

    def _dated_weekday(
        self, line: Line, index: int, end: int, weekday: int, context: Context
    ) -> DayPiece | None:
        """``jueves 23``, ``jueves 23 de noviembre``, ``jueves día 23``."""
        at = end + 1 if line.word(end) == "," else end
        piece = self._day_of_month(line, at, context, bare=True)
        piece = piece or self._written(line, at, context, bare=True)
        if piece is None or not piece.dates.day:
            return None
        day = piece.dates.day
        if day.weekday() != weekday and piece.number is not None:
            day = self._matching(piece.number, weekday, context.today) or day
        if day.weekday() == weekday:
            return DayPiece(index, piece.end, one(day))
        near = min((day + timedelta(n) for n in range(-3, 4)), key=lambda d: d.weekday() != weekday)
        options = sorted({max(near, context.today), day})
        return DayPiece(index, piece.end, Dates(options=tuple(one(d) for d in options)))

    @staticmethod
    def _matching(number: int, weekday: int, today: date) -> date | None:
        """The next day of that number falling on that weekday, within three months."""
        for ahead in range(3):
            first = add_months(today.replace(day=1), ahead)
            if number <= month_end(first.year, first.month).day:
                day = first.replace(day=number)
                if day >= today and day.weekday() == weekday:
                    return day
        return None

    def _nth_weekday(
        self, line: Line, index: int, ordinal: tuple[int, int], context: Context
    ) -> DayPiece | None:
        """``el primer lunes de diciembre``, ``el último viernes del mes``."""
        named = self.weekdays.match(line, ordinal[1])
        if named is None or line.word(named[1]) not in {"de", "del"}:
            return None
        month = self._month(line, named[1] + 1, context)
        if month is None or month.dates.last is None:
            return None
        for ahead in (0, 1):
            last = month_end(*_year_month(add_months(month.dates.last, ahead * 12)))
            days = [
                day
                for n in range(1, last.day + 1)
                if (day := last.replace(day=n)).weekday() == named[0]
            ]
            nth = ordinal[0] - 1 if ordinal[0] > 0 else ordinal[0]
            if nth < len(days) and days[nth] >= context.today:
                return DayPiece(index, month.end, one(days[nth]))
        return None

    # --- Weeks and months ---------------------------------------------------------------

    def _week(self, line: Line, index: int, context: Context) -> DayPiece | None:
        how, at = self.determiners.match(line, index) or ("", index)
        if found := self._table(line, at, "workdays"):
            return DayPiece(
                index, found[1], Dates(context.today, None, weekdays=frozenset(range(5))), period=True
            )
        weekend = self._table(line, at, "weekend")
        word = self._table(line, at, "week_word")
        found = weekend or word
        if found is None:
            return None
        end, today = found[1], context.today
        monday = today - timedelta(today.weekday())
        coming, past = self._table(line, end, "coming"), self._table(line, end, "past")
        if coming:
            end = coming[1]
        elif past:
            end = past[1]
        elif word and line.word(end) in {"de", "del"}:
            anchor = self._day_of_month(line, end, context, bare=True)
            anchor = anchor or self._weekday(line, end + 1, context)
            if anchor and anchor.dates.day:
                start = anchor.dates.day - timedelta(anchor.dates.day.weekday())
                span = Dates(max(start, today), start + timedelta(6))
                return DayPiece(index, anchor.end, span, period=True)
        ahead = 1 if coming or how in {"next", "other"} else -1 if past else 0
        if weekend:
            if how == "every" and not coming:
                days = Dates(today, None, weekdays=frozenset({5, 6}))
                return DayPiece(index, end, days, every=True)
            saturday = monday + timedelta(5)
            if coming and today.weekday() < 5 and how != "next":
                ahead = 0
            saturday += timedelta(weeks=ahead)
            span = Dates(max(saturday, today) if ahead == 0 else saturday, saturday + timedelta(1))
            return DayPiece(index, end, span, period=True)
        if how not in {"this", "next", "other"} and not coming and not past:
            return None
        start = monday + timedelta(weeks=ahead)
        first = today if ahead == 0 else start
        return DayPiece(index, end, Dates(first, start + timedelta(6)), period=True)

    def _month(self, line: Line, index: int, context: Context) -> DayPiece | None:
        """A month or a part of one."""
        part = self.words.table("calendar.month_parts").match(line, index)
        if part:
            (first, last), at = part
            at += line.word(at) in {"de", "del"}
        else:
            (first, last), at = (1, 0), index
        at += line.word(at) == "en"
        target = self._month_or_year(line, at, context)
        if target is None:
            return None
        year, month, end, whole_year = target
        today = context.today
        if whole_year:
            if part is None:
                begin, finish = date(year, 1, 1), date(year, 12, 31)
                return DayPiece(index, end, Dates(max(begin, today), finish), period=True)
            month = 12 if first > 15 else 6 if first > 5 else 1
        end_of = month_end(year, month)
        begin = end_of + timedelta(first + 1) if first < 0 else date(year, month, first)
        finish = end_of if last == 0 else date(year, month, min(last, end_of.day))
        if finish < today:
            begin, finish = add_months(begin, 12), add_months(finish, 12)
        return DayPiece(index, end, Dates(max(begin, today), finish), period=True)

    def _month_or_year(
        self, line: Line, index: int, context: Context
    ) -> tuple[int, int, int, bool] | None:
        """Year, month, end, and whether a whole year was named."""
        today = context.today
        how, at = self.determiners.match(line, index) or ("", index)
        word = line.word(at)
        if word in {"mes", "ano"}:
            named = self.months.match(line, at + 2) if line.word(at + 1) == "de" else None
            if named:
                return self._year_after(line, named[0], named[1], today)
            coming = self._table(line, at + 1, "coming")
            end = coming[1] if coming else at + 1
            ahead = int(bool(coming) or how in {"next", "other"})
            if how in {"every"}:
                return None
            if word == "ano":
                return today.year + ahead, 1, end, True
            year, month = _year_month(add_months(today.replace(day=1), ahead))
            return year, month, end, False
        named = self.months.match(line, at)
        if named is None or how == "every":
            return None
        coming = self._table(line, named[1], "coming")
        return self._year_after(line, named[0], coming[1] if coming else named[1], today)

    def _year_after(self, line: Line, month: int, end: int, today: date) -> tuple[int, int, int, bool]:
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
            coming = self._table(line, at + 1, "coming")
            if coming or how == "next":
                return today.year + 1, coming[1] if coming else at + 1
            return (today.year, at + 1) if how == "this" else None
        number = self.numbers.cardinal(line, at)
        return number if number and 1900 <= number[0] <= 2200 else None

    # --- Days of the month --------------------------------------------------------------

    def _day_of_month(
        self, line: Line, index: int, context: Context, bare: bool
    ) -> DayPiece | None:
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
        if number is None or not 1 <= number[0] <= 31:
            return None
        day, end = number
        month = self._month_of_day(line, end, context)
        today = context.today
        if month:
            target, year, end = month
            dates = self._dated(day, target, year, today)
            return DayPiece(index, end, dates or Dates(), impossible=dates is None)
        if ordinal and not number[0] == 1:
            return None
        article = line.word(at - 1) if how else ""
        if ordinal and article != "dia":
            return None
        if not (bare or article in {"el", "dia", "al", "del"}) or article == "la":
            return None
        if self._is_measure(line, end):
            return None
        reached = next_day(day, today)
        return DayPiece(index, end, one(reached), number=day) if reached else None

    def _is_measure(self, line: Line, end: int) -> bool:
        """Whether the number counts something: "15 días", "10 y media", "5 por ciento"."""
        unit = self.words.table("calendar.units").match(line, end)
        return bool(unit) or (
            line.word(end) == "y" and self.words.table("times.minutes").match(line, end + 1) is not None
        )

    def _month_first(self, line: Line, index: int, context: Context) -> DayPiece | None:
        """``noviembre 23``."""
        month = self.months.match(line, index)
        number = self.numbers.cardinal(line, month[1]) if month else None
        if month is None or number is None or not 1 <= number[0] <= 31:
            return None
        dates = self._dated(number[0], month[0], None, context.today)
        return DayPiece(index, number[1], dates) if dates else None

    def _month_of_day(
        self, line: Line, end: int, context: Context
    ) -> tuple[int, int | None, int] | None:
        """The month (and year) said after a day of the month."""
        today = context.today
        if line.word(end) in {"de", "del"}:
            named = self.months.match(line, end + 1)
            if named:
                year = self.year(line, named[1], today)
                return named[0], year[0] if year else None, year[1] if year else named[1]
            how, at = self.determiners.match(line, end + 1) or ("", end + 1)
            if line.word(at) == "mes" or line.word(end + 1) == "mes":
                target = self._month_or_year(line, end + 1, context)
                return (target[1], target[0], target[2]) if target else None
            if line.word(end) == "del":
                number = self.numbers.cardinal(line, end + 1)
                if number and 1 <= number[0] <= 12:
                    year = self.year(line, number[1], today)
                    return number[0], year[0] if year else None, year[1] if year else number[1]
            return None
        named = self.months.match(line, end)
        if named is None:
            return None
        year = self.year(line, named[1], today)
        return named[0], year[0] if year else None, year[1] if year else named[1]

    def _named(self, line: Line, index: int, context: Context) -> DayPiece | None:
        found = self.words.table("calendar.named").match(line, index)
        if found is None:
            return None
        (month, number), end = found
        dates = self._dated(number, month, None, context.today)
        return DayPiece(index, end, dates) if dates else None


def within(span: Dates, weekday: int, *, every: bool = False) -> Dates:
    """The first such weekday inside a span, or every one of them."""
    if span.first is None:
        return replace(span, weekdays=frozenset({weekday}))
    first = span.first if span.first.weekday() == weekday else next_weekday(span.first, weekday)
    if span.last is None or (every and first + timedelta(6) < span.last):
        return replace(span, weekdays=frozenset({weekday}))
    if first <= span.last:
        return one(first)
    return one(first - timedelta(weeks=1))


def _year_month(day: date) -> tuple[int, int]:
    return day.year, day.month


@lru_cache(maxsize=16)
def of(words: Words) -> Days:
    """The day grammar of ``words``, made once."""
    return Days(words)
