"""The one source of the present moment, so that a call can be replayed at any hour."""

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells the time; everything that decides by the time takes one."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until moved: for tests and ``simulate --now``."""

    def __init__(self, moment: datetime) -> None:
        if moment.tzinfo is None:
            raise ValueError("a fixed clock needs a moment with a time zone")
        self.moment = moment.astimezone(UTC)

    def now(self) -> datetime:
        """The moment it was set to, in UTC."""
        return self.moment


def local(moment: datetime, zone: str) -> datetime:
    """``moment`` in the IANA ``zone`` of a branch, e.g. ``Europe/Madrid``."""
    return moment.astimezone(ZoneInfo(zone))
