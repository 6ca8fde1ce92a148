"""Which acts of supervisors are looked for."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from ivr.agents.model import SupervisorAction, User
from ivr.queues.schemas import DoneFilter


def acts(wanted: DoneFilter, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    """Conditions on an act and the user whose it was."""
    found: list[ColumnElement[bool]] = []
    if wanted.by:
        found.append(User.username == wanted.by)
    if wanted.action:
        found.append(SupervisorAction.action == wanted.action)
    if wanted.day_from is not None:
        found.append(SupervisorAction.at >= datetime.combine(wanted.day_from, time(), zone))
    if wanted.day_to is not None:
        after = wanted.day_to + timedelta(days=1)
        found.append(SupervisorAction.at < datetime.combine(after, time(), zone))
    return found
