"""Free time: the pure search of :mod:`ivr.clinic.slots` over the set-up and the agenda."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select

from ivr.clinic import slots
from ivr.clinic.directory import Directory, Setup
from ivr.clinic.model import TAKES_TIME, Appointment
from ivr.clinic.opening import at
from ivr.clinic.schemas import Slot, SlotQuery
from ivr.clock import Clock, local
from ivr.database import Database
from ivr.errors import InvalidInput, NotFound

NOTICE_MINUTES = 60
"""Least time between now and a slot offered by phone (``notice_minutes`` in settings)."""
HORIZON_DAYS = 60
"""How far ahead slots are offered (``horizon_days`` in settings)."""
GRID_MINUTES = 15
"""Slots start on this grid, counted from the start of a shift (``grid_minutes``)."""
CHUNK_DAYS = 10


class FreeTime:
    """Finds free slots; reads only."""

    def __init__(self, database: Database, clock: Clock, directory: Directory) -> None:
        self._database = database
        self._clock = clock
        self._directory = directory

    def find(self, query: SlotQuery) -> list[Slot]:
        """Free slots that suit the wishes, soonest first; see :func:`slots.choose`."""
        setup = self._directory.setup()
        branches = [b for b in setup.branches if query.branch_id in (None, b)]
        zones = {b: setup.branches[b].zone for b in branches}
        able = {
            p.id
            for p in setup.professionals.values()
            if query.service_id in p.service_ids and query.professional_id in (None, p.id)
        }
        if query.service_id not in setup.services or not able or not branches:
            return []
        now = self._clock.now()
        first = max(query.date_from or date.min, min(local(now, z).date() for z in zones.values()))
        last = local(now, "UTC").date() + timedelta(
            days=int(setup.clinic.settings.get("horizon_days", HORIZON_DAYS))
        )
        if query.date_to is not None:
            last = min(last, query.date_to)
        found: list[Slot] = []
        load: dict[int, int] = {}
        enough = query.skip + query.limit
        while first <= last:
            until = min(first + timedelta(days=CHUNK_DAYS - 1), last)
            busy = self._busy(able, first, until)
            for professional, stretches in busy.items():
                minutes = sum((b - a).total_seconds() for a, b in stretches) // 60
                load[professional] = load.get(professional, 0) + int(minutes)
            for day in _days(first, until):
                for branch in branches:
                    found += self._on(setup, query, branch, day, able, busy, now)
            seen = slots.heads(found, zones) if query.spread else len(found)
            if seen >= enough:
                break
            first = until + timedelta(days=1)
        return slots.choose(found, query, zones, load)

    def _on(
        self,
        setup: Setup,
        query: SlotQuery,
        branch_id: int,
        day: date,
        able: set[int],
        busy: dict[int, list[slots.Stretch]],
        now: datetime,
    ) -> list[Slot]:
        if not slots.day_wanted(query, day):
            return []
        settings, calendar = setup.clinic.settings, setup.calendars[branch_id]
        notice = timedelta(minutes=int(settings.get("notice_minutes", NOTICE_MINUTES)))
        free = slots.free_slots(
            day,
            [
                shift
                for shift in setup.shifts
                if shift.branch_id == branch_id
                and shift.professional_id in able
                and not setup.away(shift.professional_id, day)
            ],
            service_id=query.service_id,
            length=timedelta(minutes=setup.services[query.service_id].minutes),
            grid=timedelta(minutes=int(settings.get("grid_minutes", GRID_MINUTES))),
            zone=calendar.zone,
            opening=calendar.opening(day),
            busy=busy,
            earliest=now + notice,
        )
        return list(filter(slots.wanted(query, calendar.zone), free))

    def _busy(self, able: set[int], first: date, last: date) -> dict[int, list[slots.Stretch]]:
        """Taken time by professional; a day's margin covers every zone."""
        begin = datetime.combine(first - timedelta(days=1), time.min, UTC)
        end = datetime.combine(last + timedelta(days=2), time.min, UTC)
        starts = func.lower(Appointment.during)
        with self._database.transaction() as session:
            rows = session.execute(
                select(Appointment.professional_id, Appointment.during).where(
                    Appointment.professional_id.in_(able),
                    starts >= begin,
                    starts < end,
                    Appointment.status.in_(TAKES_TIME),
                    (Appointment.status != "held") | (Appointment.held_until > self._clock.now()),
                )
            ).all()
        busy: dict[int, list[slots.Stretch]] = {}
        for professional, during in rows:
            if during.lower is not None and during.upper is not None:
                busy.setdefault(professional, []).append((during.lower, during.upper))
        return busy

    def check(self, slot: Slot, *, any_hour: bool = False, length: timedelta | None = None) -> None:
        """Raise unless the slot is one this clinic could give; whether it is still free
        only the table knows. ``any_hour``: working hours do not matter; ``length``: what it
        takes, when that is not the service's."""
        setup = self._directory.setup()
        professional = setup.professionals.get(slot.professional_id)
        service = setup.services.get(slot.service_id)
        if professional is None or service is None or slot.branch_id not in setup.branches:
            raise NotFound("The slot's professional, service or branch does not exist.")
        if service.id not in professional.service_ids:
            raise InvalidInput(
                "This professional does not do this service.", code="wrong_professional"
            )
        if slot.starts_at < self._clock.now():
            raise InvalidInput("The slot is in the past.", code="in_the_past")
        if slot.ends_at - slot.starts_at != (length or timedelta(minutes=service.minutes)):
            raise InvalidInput(f"{service.name} takes {service.minutes} minutes.")
        if any_hour:
            return
        calendar = setup.calendars[slot.branch_id]
        day = local(slot.starts_at, calendar.zone).date()
        works = [
            (at(day, shift.starts, calendar.zone), at(day, shift.ends, calendar.zone))
            for shift in setup.shifts
            if (shift.professional_id, shift.branch_id) == (professional.id, slot.branch_id)
            and shift.weekday == day.weekday()
            and not setup.away(professional.id, day)
        ]
        open_then = slots.meet(works, calendar.opening(day))
        if not any(a <= slot.starts_at and slot.ends_at <= b for a, b in open_then):
            raise InvalidInput("The professional does not work at that time.", code="outside_hours")


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
