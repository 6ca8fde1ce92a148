"""Days a caller names: one piece of a line, resolved against the clinic's calendar."""

from datetime import date, timedelta
from functools import lru_cache

from ivr.language import numbers
from ivr.language.model import Context, Dates
from ivr.language.monthdays import MonthDays
from ivr.language.months import Months
from ivr.language.spans import (
    DayPiece,
    add_months,
    month_end,
    next_weekday,
    one,
    within,
    year_month,
)
from ivr.language.tokens import Line
from ivr.language.words import Words

_WEEKEND = frozenset({5, 6})


class Days:
    """Finds days in a line."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.numbers = numbers.of(words)
        self.weekdays = words.table("calendar.weekdays", by_sound=True)
        self.months = Months(words)
        self.numbered = MonthDays(words, self.months)
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
                self.numbered.written(line, index, context, bare),
                self._weekday(line, index, context),
                self._week(line, index, context),
                self._week_part(line, index, context),
                self.numbered.named(line, index, context),
                self.months.at(line, index, context),
                self.numbered.at(line, index, context, bare),
            )
            if piece
        ]
        return max(found, key=lambda piece: piece.end, default=None)

    def _open(self, line: Line, index: int, context: Context) -> DayPiece | None:
        if found := self._table(line, index, "earliest"):
            return DayPiece(index, found[1], Dates(context.today, None, earliest=True), period=True)
        if found := self._table(line, index, "any"):
            at = self._any_of(line, index, found[1])
            period = at and (self._week(line, at, context) or self.months.at(line, at, context))
            if period and period.period:
                return DayPiece(index, period.end, period.dates, period=True)
            return DayPiece(index, found[1], Dates(context.today, None), period=True)
        vague = self.words.table("calendar.vague").match(line, index)
        if vague:
            (first, last), end = vague
            today = context.today
            span = Dates(today + timedelta(first), today + timedelta(last))
            return DayPiece(index, end, span, period=True)
        if found := self._table(line, index, "following"):
            return DayPiece(index, found[1], Dates(), following=True)
        if found := self._table(line, index, "now"):
            return DayPiece(index, found[1], one(context.today))
        return None

    def _any_of(self, line: Line, index: int, end: int) -> int | None:
        """Where the week or month of "cualquier día de la semana que viene" begins."""
        for at in range(index + 1, end + 1):
            if line.word(at) in {"de", "del"}:
                return at + 1
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
        return before in {"", "o", "u", ",", "y", "para", "hoy"} and after not in {
            "el",
            "las",
            "la",
        }

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
        weekday = self.weekdays.match(line, count[1])
        if weekday:
            day = next_weekday(context.today, weekday[0]) + timedelta(weeks=count[0] - 1)
            return DayPiece(index, weekday[1], one(day))
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
        found = self._table(line, end, "past")
        if found and not self._table(line, end, "relative"):
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
            period = self._week(line, end + 1, context) or self.months.at(line, end + 1, context)
            period = period or self._week_on(line, end + 1, context)
            if period and period.period:
                return self._inside(index, weekday, period, every=how == "every")
        if how == "every" or (
            how == "" and line.word(end - 1).endswith("s") and self._many(line, at)
        ):
            return DayPiece(
                index, end, Dates(today, None, weekdays=frozenset({weekday})), weekday, every=True
            )
        return DayPiece(index, end, one(day), None if fixed else weekday, by_weekday=True)

    def _week_on(self, line: Line, index: int, context: Context) -> DayPiece | None:
        """The week of a day so many weeks on: "el lunes de dentro de dos semanas"."""
        piece = self._within(line, index, context)
        day = piece.dates.day if piece else None
        if piece is None or day is None or line.word(piece.end - 1) not in {"semana", "semanas"}:
            return None
        monday = day - timedelta(day.weekday())
        return DayPiece(index, piece.end, Dates(monday, monday + timedelta(6)), period=True)

    def _many(self, line: Line, at: int) -> bool:
        return line.word(at) not in self.plural and line.word(at).endswith("s")

    def _inside(self, index: int, weekday: int, period: DayPiece, *, every: bool) -> DayPiece:
        days = within(period.dates, weekday, every=every)
        return DayPiece(index, period.end, days, by_weekday=True)

    def _dated_weekday(
        self, line: Line, index: int, end: int, weekday: int, context: Context
    ) -> DayPiece | None:
        """``jueves 23``, ``jueves 23 de noviembre``, ``jueves día 23``."""
        at = end + 1 if line.word(end) == "," else end
        piece = self.numbered.at(line, at, context, bare=True)
        piece = piece or self.numbered.written(line, at, context, bare=True)
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
        month = self.months.at(line, named[1] + 1, context)
        if month is None or month.dates.last is None:
            return None
        for ahead in (0, 1):
            last = month_end(*year_month(add_months(month.dates.last, ahead * 12)))
            days = [
                day
                for n in range(1, last.day + 1)
                if (day := last.replace(day=n)).weekday() == named[0]
            ]
            nth = ordinal[0] - 1 if ordinal[0] > 0 else ordinal[0]
            if nth < len(days) and days[nth] >= context.today:
                return DayPiece(index, month.end, one(days[nth]))
        return None

    # --- Weeks --------------------------------------------------------------------------

    def _week_part(self, line: Line, index: int, context: Context) -> DayPiece | None:
        """``a principios de la semana que viene``."""
        part = self.words.table("calendar.week_parts").match(line, index)
        if part is None:
            return None
        at = part[1] + (line.word(part[1]) in {"de", "del"})
        week = self._week(line, at, context)
        if week is None or not week.period or week.dates.last is None:
            return None
        monday = week.dates.last - timedelta(6)
        first, last = (monday + timedelta(place - 1) for place in part[0])
        if last < context.today:
            return None
        return DayPiece(index, week.end, Dates(max(first, context.today), last), period=True)

    @staticmethod
    def _named_any(line: Line, index: int, how: str) -> bool:
        """Whether no one weekend is meant: "que no sea fin de semana"."""
        return not how and line.word(index - 1) in {"sea", "caiga", "ser", "ni"}

    def _week(self, line: Line, index: int, context: Context) -> DayPiece | None:
        how, at = self.determiners.match(line, index) or ("", index)
        if found := self._table(line, at, "workdays"):
            return DayPiece(
                index,
                found[1],
                Dates(context.today, None, weekdays=frozenset(range(5))),
                period=True,
            )
        weekend = self._table(line, at, "weekend")
        word = self._table(line, at, "week_word")
        found = weekend or word
        if found is None:
            return None
        end, today = found[1], context.today
        monday = today - timedelta(today.weekday())
        coming = self._table(line, end, "coming")
        past = self._table(line, end, "past")
        if coming:
            end = coming[1]
        elif past:
            end = past[1]
        elif word and line.word(end) in {"de", "del"}:
            anchor = self.numbered.at(line, end, context, bare=True)
            anchor = anchor or self._weekday(line, end + 1, context)
            if anchor and anchor.dates.day:
                start = anchor.dates.day - timedelta(anchor.dates.day.weekday())
                span = Dates(max(start, today), start + timedelta(6))
                return DayPiece(index, anchor.end, span, period=True)
        ahead = 1 if coming or how in {"next", "other"} else -1 if past else 0
        if weekend:
            if how == "every" and not coming:
                days = Dates(today, None, weekdays=_WEEKEND)
                return DayPiece(index, end, days, every=True)
            if self._named_any(line, index, how):
                return DayPiece(index, end, Dates(today, None, weekdays=_WEEKEND), every=True)
            saturday = monday + timedelta(5)
            if ahead == 1 and today.weekday() < 5 and how != "other":
                ahead = 0
            saturday += timedelta(weeks=ahead)
            span = Dates(max(saturday, today) if ahead == 0 else saturday, saturday + timedelta(1))
            return DayPiece(index, end, span, period=True)
        if how not in {"this", "next", "other"} and not coming and not past:
            return None
        start = monday + timedelta(weeks=ahead)
        first = today if ahead == 0 else start
        return DayPiece(index, end, Dates(first, start + timedelta(6)), period=True)


@lru_cache(maxsize=16)
def of(words: Words) -> Days:
    """The day grammar of ``words``, made once."""
    return Days(words)
