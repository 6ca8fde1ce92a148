"""Finding a time with the caller: ask what is missing, offer, hold, read back, confirm.

One dialogue for a new appointment and for moving one. A slot is held before it is read
back and let go the moment the caller wants another; whoever hangs up lets go of it too
(:mod:`ivr.actions.call`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from ivr.actions import asking, options, spoken
from ivr.actions.asking import Asking
from ivr.actions.base import ActionContext
from ivr.actions.spoken import spoken_appointment, spoken_slot
from ivr.clinic.schemas import AppointmentView, Slot
from ivr.clinic.wishes import Wishes, named
from ivr.clock import local
from ivr.errors import Conflict, SlotTaken
from ivr.flow.questions import PLAUSIBLE, Question, Reading
from ivr.flow.signals import GoBack
from ivr.language.model import Option

HOLD_S = 120
OFFERED = 3

PROMPTS = {
    **asking.PROMPTS,
    "huecos_tres": "first second third",
    "huecos_dos": "first second",
    "huecos_uno": "first",
    "huecos_tres_teclas": "first second third",
    "huecos_dos_teclas": "first second",
    "huecos_uno_teclas": "first",
    "huecos_no_hay_mas": "",
    "huecos_otro_dia": "",
    "huecos_ninguno_ampliado": "",
    "hueco_ocupado": "",
    "ya_tiene_cita_entonces": "",
    "cambiar_hueco": "",
    **spoken.PROMPTS,
}
"""Prompts of this dialogue, with their placeholders."""

Stage = Literal["service", "preference", "offer", "confirm", "done", "nothing", "declined"]


@dataclass(frozen=True)
class Purpose:
    """What a time is looked for: how it is read back and what a yes does.

    ``values`` are the prompt's, of a service and of when it would be. ``commit`` writes the
    held slot and may raise Conflict when the hold has gone.
    """

    confirm_prompt: str
    values: Callable[[str, str], dict[str, str]]
    commit: Callable[[AppointmentView], AppointmentView]


class Offers:
    """The dialogue; ``run`` ends with the committed appointment or why there is none."""

    def __init__(self, context: ActionContext, wishes: Wishes, purpose: Purpose) -> None:
        self.context = context
        self.conversation = context.conversation
        self.asking = Asking(context, wishes)
        self.reader = self.asking.reader
        self.purpose = purpose
        self.result: AppointmentView | None = None
        self.held: AppointmentView | None = None
        self._slots: list[Slot] = []
        self._slot: Slot | None = None
        self._page = 0
        self._ask_service = wishes.service is None

    def run(self) -> Literal["done", "nothing", "declined"]:
        """Talk until a time is committed, none is free, or the caller wants none."""
        stage: Stage = "service"
        steps: dict[Stage, Callable[[], Stage]] = {
            "service": self._service,
            "preference": self._preference,
            "offer": self._offer,
            "confirm": self._confirm,
        }
        try:
            while True:
                try:
                    stage = steps[stage]()
                except GoBack:
                    stage = self._before(stage)
                if stage in ("done", "nothing", "declined"):
                    return stage
        finally:
            self._let_go()

    @property
    def wishes(self) -> Wishes:
        """What is wanted, as known so far."""
        return self.asking.wishes

    @wishes.setter
    def wishes(self, wishes: Wishes) -> None:
        self.asking.wishes = wishes

    # --- Stages ------------------------------------------------------------------------

    def _service(self) -> Stage:
        self.asking.service()
        return "preference"

    def _preference(self) -> Stage:
        self.asking.preference()
        self._page = 0
        return "offer"

    def _offer(self) -> Stage:
        self._let_go()
        if not self._search():
            return "nothing"
        told = self._told()
        count = ("uno", "dos", "tres")[len(told) - 1]
        values = dict(zip(("first", "second", "third"), told, strict=False))
        offered = tuple(
            Option(index, self._names(slot), self._local(slot))
            for index, slot in enumerate(self._slots)
        )

        self._foresee()

        def read(words: str) -> Reading | None:
            if self._wants_more(words):
                return Reading("more", 1.0, "choice")
            chosen = self.conversation.understand("choice", words, options=offered)
            if chosen.confidence >= PLAUSIBLE:
                return Reading(chosen.value, chosen.confidence, "choice")
            wishes = self.asking.read_wishes(words)
            if wishes:
                return wishes
            answer = self.conversation.read_yesno(words)
            if answer is None:
                return None
            if answer.value is False:
                return Reading("other", answer.confidence, "yesno")
            return Reading(0, answer.confidence, "yesno") if len(offered) == 1 else None

        def read_keys(digits: str) -> int | str | None:
            if digits in ("1", "2", "3")[: len(offered)]:
                return int(digits) - 1
            return {"4": "more", "5": "other"}.get(digits)

        answer = self.conversation.ask(
            Question(
                prompt=f"huecos_{count}",
                keys_prompt=f"huecos_{count}_teclas",
                read_words=read,
                read_keys=read_keys,
                kinds=("choice", "datetime"),
                hints=self.reader.hints(),
                values=values,
                plausible="take",
                own_intents=asking.BOOKING,
            )
        )
        match answer.value:
            case int(index):
                return self._hold(self._slots[index])
            case "more":
                self._page += 1
                return "offer"
            case "other":
                self.wishes = replace(
                    self.wishes, dates=None, times=None, professional=None, anyone=False
                )
                self._page = 0
                self.conversation.say("huecos_otro_dia")
                return "preference"
            case _:
                self.wishes = answer.value
                self._page = 0
                return "offer"

    def _confirm(self) -> Stage:
        assert self.held is not None
        conversation = self.conversation

        def read(words: str) -> Reading | None:
            answer = conversation.read_yesno(words, frozenset({"book", "ask_appointment"}))
            if answer is not None and answer.value is True:
                return answer
            return self.asking.read_wishes(words) or answer

        answer = conversation.ask(
            Question(
                prompt=self.purpose.confirm_prompt,
                read_words=read,
                read_keys={"1": True, "2": False}.get,
                kinds=("yesno", "datetime"),
                values=self.purpose.values(
                    self.held.service, spoken_appointment(self.context, self.held)
                ),
                fresh=True,
                plausible="refuse",
                own_intents=asking.BOOKING | {"cancel"},
            )
        )
        if answer.value is True:
            return self._commit()
        self._let_go()
        if isinstance(answer.value, Wishes):
            self.wishes = answer.value
            self._page = 0
            return "offer"
        if conversation.yesno("cambiar_hueco"):
            self.wishes = replace(self.wishes, dates=None, times=None, anyone=False)
            self._page = 0
            return "preference"
        return "declined"

    def _foresee(self) -> None:
        """Whichever time is chosen, it will be read back."""
        several = len(self.context.services.directory.branches()) > 1
        for slot in self._slots:
            service = self.context.services.directory.service(slot.service_id)
            when = spoken_slot(
                self.context,
                self._local(slot),
                professional_id=slot.professional_id,
                branch_id=slot.branch_id if several else None,
            )
            self.conversation.foresee(
                self.purpose.confirm_prompt, **self.purpose.values(service.name, when)
            )

    # --- Between stages ------------------------------------------------------------------

    def _before(self, stage: Stage) -> Stage:
        """Where "atrás" leads. Raises GoBack when this is where the dialogue began."""
        self._let_go()
        if stage == "confirm":
            return "offer"
        if stage == "offer":
            self.wishes = replace(
                self.wishes, dates=None, times=None, professional=None, anyone=False
            )
            self._page = 0
            return "preference"
        if stage == "preference" and self._ask_service:
            self.wishes = replace(self.wishes, service=None)
            return "service"
        raise GoBack

    def _hold(self, slot: Slot) -> Stage:
        agenda, call_id = self.context.services.agenda, self.context.call.call_id
        try:
            self.held = agenda.hold(slot, call_id=call_id, seconds=HOLD_S)
        except SlotTaken:
            self.conversation.say("hueco_ocupado")
            return "offer"
        self._slot = slot
        return "confirm"

    def _commit(self) -> Stage:
        """Write it; a hold that ran out while the caller thought is taken anew."""
        assert self.held is not None and self._slot is not None
        agenda, call_id = self.context.services.agenda, self.context.call.call_id
        try:
            try:
                self.result = self.purpose.commit(self.held)
            except SlotTaken:
                raise
            except Conflict as conflict:
                if conflict.code == "patient_busy":
                    self._let_go()
                    self.conversation.say("ya_tiene_cita_entonces")
                    return "offer"
                if conflict.code != "hold_gone":
                    raise
                self.held = agenda.hold(self._slot, call_id=call_id, seconds=HOLD_S)
                self.result = self.purpose.commit(self.held)
        except SlotTaken:
            self.held = None
            self.conversation.say("hueco_ocupado")
            return "offer"
        self.held = None
        return "done"

    def _let_go(self) -> None:
        if self.held is not None:
            held, self.held = self.held, None
            self.context.services.agenda.release(held.id)

    def _search(self) -> bool:
        """Find slots to offer; wider than wished, and saying so, when there are none."""
        agenda, today = self.context.services.agenda, self.context.today
        branches = self.reader.branches
        branch_id = branches[0].id if len(branches) == 1 else None

        ids = {branch.id for branch in branches}

        def find(wishes: Wishes, page: int) -> list[Slot]:
            queries = wishes.queries(branch_id, today, page=page, offered=OFFERED)
            found = {slot for query in queries for slot in agenda.find_slots(query)}
            return sorted(
                (slot for slot in found if slot.branch_id in ids),
                key=lambda slot: (slot.starts_at, slot.professional_id),
            )[:OFFERED]

        self._slots = find(self.wishes, self._page)
        if not self._slots and self._page:
            self.conversation.say("huecos_no_hay_mas")
            self._page = 0
            self._slots = find(self.wishes, 0)
        if not self._slots:
            for wider in options.widened(self.wishes):
                self._slots = find(wider, 0)
                if self._slots:
                    self.conversation.say("huecos_ninguno_ampliado")
                    self.wishes = wider
                    break
        return bool(self._slots)

    def _wants_more(self, words: str) -> bool:
        return (
            self.conversation.texts.is_choice("mas", words)
            or self.conversation.understand("command", words).value == "more"
        )

    def _local(self, slot: Slot) -> datetime:
        zone = next(b.zone for b in self.reader.branches if b.id == slot.branch_id)
        return local(slot.starts_at, zone).replace(tzinfo=None)

    def _names(self, slot: Slot) -> tuple[str, ...]:
        """The professional's names, where they tell the slot from the others."""
        if sum(other.professional_id == slot.professional_id for other in self._slots) > 1:
            return ()
        people = self.reader.professionals(None)
        return next((n.names for n in named(people) if n.key == slot.professional_id), ())

    def _told(self) -> list[str]:
        """The slots as they are said: when, and whatever the caller has not chosen yet.
        What is as in the slot before is not said again."""
        several = len(self.reader.branches) > 1 and self.wishes.branch is None
        told: list[str] = []
        before: Slot | None = None
        for slot in self._slots:
            moment = self._local(slot)
            same_day = before is not None and self._local(before).date() == moment.date()
            same_person = before is not None and before.professional_id == slot.professional_id
            known_person = self.wishes.professional is not None or (same_day and same_person)
            told.append(
                spoken_slot(
                    self.context,
                    moment,
                    day=not same_day,
                    professional_id=None if known_person else slot.professional_id,
                    branch_id=slot.branch_id if several else None,
                )
            )
            before = slot
        return told
