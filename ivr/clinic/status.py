"""The one transition table of an appointment's status."""

from ivr.errors import Conflict

TRANSITIONS: dict[str, frozenset[str]] = {
    "held": frozenset({"booked", "released", "expired"}),
    "booked": frozenset({"booked", "confirmed", "cancelled", "arrived", "completed", "no_show"}),
    "confirmed": frozenset({"booked", "confirmed", "cancelled", "arrived", "completed", "no_show"}),
    "arrived": frozenset({"completed", "no_show"}),
    "completed": frozenset(),
    "no_show": frozenset({"arrived"}),
    "cancelled": frozenset({"booked"}),
    "released": frozenset(),
    "expired": frozenset(),
}
"""``held`` for a caller who decides → ``booked`` → ``confirmed`` → ``arrived`` →
``completed``. A moved appointment is ``booked`` again: its new time is not confirmed yet;
so is one whose cancellation is taken back."""

OPEN = ("booked", "confirmed")
"""Statuses of an appointment the patient can still move, cancel or confirm."""


def check(present: str, wanted: str) -> None:
    """Raise :class:`Conflict` unless the table allows the change."""
    if wanted not in TRANSITIONS[present]:
        raise Conflict(
            f"An appointment that is {present} cannot become {wanted}: look at it again.",
            code="wrong_transition",
        )
