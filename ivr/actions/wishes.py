"""Reads what appointment a caller wants, from words and keys in any order."""

from dataclasses import replace
from datetime import time

from ivr.actions.base import ActionContext
from ivr.clinic.schemas import BranchView, ProfessionalView, ServiceView
from ivr.clinic.wishes import Wishes, dates_of, times_of, with_moment
from ivr.flow import speak
from ivr.flow.questions import SURE
from ivr.language.model import Moment, Times, Understood

MORNING = Times(None, time(13, 59))
AFTERNOON = Times(time(14, 0), None)
ABOUT_TIME = frozenset({"book", "move", "cancel", "third_party", "waiting_list", "urgency"})
"""Intents whose words may say what appointment is wanted."""


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
            wishes = with_moment(wishes, moment)
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


def spoken_professional(one: ProfessionalView, language: str) -> str:
    """``la doctora Ruiz``."""
    return speak.professional(one.title, one.given, one.family, language)
