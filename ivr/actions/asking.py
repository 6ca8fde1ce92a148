"""What is still to be known before times can be offered: asked one thing at a time, by
words in any order or by keys."""

from collections.abc import Sequence
from dataclasses import replace

from ivr.actions import options
from ivr.actions.base import ActionContext
from ivr.actions.wishes import (
    AFTERNOON,
    MORNING,
    WishReader,
    spoken_professional,
)
from ivr.clinic.schemas import ProfessionalView, ServiceView
from ivr.clinic.wishes import Wishes
from ivr.flow import speak
from ivr.flow.questions import Question, Reading

PROMPTS = {
    "cita_servicio": "services",
    "primera_visita": "service",
    "cita_servicio_teclas": "options",
    "cita_servicio_otra_vez": "services",
    "cita_preferencia": "",
    "cita_preferencia_otra_vez": "",
    "cita_preferencia_teclas": "",
    "cita_parte_del_dia_teclas": "",
    "cita_profesional_teclas": "options",
    **options.PROMPTS,
}
BOOKING = frozenset({"book", "move", "third_party"})
"""Intents that go on with what is being asked."""


class Asking:
    """Asks for service, day, part of day and professional; keeps the wishes."""

    def __init__(self, context: ActionContext, wishes: Wishes) -> None:
        self.context = context
        self.conversation = context.conversation
        self.reader = WishReader(context, options.branches_to_choose(context))
        self.wishes = wishes

    def service(self) -> ServiceView:
        """The service wanted, asked for unless it is known."""
        if self.wishes.service is None:
            self._ask_service()
        wanted = self.wishes.service
        assert wanted is not None
        if self.context.state.first_visit and not wanted.first_visit:
            wanted = self._first_visit_instead(wanted)
        return wanted

    def _ask_service(self) -> None:
        services = self.reader.services
        if len(services) == 1:
            self.wishes = replace(self.wishes, service=services[0])
            return
        names = [service.name for service in services]
        conversation = self.conversation

        def read(words: str) -> Reading | None:
            updated, sure = self.reader.update(self.wishes, words)
            return Reading(updated, sure, "service") if updated.service else None

        answer = options.ask_one_of(
            self.conversation,
            names,
            Question(
                prompt="cita_servicio",
                again="cita_servicio_otra_vez",
                keys_prompt="cita_servicio_teclas",
                read_words=read,
                kinds=("service", "intent"),
                hints=self.reader.hints(),
                plausible="take",
                own_intents=BOOKING,
                values={"services": speak.one_of(names[:4], conversation.language)},
            ),
        )
        if isinstance(answer, int):
            self.wishes = replace(self.wishes, service=services[answer])
        else:
            self.wishes = answer

    def _first_visit_instead(self, wanted: ServiceView) -> ServiceView:
        """Somebody new begins with the first visit of the specialty, if it has one."""
        for service in self.reader.services:
            if service.first_visit and service.specialty == wanted.specialty:
                self.conversation.say("primera_visita", service=service.name)
                self.wishes = replace(self.wishes, service=service)
                return service
        return wanted

    def preference(self) -> None:
        """When and with whom, asked for unless the caller has said what matters."""
        if len(self.wishes.rivals) > 1:
            self._which_of(self.wishes.rivals)
        while not self.wishes.preference_known:
            self._ask_preference()
            if len(self.wishes.rivals) > 1:
                self._which_of(self.wishes.rivals)

    def _ask_preference(self) -> None:
        today = self.context.today

        def read(words: str) -> Reading | None:
            updated = self.read_wishes(words)
            if updated:
                return updated
            no = self.conversation.read_yesno(words)
            if no is not None and no.value is False:
                return Reading(replace(self.wishes, anyone=True), no.confidence, "yesno")
            return None

        def read_keys(digits: str) -> Wishes | str | None:
            return options.by_keys(self.wishes, digits, today)

        answer = self.conversation.ask(
            Question(
                prompt="cita_preferencia",
                again="cita_preferencia_otra_vez",
                keys_prompt="cita_preferencia_teclas",
                read_words=read,
                read_keys=read_keys,
                kinds=("datetime", "professional"),
                hints=self.reader.hints(),
                plausible="take",
                own_intents=BOOKING,
            )
        )
        if answer.value == "professional":
            self._professional_by_keys()
            return
        self.wishes = answer.value
        if answer.how == "key" and self.wishes.dates and not self.wishes.dates.earliest:
            self._part_of_day_by_keys()

    def _professional_by_keys(self) -> None:
        self._which_of(self.reader.professionals(self.wishes.service))

    def _which_of(self, people: Sequence[ProfessionalView]) -> None:
        """One of several professionals, by name or by key."""
        names = [spoken_professional(one, self.conversation.language) for one in people]
        if len(set(names)) < len(names):
            names = [f"{one.title} {one.given} {one.family}".strip() for one in people]

        answer = options.ask_one_of(
            self.conversation,
            names,
            Question(
                prompt="cita_profesional_teclas",
                read_words=self.read_wishes,
                kinds=("professional",),
                hints=tuple(names),
                plausible="take",
            ),
        )
        if isinstance(answer, int):
            chosen = people[answer]
            self.wishes = replace(self.wishes, professional=chosen, rivals=(), anyone=False)
        else:
            self.wishes = replace(answer, rivals=())

    def _part_of_day_by_keys(self) -> None:
        parts = {"1": MORNING, "2": AFTERNOON, "3": None}
        answer = self.conversation.ask(
            Question(
                prompt="cita_parte_del_dia_teclas",
                read_words=self.read_wishes,
                read_keys=lambda digits: digits if digits in parts else None,
                kinds=("time",),
                plausible="take",
            )
        )
        if answer.how == "key":
            self.wishes = replace(self.wishes, times=parts[str(answer.value)])
        else:
            self.wishes = answer.value

    def read_wishes(self, words: str) -> Reading | None:
        """The wishes changed by ``words``, if they say anything new."""
        updated, sure = self.reader.update(self.wishes, words)
        return Reading(updated, sure, "datetime") if updated != self.wishes else None
