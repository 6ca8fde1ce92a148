"""The free-slot search: pure, in UTC, from wall-clock hours.

:func:`free_slots` yields every start a professional has free on a day; :func:`choose`
decides which of them a caller is offered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.clinic.opening import at
from ivr.clinic.schemas import Slot, SlotQuery

Stretch = tuple[datetime, datetime]
"""From (included) to (excluded), aware, UTC."""

AFTERNOON = time(14, 0)
"""Where a day's two parts meet when offers are spread; 14:00 is usual in both countries."""
APART = timedelta(minutes=60)
"""Least distance between two offers on one part of a day, while there are others."""


@dataclass(frozen=True)
class Shift:
    """Weekly hours of a professional at a branch, on the branch's wall clock."""

    professional_id: int
    branch_id: int
    weekday: int
    starts: time
    ends: time


def meet(one: Sequence[Stretch], other: Sequence[Stretch]) -> list[Stretch]:
    """The time in both."""
    both = [(max(a, c), min(b, d)) for a, b in one for c, d in other]
    return sorted((start, end) for start, end in both if start < end)


def subtract(free: Sequence[Stretch], busy: Iterable[Stretch]) -> list[Stretch]:
    """``free`` without ``busy``."""
    left = list(free)
    for taken_from, taken_to in busy:
        kept: list[Stretch] = []
        for start, end in left:
            if taken_to <= start or end <= taken_from:
                kept.append((start, end))
                continue
            if start < taken_from:
                kept.append((start, taken_from))
            if taken_to < end:
                kept.append((taken_to, end))
        left = kept
    return sorted(left)


def starts(free: Stretch, origin: datetime, length: timedelta, grid: timedelta) -> list[datetime]:
    """Starts within ``free`` on a grid counted from ``origin``, the start of the shift."""
    first, end = free
    steps = -((origin - first) // grid) if first > origin else 0
    moment = origin + steps * grid
    found = []
    while moment + length <= end:
        if moment >= first:
            found.append(moment)
        moment += grid
    return found


def free_slots(
    day: date,
    shifts: Iterable[Shift],
    *,
    service_id: int,
    length: timedelta,
    grid: timedelta,
    zone: str,
    opening: Sequence[Stretch],
    busy: Mapping[int, Sequence[Stretch]],
    earliest: datetime,
) -> list[Slot]:
    """Every free slot on a local ``day`` at one branch, in order of time.

    ``opening``: when the branch is open that day; ``busy``: taken time by professional;
    ``earliest``: no slot starts before it.
    """
    found = []
    for shift in shifts:
        if shift.weekday != day.weekday():
            continue
        works = (at(day, shift.starts, zone), at(day, shift.ends, zone))
        free = subtract(meet([works], opening), busy.get(shift.professional_id, ()))
        for stretch in free:
            found += [
                Slot(shift.professional_id, shift.branch_id, service_id, start, start + length)
                for start in starts(stretch, works[0], length, grid)
                if start >= earliest
            ]
    return sorted(set(found), key=lambda s: (s.starts_at, s.professional_id))


def wanted(query: SlotQuery, zone: str) -> Callable[[Slot], bool]:
    """Whether a slot's local start suits the caller's wishes."""
    place = ZoneInfo(zone)

    def suits(slot: Slot) -> bool:
        local = slot.starts_at.astimezone(place)
        hour = local.time()
        return (
            (query.time_from is None or hour >= query.time_from)
            and (query.time_to is None or hour <= query.time_to)
            and day_wanted(query, local.date())
        )

    return suits


def day_wanted(query: SlotQuery, day: date) -> bool:
    """Whether a local day suits the caller's wishes."""
    return (
        (query.date_from is None or day >= query.date_from)
        and (query.date_to is None or day <= query.date_to)
        and (query.weekdays is None or day.weekday() in query.weekdays)
        and day not in query.excluded_dates
    )


def choose(
    slots: Sequence[Slot], query: SlotQuery, zones: Mapping[int, str], load: Mapping[int, int]
) -> list[Slot]:
    """The slots to offer, in the order to say them: ``query.limit`` after ``query.skip``.

    Spread: first the soonest of each half day, then, half day by half day, those an hour
    apart, then the rest. Of professionals free at the same moment and branch the one with
    the lightest ``load`` (minutes booked, by professional) is offered first.
    """
    ordered = sorted(
        slots, key=lambda s: (s.starts_at, load.get(s.professional_id, 0), s.professional_id)
    )
    if query.spread:
        ordered = _spread(ordered, zones)
    offered = ordered[query.skip : query.skip + query.limit]
    return sorted(offered, key=lambda s: s.starts_at)


def heads(slots: Iterable[Slot], zones: Mapping[int, str]) -> int:
    """How many half days have a free slot: with as many as wanted, later days need not be
    looked at."""
    return len({_half_day(slot, zones) for slot in slots})


def _half_day(slot: Slot, zones: Mapping[int, str]) -> tuple[date, bool]:
    local = slot.starts_at.astimezone(ZoneInfo(zones[slot.branch_id]))
    return local.date(), local.time() >= AFTERNOON


def _spread(ordered: Sequence[Slot], zones: Mapping[int, str]) -> list[Slot]:
    groups: dict[tuple[date, bool], list[Slot]] = {}
    for slot in ordered:
        groups.setdefault(_half_day(slot, zones), []).append(slot)
    ranked: list[tuple[int, int, Slot]] = []
    for index, group in enumerate(groups.values()):
        apart: list[Slot] = []
        for slot in group:
            if all(abs(slot.starts_at - other.starts_at) >= APART for other in apart):
                apart.append(slot)
        rest = [slot for slot in group if slot not in apart]
        fresh = {(s.starts_at, s.branch_id): s for s in reversed(rest)}
        taken = {(s.starts_at, s.branch_id) for s in apart}
        second = [s for key, s in fresh.items() if key not in taken]
        doubles = [s for s in rest if s not in second]
        ranked += [(rank, index, slot) for rank, slot in enumerate(apart)]
        last = len(ordered)
        ranked += [(last, index, slot) for slot in sorted(second, key=lambda s: s.starts_at)]
        ranked += [(last + 1, index, slot) for slot in doubles]
    return [slot for _, _, slot in sorted(ranked, key=lambda r: r[:2])]
