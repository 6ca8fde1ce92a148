"""What a caller wants of an appointment: gathered from words and keys in any order."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from ivr.actions.base import ActionContext
from ivr.clinic.schemas import BranchView, ProfessionalView, ServiceView, SlotQuery
from ivr.flow import speak
from ivr.language.model import Dates, Moment, Named, Times

MORNING = Times(None, time(13, 59))
AFTERNOON = Times(time(14, 0), None)
FAR = timedelta(days=60)
"""How far ahead days are ruled out one by one."""


@dataclass(frozen=True)
class Wishes:
    """What is known of the appointment wanted; ``None``: not said."""

    service: ServiceView | None = None
    professional: ProfessionalView | None = None
    anyone: bool = False
    """The caller does not mind who sees them."""
    branch: BranchView | None = None
    dates: Dates | None = None
    times: Times | None = None

    @property
    def preference_known(self) -> bool:
        """Whether the caller has said when, or that it does not matter."""
        return bool(self.dates or self.times or self.anyone)

    def query(self, branch_id: int | None, today: date, skip: int = 0) -> SlotQuery:
        """The search for free slots these wishes come to. The service must be known."""
        assert self.service is not None
        dates, times = self.dates or Dates(), self.times or Times()
        weekdays = dates.weekdays
        if dates.excluded_weekdays:
            weekdays = (weekdays or frozenset(range(7))) - dates.excluded_weekdays
        return SlotQuery(
            service_id=self.service.id,
            professional_id=self.professional.id if self.professional else None,
            branch_id=self.branch.id if self.branch else branch_id,
            date_from=dates.first,
            date_to=dates.last,
            time_from=times.first,
            time_to=times.last,
            weekdays=weekdays,
            excluded_dates=frozenset(_days(dates.excluded, today)),
            skip=skip,
            spread=not dates.earliest,
        )


def _days(spans: Iterable[tuple[date | None, date | None]], today: date) -> Iterable[date]:
    for first, last in spans:
        day, end = first or today, last or today + FAR
        while day <= end:
            yield day
            day += timedelta(days=1)


class WishReader:
    """Reads wishes out of what this caller says, knowing this clinic."""

    def __init__(self, context: ActionContext, branches: tuple[BranchView, ...]) -> None:
        self.context = context
        self.branches = branches
        """The branches a caller may choose between."""
        self.services = tuple(context.services.directory.services())

    def professionals(self, service: ServiceView | None) -> list[ProfessionalView]:
        """Who may see the caller: of these branches, able to do the service."""
        ids = {branch.id for branch in self.branches}
        return [
            one
            for one in self.context.services.directory.professionals(
                service.id if service else None
            )
            if ids & set(one.branch_ids)
        ]

    def hints(self) -> tuple[str, ...]:
        """Names the caller may say."""
        names = [service.name for service in self.services]
        names += [one.spoken for one in self.professionals(None)]
        return tuple(names)

    def update(self, wishes: Wishes, words: str) -> tuple[Wishes, float]:
        """``wishes`` with what ``words`` add or correct, and how sure that is (0: the
        words say nothing about an appointment)."""
        conversation = self.context.conversation
        sureness: list[float] = []

        def named(kind: str) -> Any:
            understood = conversation.understand(kind, words)
            if not understood:
                return None
            sureness.append(understood.confidence)
            return understood.value

        service_id = named("service")
        if service_id is not None:
            service = next((s for s in self.services if s.id == service_id), None)
            wishes = replace(wishes, service=service or wishes.service)
        professional_id = named("professional")
        if professional_id is not None:
            chosen = next((p for p in self.professionals(None) if p.id == professional_id), None)
            wishes = replace(wishes, professional=chosen, anyone=False)
        branch_id = named("branch")
        if branch_id is not None:
            branch = next((b for b in self.branches if b.id == branch_id), None)
            wishes = replace(wishes, branch=branch or wishes.branch)
        moment = conversation.understand("datetime", words)
        if isinstance(moment.reading, Moment):
            sureness.append(moment.confidence)
            wishes = _with_moment(wishes, moment.reading)
        if (
            conversation.texts.choose(("da_igual",), words)
            or conversation.understand("command", words).value == "any"
        ):
            sureness.append(1.0)
            wishes = replace(wishes, anyone=True)
        return wishes, min(sureness, default=0.0)

    def moved(self, wishes: Wishes, words: str, present: Dates) -> Wishes:
        """The new time asked for in "cámbieme la del jueves al viernes": the day of the
        appointment itself is not a wish."""
        updated, _ = self.update(wishes, words)
        if updated.dates and updated.dates.day == present.day:
            updated = replace(updated, dates=wishes.dates)
        return replace(updated, service=wishes.service)


def _with_moment(wishes: Wishes, moment: Moment) -> Wishes:
    """A day said anew replaces the day; a time only said with it stays."""
    dates, times = moment.dates, moment.times
    if dates and dates.options:
        dates = dates.options[0]
    if times and times.options:
        times = _spanning(times.options)
    if dates is None and times is None:
        return wishes
    if dates and dates.earliest:
        return replace(wishes, dates=dates, times=times or wishes.times, anyone=True)
    return replace(wishes, dates=dates or wishes.dates, times=times or wishes.times)


def _spanning(options: tuple[Times, ...]) -> Times:
    return next((x for x in options if x.first and x.first >= time(8)), options[0])


def named(items: Iterable[ServiceView | ProfessionalView | BranchView]) -> tuple[Named, ...]:
    """The clinic's things as :mod:`ivr.language` wants them."""
    found = []
    for item in items:
        names: tuple[str, ...]
        match item:
            case ProfessionalView():
                names = (
                    item.spoken,
                    f"{item.given} {item.family}",
                    item.family.split()[0],
                    item.given,
                )
            case _:
                names = (item.name, *item.spoken_names)
        found.append(Named(item.id, tuple(dict.fromkeys(filter(None, names)))))
    return tuple(found)


def part_of_day(language: str, times: Times) -> str:
    """``por la mañana`` for a span of hours, if it is a usual one."""
    english = language.startswith("en")
    if times == MORNING:
        return "in the morning" if english else "por la mañana"
    if times == AFTERNOON:
        return "in the afternoon" if english else "por la tarde"
    return ""


def spoken_professional(one: ProfessionalView, language: str) -> str:
    """``la doctora Ruiz``."""
    return speak.professional(one.title, one.given, one.family, language)
