"""When a branch is open: weekly hours, public holidays, the clinic's own days off.

Pure. National and regional holidays come from the ``holidays`` library (Spain: Estatuto
de los Trabajadores art. 37.2 and each region's calendar; Mexico: Ley Federal del Trabajo
art. 74); municipal feasts are rows of ``local_holiday``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import holidays

LOOK_AHEAD_DAYS = 30


@dataclass(frozen=True)
class OpenState:
    """Whether a branch is open at a moment and until when (UTC), and if not, why."""

    open: bool
    reason: Literal["open", "closed", "holiday"]
    holiday_name: str = ""
    next_open: datetime | None = None
    closes: datetime | None = None


@dataclass(frozen=True)
class Calendar:
    """What decides a branch's opening. ``hours``: weekday (0 Monday) → local stretches."""

    zone: str
    country: str
    region: str
    hours: Mapping[int, Sequence[tuple[time, time]]]
    local_holidays: Mapping[date, str] = field(default_factory=dict)

    def holiday(self, day: date) -> str:
        """The name of the holiday on a local ``day``; empty when it is none."""
        return self.local_holidays.get(day, "") or public_holidays(
            self.country, self.region, day.year
        ).get(day, "")

    def opening(self, day: date) -> list[tuple[datetime, datetime]]:
        """The stretches a local ``day`` is open, as UTC moments; none on holidays."""
        if self.holiday(day):
            return []
        return [
            (at(day, opens, self.zone), at(day, closes, self.zone))
            for opens, closes in sorted(self.hours.get(day.weekday(), ()))
        ]

    def state(self, moment: datetime) -> OpenState:
        """The state at an aware ``moment``."""
        today = moment.astimezone(ZoneInfo(self.zone)).date()
        for opens, closes in self.opening(today):
            if opens <= moment < closes:
                return OpenState(True, "open", closes=closes)
        name = self.holiday(today)
        upcoming = (
            opens
            for ahead in range(LOOK_AHEAD_DAYS)
            for opens, _ in self.opening(today + timedelta(days=ahead))
            if opens > moment
        )
        return OpenState(
            False,
            "holiday" if name else "closed",
            holiday_name=name,
            next_open=next(upcoming, None),
        )


def at(day: date, hour: time, zone: str) -> datetime:
    """The UTC moment of a wall-clock time. A time that a change to summer time skips is
    read as the moment the clocks jump; one that happens twice is the first."""
    place = ZoneInfo(zone)
    wall = datetime.combine(day, hour, place)
    first, second = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    if first <= second:
        return first
    before, after = second, first
    while after - before > timedelta(minutes=1):
        middle = (before + (after - before) / 2).replace(second=0, microsecond=0)
        if middle.astimezone(place).utcoffset() == second.astimezone(place).utcoffset():
            before = middle
        else:
            after = middle
    return after


@lru_cache(maxsize=64)
def public_holidays(country: str, region: str, year: int) -> dict[date, str]:
    """National and regional holidays of a year, Spanish names. ``country`` es or mx."""
    code = country.upper()
    known = holidays.country_holidays(code).subdivisions
    found = holidays.country_holidays(
        code, subdiv=region if region in known else None, years=year, language="es"
    )
    return dict(found.items())
