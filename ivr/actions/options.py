"""Small decisions of the slot dialogue: what keys stand for, how a search is widened."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any, Literal

from ivr.actions.base import ActionContext
from ivr.clinic.schemas import BranchView
from ivr.clinic.wishes import Wishes
from ivr.flow import speak
from ivr.flow.conversation import Conversation
from ivr.flow.questions import Question
from ivr.language.model import Dates, Times

MOST_KEYS = 8
"""Options told by key in one prompt; 9 asks for more."""
PROMPTS = {"opcion_con_tecla": "option key", "opcion_mas_con_tecla": "key"}


def keyed(conversation: Conversation, names: Sequence[str], *, more: bool) -> str:
    """``para revisión, pulse uno; para limpieza, pulse dos``; with 9 for the next ones."""

    def key(number: int) -> str:
        return speak.number(number, conversation.language)

    parts = [
        conversation.text("opcion_con_tecla", option=name, key=key(index))
        for index, name in enumerate(names, start=1)
    ]
    if more:
        parts.append(conversation.text("opcion_mas_con_tecla", key=key(9)))
    return "; ".join(parts)


def by_keys(wishes: Wishes, digits: str, today: date) -> Wishes | Literal["professional"] | None:
    """Days by keys: 1 the first free, 2 this week, 3 next week, 4 later, 5 somebody."""
    monday = today - timedelta(days=today.weekday())
    week = timedelta(days=7)
    match digits:
        case "1":
            return replace(wishes, dates=Dates(earliest=True), times=None, anyone=True)
        case "2":
            return replace(wishes, dates=Dates(today, monday + week - timedelta(days=1)))
        case "3":
            return replace(
                wishes, dates=Dates(monday + week, monday + 2 * week - timedelta(days=1))
            )
        case "4":
            return replace(wishes, dates=Dates(monday + 2 * week, None))
        case "5":
            return "professional"
    return None


def widened(wishes: Wishes) -> Iterator[Wishes]:
    """The wishes with less and less insisted on: first the exact hour, then the hour, then
    the day, then who, and in the end nothing but the service."""
    times, dates = wishes.times, wishes.dates
    first = (
        min((x.first for x in (dates, *dates.options) if x.first), default=None) if dates else None
    )
    later = Dates(first, None) if dates else None
    if times and times.first and times.first == times.last:
        yield replace(wishes, times=_around(times.first))
    if wishes.professional:
        if times:
            yield replace(wishes, times=None)
        yield replace(wishes, dates=later)
        yield replace(wishes, dates=later, times=None)
    anyone = replace(wishes, professional=None, anyone=True)
    yield anyone
    yield replace(anyone, times=None)
    yield replace(anyone, dates=later)
    yield replace(anyone, dates=None, times=None)


def _around(moment: time) -> Times:
    """Two hours either side, within the day."""
    return Times(time(max(moment.hour - 2, 0)), time(min(moment.hour + 2, 23), 59))


def branches_to_choose(context: ActionContext) -> tuple[BranchView, ...]:
    """The branches of the city called, the called one first."""
    called = context.branch
    others = [
        branch
        for branch in context.services.directory.branches()
        if branch.id != called.id and (branch.country, branch.city) == (called.country, called.city)
    ]
    return (called, *others)


def ask_one_of(conversation: Conversation, names: Sequence[str], question: Question) -> Any:
    """Ask for one of many by key, eight at a time; 9 tells the next ones.

    Returns the index chosen by key, or what ``question`` reads out of words. Its prompts
    are given ``{options}``.
    """
    first = 0
    while True:
        page = names[first : first + MOST_KEYS]
        by_key: dict[str, int | str] = {str(i + 1): first + i for i in range(len(page))}
        if len(names) > MOST_KEYS:
            by_key["9"] = "more"
        told = keyed(conversation, page, more="9" in by_key)
        answer = conversation.ask(
            replace(question, read_keys=by_key.get, values={**question.values, "options": told})
        )
        if answer.value != "more":
            return answer.value
        first = first + MOST_KEYS if first + MOST_KEYS < len(names) else 0
