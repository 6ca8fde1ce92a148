"""The one transition table of an appointment's status."""

from datetime import datetime
from typing import Literal

from ivr.clinic.schemas import AppointmentView
from ivr.clock import local
from ivr.errors import Conflict

TRANSITIONS: dict[str, frozenset[str]] = {
    "held": frozenset({"booked", "released", "expired"}),
    "booked": frozenset({"booked", "confirmed", "cancelled", "arrived", "completed", "no_show"}),
    "confirmed": frozenset({"booked", "confirmed", "cancelled", "arrived", "completed", "no_show"}),
    "arrived": frozenset({"completed", "no_show"}),
    "completed": frozenset(),
    "no_show": frozenset({"arrived"}),
    "cancelled": frozenset(),
    "released": frozenset(),
    "expired": frozenset(),
}
"""``held`` for a caller who decides → ``booked`` → ``confirmed`` → ``arrived`` →
``completed``. A moved appointment is ``booked`` again: its new time is not confirmed yet."""

Before = Literal["booked", "confirmed", "arrived", "no_show"]
"""What an appointment may have been before a mistake."""
TAKEN_BACK: dict[str, frozenset[str]] = {
    "confirmed": frozenset({"booked"}),
    "arrived": frozenset({"booked", "confirmed", "no_show"}),
    "completed": frozenset({"booked", "confirmed", "arrived"}),
    "no_show": frozenset({"booked", "confirmed", "arrived"}),
    "cancelled": frozenset({"booked", "confirmed"}),
}
"""What an appointment goes back to when the desk marked it by mistake. Callers cannot."""

OPEN = ("booked", "confirmed")
"""Statuses of an appointment the patient can still move, cancel or confirm."""


def check(present: str, wanted: str, *, back: bool = False) -> None:
    """Raise :class:`Conflict` unless the table allows the change; ``back``: as a mistake
    that is taken back."""
    table = TAKEN_BACK if back else TRANSITIONS
    if wanted not in table.get(present, frozenset()):
        raise Conflict(
            f"An appointment that is {present} cannot become {wanted}: look at it again.",
            code="wrong_transition",
        )


def check_time(wanted: str, visit: AppointmentView, now: datetime) -> None:
    """Raise :class:`Conflict` when it cannot be known yet what became of the patient: they
    come on the appointment's day at the earliest, and are not missed before it begins."""
    if wanted == "no_show" and now < visit.starts_at:
        raise Conflict("It has not begun yet: nobody is missing.", code="not_begun")
    if (
        wanted in ("arrived", "completed")
        and local(now, visit.zone).date() < local(visit.starts_at, visit.zone).date()
    ):
        raise Conflict("The appointment is on a later day.", code="later_day")
