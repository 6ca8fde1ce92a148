"""What a caller wants of an appointment: gathered from words and keys in any order."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from ivr.actions.base import ActionContext
from ivr.clinic.schemas import BranchView, ProfessionalView, ServiceView, SlotQuery
from ivr.flow import speak
from ivr.flow.questions import SURE
from ivr.language.model import Dates, Moment, Named, Times, Understood

MORNING = Times(None, time(13, 59))
AFTERNOON = Times(time(14, 0), None)
ABOUT_TIME = frozenset({"book", "move", "cancel", "third_party", "waiting_list", "urgency"})
"""Intents whose words may say what appointment is wanted."""
FAR = timedelta(days=60)
"""How far ahead days are ruled out one by one."""


@dataclass(frozen=True)
class Wishes:
    """What is known of the appointment wanted; ``None``: not said."""

    service: ServiceView | None = None
    professional: ProfessionalView | None = None
    rivals: tuple[ProfessionalView, ...] = ()
    """Those the caller's words may mean when several have that name; to be asked back."""
    anyone: bool = False
    """The caller does not mind who sees them."""
    branch: BranchView | None = None
    dates: Dates | None = None
    times: Times | None = None

    def plain(self) -> dict[str, Any]:
        """What the call's events show of it."""
        return {
            "service": self.service.code if self.service else None,
            "professional_id": self.professional.id if self.professional else None,
            "branch_id": self.branch.id if self.branch else None,
            "date": self.dates.plain() if self.dates else None,
            "time": self.times.plain() if self.times else None,
            "anyone": self.anyone,
        }

    @property
    def preference_known(self) -> bool:
        """Whether the caller has said when, or that it does not matter."""
        return bool(self.dates or self.times or self.anyone)

    def queries(
        self, branch_id: int | None, today: date, *, page: int = 0, offered: int = 3
    ) -> list[SlotQuery]:
        """The searches these wishes come to: one for each reading of words that leave
        several open ("el lunes o el martes", "a las ocho"), so that the caller chooses
        and nothing is guessed. The service must be known."""
        readings = [
            (dates, times)
            for dates in (self.dates or Dates()).options or (self.dates or Dates(),)
            for times in (self.times or Times()).options or (self.times or Times(),)
        ]
        each = max(1, offered // len(readings))
        return [
            self._query(dates, times, branch_id, today, limit=each, skip=page * each)
            for dates, times in readings
        ]

    def _query(
        self,
        dates: Dates,
        times: Times,
        branch_id: int | None,
        today: date,
        *,
        limit: int,
        skip: int,
    ) -> SlotQuery:
        assert self.service is not None
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
            limit=limit,
            skip=skip,
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
        intent = conversation.understand("intent", words)
        slots = intent.value["slots"] if intent else {}
        if intent.confidence >= SURE and intent.value["intent"] not in ABOUT_TIME:
            return wishes, 0.0
        professional_id = slots.get("professional")
        if professional_id is None:
            named_alone = conversation.understand("professional", words)
            if named_alone and named_alone.confidence >= SURE:
                professional_id = named_alone.value
            elif named_alone.alternatives:
                meant = {named_alone.value, *named_alone.alternatives}
                people = tuple(one for one in self.professionals(None) if one.id in meant)
                if len(people) == 1:
                    professional_id = people[0].id
                elif people:
                    wishes = replace(wishes, rivals=people, professional=None, anyone=False)
                    sureness.append(SURE)
        for service in self.services:
            if service.id == slots.get("service"):
                wishes = replace(wishes, service=service)
                sureness.append(SURE)
        for person in self.professionals(None):
            if person.id == professional_id:
                wishes = replace(wishes, professional=person, rivals=(), anyone=False)
                sureness.append(SURE)
        for branch in self.branches:
            if branch.id == slots.get("branch"):
                wishes = replace(wishes, branch=branch)
                sureness.append(SURE)
        moment = self._moment(words, intent)
        if moment is not None:
            wishes = _with_moment(wishes, moment)
            sureness.append(SURE)
        if (
            conversation.texts.choose(("da_igual",), words)
            or conversation.understand("command", words).value == "any"
        ):
            wishes = replace(wishes, anyone=True)
            sureness.append(SURE)
        return wishes, max(sureness, default=0.0)

    def _moment(self, words: str, intent: Understood) -> Moment | None:
        """When; in a wish to move, only when it should be, not when it is."""
        if intent and intent.value["intent"] == "move":
            slots = intent.value["slots"]
            dates, times = dates_of(slots.get("date")), times_of(slots.get("time"))
            return Moment(dates, times) if dates or times else None
        reading = self.context.conversation.understand("datetime", words).reading
        return reading if isinstance(reading, Moment) else None


def dates_of(value: dict[str, Any] | None) -> Dates | None:
    """Days out of an intent's slot."""
    if value is None:
        return None
    if "options" in value:
        return Dates(options=tuple(filter(None, map(dates_of, value["options"]))))
    return Dates(
        first=_day(value.get("from")),
        last=_day(value.get("to")),
        weekdays=frozenset(value["weekdays"]) if "weekdays" in value else None,
        excluded_weekdays=frozenset(value.get("excluded_weekdays", ())),
        excluded=tuple((_day(x["from"]), _day(x["to"])) for x in value.get("excluded", ())),
        earliest=bool(value.get("earliest")),
    )


def times_of(value: dict[str, Any] | None) -> Times | None:
    """Times of day out of an intent's slot."""
    if value is None:
        return None
    if "options" in value:
        return Times(options=tuple(filter(None, map(times_of, value["options"]))))
    return Times(_time(value.get("from")), _time(value.get("to")))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def _with_moment(wishes: Wishes, moment: Moment) -> Wishes:
    """A day said anew replaces the day; a time only said with it stays."""
    dates, times = moment.dates, moment.times
    if dates and dates.earliest:
        return replace(wishes, dates=dates, times=times or wishes.times, anyone=True)
    return replace(wishes, dates=dates or wishes.dates, times=times or wishes.times)


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


def spoken_professional(one: ProfessionalView, language: str) -> str:
    """``la doctora Ruiz``."""
    return speak.professional(one.title, one.given, one.family, language)
