"""Days of the calendar: the arithmetic behind what callers name."""

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ivr.language.model import Dates


@dataclass(frozen=True)
class DayPiece:
    """Days named at tokens ``[start, end)``."""

    start: int
    end: int
    dates: Dates
    weekday: int | None = None
    """A weekday said without anything that fixes its week."""
    by_weekday: bool = False
    """Named by its weekday, with or without its week."""
    every: bool = False
    """Any such weekday: "los lunes"."""
    period: bool = False
    """A week, a month…: a weekday said beside it lies inside it."""
    number: int | None = None
    """A day of the month said without its month."""
    following: bool = False
    """The day after another one named: "el siguiente"."""
    part: tuple[int, int] | None = None
    """A part of a month (first and last day, 0 the last) said without its month."""
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


def easter(year: int) -> date:
    """Easter Sunday, by the Gregorian reckoning (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def stretch(year: int, month: int, first: int, last: int) -> tuple[date, date]:
    """Part of a month; ``last`` 0 is its end, a negative ``first`` counts from there."""
    end = month_end(year, month)
    begin = end + timedelta(first + 1) if first < 0 else date(year, month, min(first, end.day))
    return begin, end if last == 0 else date(year, month, min(last, end.day))


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


def year_month(day: date) -> tuple[int, int]:
    """Year and month of a day."""
    return day.year, day.month
