"""What understanding takes and gives: the context of a turn and typed readings.

A reading's ``plain()`` is its JSON shape, as ``auricula understand`` prints it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

Country = Literal["es", "mx"]

ZONES: dict[str, str] = {"es": "Europe/Madrid", "mx": "America/Mexico_City"}
LANGUAGES: dict[str, str] = {"es": "es-ES", "mx": "es-MX"}


@dataclass(frozen=True)
class Named:
    """Something callers say by name: a professional, a service, an option of a list.

    ``key`` is what the dialogue gets back (an id or a code); ``names`` are all the ways
    to say it, the best first.
    """

    key: int | str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Option(Named):
    """One of the things just offered; a free slot also has its moment (local)."""

    moment: datetime | None = None


@dataclass(frozen=True)
class Context:
    """What the words are relative to: the clinic's clock, hours, people and offers."""

    now: datetime
    """The present moment; aware moments are taken to ``zone``, naive ones are local."""
    country: Country = "es"
    zone: str = ""
    """IANA zone of the branch; empty: the country's capital."""
    opens: time = time(8)
    closes: time = time(21)
    """Opening hours; they settle whether "las cinco" is 05:00 or 17:00."""
    options: tuple[Option | Named, ...] = ()
    """What was just offered, in the order it was said: for ``choice``."""
    professionals: tuple[Named, ...] = ()
    services: tuple[Named, ...] = ()
    branches: tuple[Named, ...] = ()
    patients: tuple[Named, ...] = ()
    insurers: tuple[Named, ...] = ()
    documents: tuple[str, ...] = ()
    """National ids on file that this caller may have: settle one misheard digit."""

    @property
    def local_now(self) -> datetime:
        """The present moment as a naive wall-clock time of the branch."""
        if self.now.tzinfo is None:
            return self.now
        zone = ZoneInfo(self.zone or ZONES[self.country])
        return self.now.astimezone(zone).replace(tzinfo=None)

    @property
    def today(self) -> date:
        return self.local_now.date()


@dataclass(frozen=True)
class Dates:
    """Days a caller named, inclusive; ``None`` is an open end.

    ``options`` holds the readings when the words leave more than one open; then the
    other fields are empty.
    """

    first: date | None = None
    last: date | None = None
    weekdays: frozenset[int] | None = None
    """Only these weekdays (Monday 0)."""
    excluded_weekdays: frozenset[int] = frozenset()
    excluded: tuple[tuple[date | None, date | None], ...] = ()
    """Spans the caller ruled out, inclusive."""
    earliest: bool = False
    """The caller wants the first that is free."""
    options: tuple["Dates", ...] = ()

    @property
    def day(self) -> date | None:
        """The day, when exactly one is meant."""
        return self.first if self.first == self.last else None

    def plain(self) -> dict[str, Any]:
        """The JSON shape; exclusions appear only where they narrow the span."""
        if self.options:
            return {"options": [option.plain() for option in self.options]}
        value: dict[str, Any] = {"from": _iso(self.first), "to": _iso(self.last)}
        if self.weekdays is not None:
            value["weekdays"] = sorted(self.weekdays)
        if self.excluded_weekdays and self.day is None:
            value["excluded_weekdays"] = sorted(self.excluded_weekdays)
        ruled_out = [
            {"from": _iso(first), "to": _iso(last)}
            for first, last in self.excluded
            if self.overlaps(first, last)
        ]
        if ruled_out:
            value["excluded"] = ruled_out
        if self.earliest:
            value["earliest"] = True
        return value

    def overlaps(self, first: date | None, last: date | None) -> bool:
        """Whether some day of this span lies between ``first`` and ``last``."""
        begins = max(filter(None, (self.first, first)), default=None)
        ends = min(filter(None, (self.last, last)), default=None)
        return begins is None or ends is None or begins <= ends


@dataclass(frozen=True)
class Times:
    """Times of day a caller named, inclusive; ``None`` is an open end."""

    first: time | None = None
    last: time | None = None
    excluded: tuple[tuple[time | None, time | None], ...] = ()
    earliest: bool = False
    """The caller wants the first of the day."""
    options: tuple["Times", ...] = ()

    def plain(self) -> dict[str, Any]:
        """The JSON shape."""
        if self.options:
            return {"options": [option.plain() for option in self.options]}
        value: dict[str, Any] = {"from": _hm(self.first), "to": _hm(self.last)}
        if self.excluded:
            value["excluded"] = [{"from": _hm(a), "to": _hm(b)} for a, b in self.excluded]
        return value


@dataclass(frozen=True)
class Moment:
    """A day and a time of day, either of which may not have been said."""

    dates: Dates | None = None
    times: Times | None = None

    def plain(self) -> dict[str, Any]:
        """The JSON shape."""
        return {
            "date": self.dates.plain() if self.dates else None,
            "time": self.times.plain() if self.times else None,
        }


@dataclass(frozen=True)
class Understood:
    """What a line of words was taken to mean.

    ``value`` is JSON-able, ``None`` when nothing was understood; ``reading`` is the same
    as a typed object where there is one (:class:`Dates`, :class:`Times`,
    :class:`Moment`). ``confidence`` is 0–1: above 0.8 go on, above 0.5 ask back.
    """

    kind: str
    text: str
    value: Any = None
    confidence: float = 0.0
    reading: Dates | Times | Moment | None = None
    alternatives: tuple[Any, ...] = field(default=())
    """Further values the words may mean, best first."""

    def __bool__(self) -> bool:
        return self.value is not None

    def plain(self) -> dict[str, Any]:
        """What the command prints."""
        return {"text": self.text, "value": self.value, "confidence": self.confidence}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _hm(moment: time | None) -> str | None:
    return moment.strftime("%H:%M") if moment else None
