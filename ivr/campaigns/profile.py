"""Country profiles: when a patient may be called.

Reminders of an appointment are service calls; they keep the hours that the law sets for
commercial ones, which is stricter than it must be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ivr.errors import InvalidInput


@dataclass(frozen=True)
class CallingHours:
    """Wall-clock hours at the place called."""

    weekdays: frozenset[int]
    opens: time
    closes: time
    """Calls begin before this time."""

    def allow(self, moment: datetime, zone: str, is_holiday: Callable[[date], bool]) -> bool:
        """Whether a call may begin at ``moment`` in ``zone``."""
        there = moment.astimezone(ZoneInfo(zone))
        return (
            there.weekday() in self.weekdays
            and self.opens <= there.time() < self.closes
            and not is_holiday(there.date())
        )


@dataclass(frozen=True)
class Profile:
    """What differs by country in calling out."""

    country: str
    emergency_number: str
    hours: CallingHours


PROFILES = {
    # Spain: Real Decreto Legislativo 1/2007 (TRLGDCU), art. 96.2: no commercial calls
    # before 9:00 or after 21:00, nor on holidays or weekends.
    "es": Profile("es", "112", CallingHours(frozenset(range(5)), time(9), time(21))),
    # Mexico: the Ley Federal de Protección al Consumidor (arts. 16 to 18 bis, REPEP) lets
    # consumers object to calls but sets no hours; the same hours are kept as a house rule.
    "mx": Profile("mx", "911", CallingHours(frozenset(range(5)), time(9), time(21))),
}


def profile(country: str) -> Profile:
    """The profile of a country, ``es`` or ``mx``."""
    found = PROFILES.get(country)
    if found is None:
        raise InvalidInput(f"There is no country profile {country!r}: use es or mx.")
    return found
