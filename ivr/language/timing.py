"""Several times of day of one line, put together into what is wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from ivr.language.clocks import Clock
from ivr.language.hours import HourPiece, Hours, Span
from ivr.language.model import Context, Times

if TYPE_CHECKING:
    from ivr.language.moments import Said

_DAY_END = time(23, 59)
_NEIGHBOURS = 120
"""Minutes between two hours of which the second says the half of the day for both."""


def times(
    said: list[Said], context: Context, hours: Hours, *, day: date | None = None
) -> Times | None:
    """The times of day wanted; None when none was named."""
    wanted: list[tuple[HourPiece, str]] = []
    out: list[HourPiece] = []
    for piece in said:
        if piece.hour is None:
            continue
        if piece.ruled_out:
            out.append(piece.hour)
            continue
        if piece.joined == "instead" and wanted and _same_sort(wanted[-1][0], piece.hour):
            wanted.clear()
        wanted.append((piece.hour, piece.joined))
    if not wanted and not out:
        return None
    if out and wanted and all(piece.part for piece, _ in wanted) and out[-1].clocks:
        wanted.append((_in_part(out.pop()), ""))
    return _cut(_joined_times([p for p, _ in wanted], context, hours, day), out, context, hours)


def _in_part(piece: HourPiece) -> HourPiece:
    """The same hour in another part of the day: "a las cinco de la mañana no, de la tarde"."""
    return replace(piece, clocks=tuple(replace(clock, half="") for clock in piece.clocks))


def _same_sort(left: HourPiece, right: HourPiece) -> bool:
    return bool(left.clocks) == bool(right.clocks)


def _joined_times(
    wanted: list[HourPiece], context: Context, hours: Hours, day: date | None
) -> Times:
    if not wanted or all(piece.any for piece in wanted):
        return Times()
    spans = [piece for piece in wanted if not piece.clocks and not piece.any]
    clocks = [piece for piece in wanted if piece.clocks]
    if not clocks:
        return _joined_spans(spans, hours)
    limits = [piece.span for piece in spans if piece.span]
    clocks = _sharing_halves(_sharing_bounds(clocks))
    readings: list[list[Span]] = [_readings(piece, limits, context, hours, day) for piece in clocks]
    if len(readings) == 2 and {clocks[0].bound, clocks[1].bound} == {"from", "until"}:
        pairs = [(a[0] or b[0], a[1] or b[1]) for a in readings[0] for b in readings[1]]
        readings = [_ordered(pairs) or [(pairs[0][0], None)]]
    bounds = {piece.bound for piece in clocks}
    if len(clocks) > 1 and len(bounds) == 1 and bounds <= {"from", "until"}:
        readings = [[_widest(readings, bounds.pop())]]
    flat = list(dict.fromkeys(span for spans_ in readings for span in spans_))
    flat = [_within_limits(span, limits, context) for span in flat]
    if len(flat) == 1:
        return Times(*flat[0])
    return Times(options=tuple(Times(*span) for span in flat))


def _sharing_bounds(clocks: list[HourPiece]) -> list[HourPiece]:
    """In "a partir de las cinco o las seis" both hours are beginnings."""
    result: list[HourPiece] = []
    for piece in clocks:
        shared = result and result[-1].bound in {"from", "until", "around"} and not piece.bound
        if shared and len(piece.clocks) == 1:
            piece = replace(piece, bound=result[-1].bound)
        result.append(piece)
    return result


def _sharing_halves(clocks: list[HourPiece]) -> list[HourPiece]:
    """In "ocho y media o nueve de la mañana" both are in the morning."""
    if len(clocks) < 2 or len(clocks[-1].clocks) != 1 or not clocks[-1].clocks[0].half:
        return clocks
    last = clocks[-1].clocks[0]
    shared = []
    for piece in clocks[:-1]:
        one = piece.clocks[0]
        alike = replace(one, half=last.half)
        begins, ends = alike.readings()[0], last.readings()[0]
        near = begins < ends and _length((begins, ends)) <= _NEIGHBOURS
        lone = len(piece.clocks) == 1 and not one.half
        shared.append(replace(piece, clocks=(alike,)) if lone and near else piece)
    return [*shared, clocks[-1]]


def _widest(readings: list[list[Span]], bound: str) -> Span:
    """The earliest beginning or the latest end."""
    if bound == "from":
        return min(edge for spans in readings for edge, _ in spans if edge), None
    return None, max(edge for spans in readings for _, edge in spans if edge)


def _joined_spans(spans: list[HourPiece], hours: Hours) -> Times:
    edge = next((piece.edge for piece in spans if piece.edge), "")
    part = next((piece.part for piece in spans if piece.part in hours.edges), "")
    if edge and part:
        return Times(*hours.edges[part][edge])
    result: list[Span] = []
    for piece in spans:
        span = piece.span or (None, None)
        if result and (met := _meet(result[-1], span)):
            result[-1] = met
        elif span not in result:
            result.append(span)
    if len(result) == 1:
        return Times(*result[0])
    return Times(options=tuple(Times(*span) for span in result))


def _meet(left: Span, right: Span) -> Span | None:
    first = max(filter(None, (left[0], right[0])), default=None)
    last = min(filter(None, (left[1], right[1])), default=None)
    if first and last and first >= last:
        return None
    return first, last


def _readings(
    piece: HourPiece, limits: list[Span], context: Context, hours: Hours, day: date | None
) -> list[Span]:
    """Every span a clock or a range of clocks may be, the unlikely ones left out."""
    if len(piece.clocks) == 2:
        return _range_readings(piece.clocks[0], piece.clocks[1], limits, context)
    likely = _likely(piece.clocks[0], limits, context, day, closing=piece.bound == "until")
    if piece.bound == "from":
        return [(moment, None) for moment in likely]
    if piece.bound == "until":
        return [(None, moment) for moment in likely]
    if piece.bound == "past":
        return [(moment, _window(moment, hours.around)[1]) for moment in likely]
    if piece.bound == "around":
        return [_window(moment, hours.around) for moment in likely]
    return [(moment, moment) for moment in likely]


def _likely(
    clock: Clock, limits: list[Span], context: Context, day: date | None, *, closing: bool = False
) -> list[time]:
    readings = list(clock.readings())
    if len(readings) == 1:
        return readings
    for limit in limits:
        inside = [moment for moment in readings if _inside(moment, limit)]
        if inside:
            readings = inside
            break
    if len(readings) > 1:
        opens, closes = context.opens, context.closes
        open_now = [m for m in readings if opens <= m < closes or (closing and m == closes)]
        readings = open_now or [min(readings, key=lambda m: _outside(m, opens, closes))]
    if len(readings) > 1 and day == context.today:
        readings = [m for m in readings if datetime.combine(day, m) > context.local_now] or readings
    if len(readings) > 1 and closing:
        readings = [m for m in readings if m > opens] or readings
    return readings


def _outside(moment: time, opens: time, closes: time) -> int:
    """How far from the opening hours, in minutes."""
    if moment < opens:
        return _length((moment, opens))
    return _length((closes, moment)) if moment > closes else 0


def _range_readings(first: Clock, last: Clock, limits: list[Span], context: Context) -> list[Span]:
    pairs = _ordered(
        [(a, b) for a in first.readings() for b in last.readings()]
        if not last.half or first.half
        else [(a, b) for a in first.readings() for b in last.readings() if _near(a, b)]
    )
    for limit in limits:
        pairs = [p for p in pairs if _inside(p[0], limit) and _inside(p[1], limit)] or pairs
    open_ = [p for p in pairs if p[0] and p[1] and context.opens <= p[0] and p[1] <= context.closes]
    pairs = open_ or pairs
    if not pairs:  # past midnight: no end within its day
        return [(moment, None) for moment in _likely(first, limits, context, None)]
    shortest = min(_length(pair) for pair in pairs)
    return [pair for pair in pairs if _length(pair) == shortest]


def _near(first: time, last: time) -> bool:
    return first < last and _length((first, last)) < 12 * 60


def _ordered(pairs: list[Span]) -> list[Span]:
    return [pair for pair in pairs if pair[0] and pair[1] and pair[0] < pair[1]]


def _length(span: Span) -> int:
    first, last = span
    assert first and last
    return (last.hour - first.hour) * 60 + last.minute - first.minute


def _inside(moment: time | None, span: Span) -> bool:
    first, last = span
    return (
        moment is not None
        and (first is None or first <= moment)
        and (last is None or moment <= last)
    )


def _within_limits(span: Span, limits: list[Span], context: Context) -> Span:
    """An open end closed by the part of the day that was also said."""
    first, last = span
    for low, high in limits:
        if first is None and low and low > context.opens and last and low < last:
            first = low
        if last is None and high and high < context.closes and first and first < high:
            last = high
    return first, last


def _window(moment: time, around: timedelta) -> Span:
    middle = datetime.combine(date(2000, 1, 2), moment)
    first, last = middle - around, middle + around
    return (
        first.time() if first.date() == middle.date() else time(0),
        last.time() if last.date() == middle.date() else _DAY_END,
    )


def _cut(wanted: Times, out: list[HourPiece], context: Context, hours: Hours) -> Times:
    """Without the times ruled out: a cut at an edge of the day moves the edge."""
    for piece in out:
        if piece.clocks:
            span = _readings(piece, [], context, hours, None)[0]
        elif piece.span:
            span = piece.span
        else:
            continue
        wanted = _without_span(wanted, span, context)
    return wanted


def _without_span(wanted: Times, span: Span, context: Context) -> Times:
    first, last = span
    if wanted.options:
        kept = tuple(o for o in wanted.options if not _meet((o.first, o.last), span))
        return kept[0] if len(kept) == 1 else replace(wanted, options=kept or wanted.options)
    if wanted.first != wanted.last and _meet((wanted.first, wanted.last), span) is None:
        return wanted
    if first and last and wanted.first and first < wanted.first < last:
        later = wanted.last is None or last < wanted.last
        return replace(wanted, first=last) if later else wanted
    if first is None or first <= context.opens:
        return replace(wanted, first=max(filter(None, (wanted.first, last)), default=None))
    if last is None or last >= context.closes:
        return replace(wanted, last=min(filter(None, (wanted.last, first)), default=None))
    if wanted.first is None or wanted.last is None or first != last:
        return replace(wanted, excluded=(*wanted.excluded, span))
    return wanted
