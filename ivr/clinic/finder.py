"""The free-slot finder of the desk: words as one says them, plain choices, or both.

"Primer hueco con limpieza por la tarde" is read as a caller's words are; what is chosen in
the form counts over what was typed, but for a branch: the form names the one on screen.
"""

from dataclasses import replace
from datetime import date, datetime, time

from pydantic import BaseModel, Field

from ivr.agents.viewer import Viewer
from ivr.clinic.agenda import Agenda
from ivr.clinic.directory import Directory
from ivr.clinic.schemas import Slot, SlotQuery
from ivr.clinic.wishes import Wishes, named, with_moment
from ivr.clock import Clock, local
from ivr.errors import InvalidInput
from ivr.language import Context, understand
from ivr.language.model import Dates, Moment, Times

SURE = 0.5
"""Typed words are not misheard: what is understood at all is shown, and can be changed."""
MOST = 24


class SlotWish(BaseModel):
    """What is wanted. Days and times are local to each branch; times bound the start."""

    text: str = Field("", max_length=200, description="In words, as one says it")
    service_id: int | None = None
    professional_id: int | None = None
    branch_id: int | None = None
    date_from: date | None = None
    date_to: date | None = None
    time_from: time | None = None
    time_to: time | None = None
    after: datetime | None = Field(None, description="No slot that starts before this moment")
    spread: bool = Field(True, description="Over several half days, not one after the other")
    limit: int = Field(6, ge=1, le=MOST)


class FreeSlot(BaseModel):
    """A free stretch of a professional's time, with the names to show; ``zone`` is the
    branch's."""

    professional_id: int
    professional: str
    branch_id: int
    branch: str
    service_id: int
    service: str
    starts_at: datetime
    ends_at: datetime
    zone: str


class SlotSearch(BaseModel):
    """What was understood, and the slots that suit it, soonest first."""

    understood: bool
    """Whether the words said anything about an appointment; true when there were none."""
    service_id: int | None
    professional_id: int | None
    branch_id: int | None
    date_from: date | None
    date_to: date | None
    time_from: time | None
    time_to: time | None
    slots: list[FreeSlot]
    """None without a service: there is no length to look for."""


class Finder:
    """Finds free slots for somebody at the desk."""

    def __init__(self, agenda: Agenda, directory: Directory, clock: Clock) -> None:
        self._agenda = agenda
        self._directory = directory
        self._clock = clock

    def find(self, viewer: Viewer, wish: SlotWish) -> SlotSearch:
        """Slots of the viewer's branches; raises :class:`Forbidden` for a foreign one."""
        home = viewer.branch_or_own(wish.branch_id)
        wishes, understood = self._read(viewer, wish, home)
        wishes = self._chosen(wishes, wish)
        branch_id = wishes.branch.id if wishes.branch else home
        dates, times = wishes.dates or Dates(), wishes.times or Times()
        return SlotSearch(
            understood=understood,
            service_id=wishes.service.id if wishes.service else None,
            professional_id=wishes.professional.id if wishes.professional else None,
            branch_id=branch_id,
            date_from=dates.first,
            date_to=dates.last,
            time_from=times.first,
            time_to=times.last,
            slots=[self._shown(x) for x in self._slots(wishes, wish, branch_id)],
        )

    def _slots(self, wishes: Wishes, wish: SlotWish, branch_id: int | None) -> list[Slot]:
        if wishes.service is None:
            return []
        today = self._clock.now().date()
        found: set[Slot] = set()
        for query in wishes.queries(branch_id, today, offered=wish.limit):
            found |= set(self._soonest(query, wish))
        return sorted(found, key=lambda x: (x.starts_at, x.professional_id))[: wish.limit]

    def _soonest(self, query: SlotQuery, wish: SlotWish) -> list[Slot]:
        after = wish.after
        if after is None:
            return self._agenda.find_slots(replace(query, spread=wish.spread))
        if after.tzinfo is None:
            raise InvalidInput("Write the moment with its zone, like 2026-11-23T10:00:00Z.")
        zones = {x.id: x.zone for x in self._directory.branches()}
        zone = zones.get(query.branch_id or 0) or next(iter(zones.values()))
        day = local(after, zone).date()
        wider = replace(query, date_from=max(query.date_from or day, day), spread=False, limit=200)
        later = [x for x in self._agenda.find_slots(wider) if x.starts_at >= after]
        return later[: wish.limit]

    def _read(self, viewer: Viewer, wish: SlotWish, home: int | None) -> tuple[Wishes, bool]:
        text = wish.text.strip()
        if not text:
            return Wishes(), True
        context = self._context(viewer, home)
        setup = self._directory.setup()
        wishes, said = Wishes(), False

        def meant(kind: str) -> int | None:
            heard = understand(kind, text, context)
            sure = heard and heard.confidence >= SURE
            return heard.value if sure and isinstance(heard.value, int) else None

        if (service := meant("service")) in setup.services and service is not None:
            wishes, said = replace(wishes, service=setup.services[service]), True
        if (person := meant("professional")) in setup.professionals and person is not None:
            wishes, said = replace(wishes, professional=setup.professionals[person]), True
        if (place := meant("branch")) in setup.branches and place is not None:
            wishes, said = replace(wishes, branch=setup.branches[place]), True
        moment = understand("datetime", text, context).reading
        if isinstance(moment, Moment):
            wishes, said = with_moment(wishes, moment), True
        return wishes, said

    def _chosen(self, wishes: Wishes, wish: SlotWish) -> Wishes:
        """What the form says, over what the words say."""
        if wish.service_id is not None:
            wishes = replace(wishes, service=self._directory.service(wish.service_id))
        if wish.professional_id is not None:
            person = self._directory.setup().professionals.get(wish.professional_id)
            wishes = replace(wishes, professional=person)
        if wish.branch_id is not None and wishes.branch is None:
            wishes = replace(wishes, branch=self._directory.branch(wish.branch_id))
        if wish.date_from is not None or wish.date_to is not None:
            wishes = replace(wishes, dates=Dates(wish.date_from, wish.date_to))
        if wish.time_from is not None or wish.time_to is not None:
            wishes = replace(wishes, times=Times(wish.time_from, wish.time_to))
        return wishes

    def _context(self, viewer: Viewer, branch_id: int | None) -> Context:
        branches = [x for x in self._directory.branches() if viewer.sees_branch(x.id)]
        branch = next((x for x in branches if x.id == branch_id), branches[0])
        hours = [
            stretch
            for stretches in self._directory.setup().calendars[branch.id].hours.values()
            for stretch in stretches
        ]
        return Context(
            now=self._clock.now(),
            country="mx" if branch.country == "mx" else "es",
            zone=branch.zone,
            opens=min((opens for opens, _ in hours), default=Context.opens),
            closes=max((closes for _, closes in hours), default=Context.closes),
            professionals=named(self._directory.professionals()),
            services=named(self._directory.services(by_phone=False)),
            branches=named(branches),
        )

    def _shown(self, slot: Slot) -> FreeSlot:
        setup = self._directory.setup()
        person = setup.professionals[slot.professional_id]
        branch = setup.branches[slot.branch_id]
        return FreeSlot(
            professional_id=person.id,
            professional=f"{person.title} {person.given} {person.family}".strip(),
            branch_id=branch.id,
            branch=branch.name,
            service_id=slot.service_id,
            service=setup.services[slot.service_id].name,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            zone=branch.zone,
        )
