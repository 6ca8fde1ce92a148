"""Several days of one line, put together into what is wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ivr.language import spans, timing
from ivr.language.hours import Hours
from ivr.language.model import Context, Dates, Moment

if TYPE_CHECKING:
    from ivr.language.moments import Said
    from ivr.language.spans import DayPiece


def moment(said: list[Said], context: Context, hours: Hours) -> Moment | None:
    """Day and time of day together; None when neither was said."""
    if any(p.day and p.day.impossible and not p.ruled_out for p in said):
        return None
    on = dates(said, context)
    at = timing.times(said, context, hours, day=on.day if on else None)
    return Moment(on, at) if on or at else None


# --- Days ------------------------------------------------------------------------------


def dates(said: list[Said], context: Context) -> Dates | None:
    """The days wanted; None when none was named or one does not exist."""
    wanted: list[tuple[DayPiece, str]] = []
    out: list[DayPiece] = []
    for piece in said:
        if piece.day is None:
            continue
        if piece.ruled_out:
            out.append(piece.day)
            continue
        day = piece.day
        if day.following:
            before = [taken for taken, _ in wanted] or out
            next_one = _following(day, before[-1]) if before else None
            if next_one is None:
                continue
            day = next_one
        if piece.joined == "instead" and wanted:
            out += [taken_back for taken_back, _ in wanted]
            wanted.clear()
        wanted.append((day, piece.joined))
    if any(piece.impossible for piece, _ in wanted):
        return None
    if not wanted and not out:
        return None
    result = _joined_days(wanted) if wanted else Dates(context.today, None)
    if result.day and wanted[0][0].by_weekday and any(piece.dates == result for piece in out):
        result = spans.one(result.day + timedelta(7))  # "mañana no, el martes que viene"
    return _without(result, out)


def _following(piece: DayPiece, before: DayPiece) -> DayPiece | None:
    """The same weekday a week on, the day after a date, the week or month after one."""
    day, first, last = before.dates.day, before.dates.first, before.dates.last
    if day:
        ahead = timedelta(7 if before.by_weekday or before.weekday is not None else 1)
        return replace(piece, dates=spans.one(day + ahead), following=False)
    if first is None or last is None or not before.period:
        return None
    if (last - first).days == 1:
        week = timedelta(7)
        return replace(piece, dates=Dates(first + week, last + week), following=False, period=True)
    begin = last + timedelta(1)
    end = begin + timedelta(6)
    if (last - first).days > 7 or (begin.day == 1 and last.weekday() != 6):
        end = spans.month_end(begin.year, begin.month)
    return replace(piece, dates=Dates(begin, end), following=False, period=True)


def _joined_days(wanted: list[tuple[DayPiece, str]]) -> Dates:
    spans: list[Dates] = []
    last: DayPiece | None = None
    period: DayPiece | None = None
    for piece, joined in wanted:
        if joined == "or" and period and piece.weekday is not None:
            spans.append(_met(period, piece, period.dates) or piece.dates)
            continue
        period = piece if piece.period else period
        if last and last.every and piece.weekday is not None and piece.start <= last.end + 1:
            piece = _every(piece, spans[-1])  # "los martes y jueves"
        if last is not None and joined != "or" and spans:
            met = _met(last, piece, spans[-1])
            if met is not None:
                spans[-1] = met
                last = replace(piece, dates=met, period=last.period and piece.period)
                continue
        spans.append(piece.dates)
        last = piece
    flat = [option for span in spans for option in (span.options or (span,))]
    unique = list(dict.fromkeys(flat))
    if len(unique) == 1:
        return unique[0]
    if all(span.weekdays and span.last is None for span in unique):
        days_of = frozenset(day for span in unique for day in span.weekdays or ())
        return replace(unique[0], weekdays=days_of)
    unique.sort(key=lambda span: span.first or span.last or date.min)
    return Dates(options=tuple(unique))


def _every(piece: DayPiece, like: Dates) -> DayPiece:
    """Every such weekday, from the same day on."""
    assert piece.weekday is not None
    days = frozenset({piece.weekday})
    return replace(piece, dates=replace(like, weekdays=days), every=True)


def _met(left: DayPiece, right: DayPiece, so_far: Dates) -> Dates | None:
    """Two pieces that narrow each other: a weekday in a week, a start and an end."""
    for period, other in ((left, right), (right, left)):
        span = so_far if period is left else period.dates
        narrowed = so_far if other is left else other.dates
        if span.weekdays and narrowed.weekdays:
            return None
        if period.period and other.part and span.last:
            first, last = spans.stretch(span.last.year, span.last.month, *other.part)
            return Dates(max(first, span.first or first), last)
        if other.weekday is not None and span.day and span.day.weekday() == other.weekday:
            return span
        if span.earliest and not narrowed.options:
            return replace(narrowed, earliest=True)
        if period.period and other.weekday is not None and span.first:
            return spans.within(span, other.weekday, every=other.every)
        if period.period and narrowed.weekdays and narrowed.last is None:
            return replace(span, weekdays=narrowed.weekdays)
        if narrowed.first is None or narrowed.last is None:
            met = _intersection(span, narrowed)
            if met and (period.period or span.first is None or span.last is None):
                return met
        if period.period and narrowed.day and so_far.overlaps(narrowed.day, narrowed.day):
            return narrowed
        if period.number and other.period and narrowed.last:
            end = spans.month_end(narrowed.last.year, narrowed.last.month)
            if period.number <= end.day:
                return spans.one(end.replace(day=period.number))
    return None


def _intersection(left: Dates, right: Dates) -> Dates | None:
    if not left.overlaps(right.first, right.last):
        return None
    first = max(filter(None, (left.first, right.first)), default=None)
    last = min(filter(None, (left.last, right.last)), default=None)
    return replace(left, first=first, last=last, weekdays=left.weekdays or right.weekdays)


def _without(wanted: Dates, out: list[DayPiece]) -> Dates:
    """Without the days ruled out."""
    if not out:
        return wanted
    if wanted.options:
        kept = tuple(o for o in wanted.options if all(o != p.dates for p in out))
        if len(kept) == 1:
            return kept[0]
        return replace(wanted, options=kept) if kept else wanted
    weekdays = set(wanted.excluded_weekdays)
    spans: list[tuple[date | None, date | None]] = []
    for piece in out:
        if piece.weekday is not None:
            weekdays.add(piece.weekday)
        elif piece.dates.weekdays:
            weekdays |= piece.dates.weekdays
        elif piece.dates.first or piece.dates.last:
            spans.append((piece.dates.first, piece.dates.last))
    named = wanted.weekdays
    if named and named - weekdays:  # "entre semana menos el martes"
        wanted, weekdays = replace(wanted, weekdays=named - weekdays), weekdays - named
    result = replace(wanted, excluded_weekdays=frozenset(weekdays), excluded=tuple(spans))
    for first, last in spans:
        result = _trimmed(result, first, last)
    return result


def _trimmed(wanted: Dates, first: date | None, last: date | None) -> Dates:
    """A span ruled out at an edge moves that edge."""
    if wanted.day or wanted.first is None:
        return wanted
    reaches_start = first is None or first <= wanted.first
    if reaches_start and last and last >= wanted.first and (not wanted.last or last < wanted.last):
        return replace(wanted, first=last + timedelta(1))
    if (
        last is None
        and first
        and (wanted.last is None or first <= wanted.last)
        and not reaches_start
    ):
        return replace(wanted, last=first - timedelta(1))
    return wanted
