"""What a patient already has: hear it, confirm it, move it, cancel it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Literal

from ivr.actions import booking, identity, offers
from ivr.actions.base import ActionContext, action
from ivr.actions.booking import tell_booked
from ivr.actions.identity import FORESEEN, identify
from ivr.actions.offers import Offers, Purpose
from ivr.actions.options import branches_to_choose, keyed
from ivr.actions.spoken import appointment_values, spoken_appointment, spoken_when
from ivr.actions.wishes import WishReader
from ivr.clinic.schemas import AppointmentView
from ivr.clinic.wishes import Wishes, dates_of
from ivr.clock import local
from ivr.flow.conversation import Conversation
from ivr.flow.questions import PLAUSIBLE, Question, Reading
from ivr.language.model import Option

PICK = {
    **identity.PROMPTS,
    **offers.PROMPTS,
    "sin_citas": "",
    "cual_cita": "options",
}
CANCEL = {**PICK, "cancelar_confirmar": "service when", "cita_cancelada": "", "cita_sigue": ""}
MOVE = {
    **PICK,
    "mover_leer": "service when",
    "cita_confirmada": booking.PROMPTS["cita_confirmada"],
    "cita_preparacion": booking.PROMPTS["cita_preparacion"],
    "mover_sin_huecos": "",
    "cita_sigue": "",
}
TOLD_AT_ONCE = 3
MORE = -1
Wish = Literal["confirm", "move", "cancel", "nothing"]
WISHED_BY_WORDS: Mapping[str, Wish] = {
    "confirmar": "confirm",
    "cambiar": "move",
    "cancelar": "cancel",
}
WISHED_BY_INTENT: Mapping[str, Wish] = {
    "move": "move",
    "cancel": "cancel",
    "ask_appointment": "confirm",
}


@action(
    "confirmed",
    "moved",
    "cancelled",
    "heard",
    "none",
    "not_found",
    prompts={
        **CANCEL,
        **MOVE,
        "que_hacer_con_la_cita": "service when",
        "cita_queda_confirmada": "when",
    },
)
def my_appointments(context: ActionContext) -> str:
    """Tell the patient's appointments; confirm, move or cancel one."""
    _foresee(context)
    found = _identified_appointments(context)
    if isinstance(found, str):
        return found
    chosen = _pick(context, found)
    match _what_to_do(context, chosen):
        case "confirm":
            confirmed = context.services.agenda.confirm(chosen.id, call_id=context.call.call_id)
            context.state.achieved = True
            context.conversation.say(
                "cita_queda_confirmada", when=spoken_appointment(context, confirmed)
            )
            return "confirmed"
        case "move":
            return "moved" if move(context, chosen) else "heard"
        case "cancel":
            return "cancelled" if cancel(context, chosen) else "heard"
        case _:
            context.state.achieved = True
            return "heard"


@action("moved", "not_moved", "none", "not_found", prompts=MOVE)
def move_appointment(context: ActionContext) -> str:
    """Move one of the patient's appointments to another time."""
    said = context.conversation.take_said("move")
    found = _identified_appointments(context)
    if isinstance(found, str):
        return found
    chosen = _pick(context, found, said.text if said else "")
    return "moved" if move(context, chosen, said.text if said else "") else "not_moved"


@action("cancelled", "kept", "none", "not_found", prompts={**CANCEL, **MOVE})
def cancel_appointment(context: ActionContext) -> str:
    """Cancel one of the patient's appointments; the time is free at once."""
    said = context.conversation.take_said("cancel")
    found = _identified_appointments(context)
    if isinstance(found, str):
        return found
    chosen = _pick(context, found, said.text if said else "")
    return "cancelled" if cancel(context, chosen) else "kept"


# --- Used by the actions above and by reminders ------------------------------------------


def cancel(
    context: ActionContext, chosen: AppointmentView, done: Callable[[], object] = lambda: None
) -> bool:
    """Ask once more, then cancel; whether it was cancelled. ``done`` is called once it is,
    before the caller, who may hang up on hearing it, is told."""
    conversation = context.conversation
    if not conversation.yesno(
        "cancelar_confirmar",
        agreeing=frozenset({"cancel"}),
        fresh=True,
        **appointment_values(context, chosen),
    ):
        conversation.say("cita_sigue")
        return False
    context.services.agenda.cancel(chosen.id, call_id=context.call.call_id)
    context.state.achieved = True
    done()
    conversation.say("cita_cancelada")
    return True


def move(
    context: ActionContext,
    chosen: AppointmentView,
    said: str = "",
    done: Callable[[], object] = lambda: None,
) -> bool:
    """Find another time for an appointment and move it; whether it was moved. ``done`` as
    in :func:`cancel`."""
    directory = context.services.directory
    people = directory.professionals(chosen.service_id)
    wishes = Wishes(
        service=directory.service(chosen.service_id),
        professional=next((p for p in people if p.id == chosen.professional_id), None),
        branch=directory.branch(chosen.branch_id),
    )
    if said:
        asked, _ = WishReader(context, branches_to_choose(context)).update(wishes, said)
        wishes = replace(asked, service=wishes.service, branch=wishes.branch)

    def read_back(service: str, when: str) -> dict[str, str]:
        return {"service": service, "when": when}

    def commit(held: AppointmentView) -> AppointmentView:
        return context.services.agenda.move(chosen.id, held.id, call_id=context.call.call_id)

    dialogue = Offers(context, wishes, Purpose("mover_leer", read_back, commit))
    ended = dialogue.run()
    if dialogue.result is not None:
        done()
        tell_booked(context, dialogue.result)
        return True
    context.conversation.say("mover_sin_huecos" if ended == "nothing" else "cita_sigue")
    return False


def _foresee(context: ActionContext) -> None:
    """The one appointment of whoever may be calling is spoken while they say who they are."""
    patients = context.services.patients.by_number(context.call.ani)[:FORESEEN]
    for patient in patients if context.state.patient is None else ():
        found = context.services.agenda.upcoming(patient.id)
        if len(found) == 1:
            context.conversation.foresee(
                "que_hacer_con_la_cita", **appointment_values(context, found[0])
            )


def _identified_appointments(context: ActionContext) -> list[AppointmentView] | str:
    """The patient's appointments to come, or the outcome when there are none to tell."""
    if identify(context, allow_new=False) == "not_found":
        return "not_found"
    assert context.state.patient is not None
    found = context.services.agenda.upcoming(context.state.patient.id)
    if not found:
        context.state.achieved = True
        context.conversation.say("sin_citas")
        return "none"
    return found


def _day(appointment: AppointmentView) -> date:
    return local(appointment.starts_at, appointment.zone).date()


def _pick(context: ActionContext, found: list[AppointmentView], said: str = "") -> AppointmentView:
    """The appointment meant: the only one, the one of the day named, or the one chosen."""
    if len(found) == 1:
        return found[0]
    conversation = context.conversation

    def named(words: str) -> list[int]:
        intent = conversation.understand("intent", words)
        slots = intent.value["slots"] if intent else {}
        dates = dates_of(slots.get("current_date", slots.get("date")))
        return [i for i, one in enumerate(found) if dates and dates.day == _day(one)]

    if said and len(matching := named(said)) == 1:
        return found[matching[0]]
    first = 0
    while True:
        page = found[first : first + TOLD_AT_ONCE]
        more = len(found) > TOLD_AT_ONCE
        told = [f"{one.service} {spoken_when(context, one)}" for one in page]
        options = tuple(
            Option(index, (one.service, text), local(one.starts_at, one.zone).replace(tzinfo=None))
            for index, (one, text) in enumerate(zip(page, told, strict=True), start=first)
        )

        def read(words: str, options: tuple[Option, ...] = options) -> Reading | None:
            if conversation.understand("command", words).value == "more":
                return Reading(MORE, 1.0, "choice")
            chosen = conversation.understand("choice", words, options=options)
            if chosen.confidence >= PLAUSIBLE:
                return Reading(chosen.value, chosen.confidence, "choice")
            matching = named(words)
            return Reading(matching[0], 1.0, "date") if len(matching) == 1 else None

        by_key = {str(index + 1): first + index for index in range(len(page))}
        answer = conversation.ask(
            Question(
                prompt="cual_cita",
                read_words=read,
                read_keys={**by_key, "9": MORE}.get if more else by_key.get,
                kinds=("choice", "datetime"),
                hints=tuple(dict.fromkeys(one.service for one in page)),
                values={"options": keyed(conversation, told, more=more)},
                own_intents=frozenset({"move", "cancel", "ask_appointment"}),
            )
        )
        if answer.value != MORE:
            return found[int(answer.value)]
        first = first + TOLD_AT_ONCE if first + TOLD_AT_ONCE < len(found) else 0


def read_wish(
    conversation: Conversation,
    words: str,
    by_words: Mapping[str, Wish],
    by_intent: Mapping[str, Wish],
    *,
    no: Wish,
) -> Reading | None:
    """What ``words`` say is to be done with an appointment that has been told: a mere yes
    confirms it, a mere no means ``no``."""
    chosen = conversation.texts.choose(tuple(by_words), words)
    if chosen:
        return Reading(by_words[chosen[0]], chosen[1], "choice")
    intent = conversation.understand("intent", words)
    if intent and intent.value["intent"] in by_intent:
        return Reading(by_intent[intent.value["intent"]], intent.confidence, "intent")
    answer = conversation.read_yesno(words)
    if answer is None:
        return None
    return Reading("confirm" if answer.value else no, answer.confidence, "yesno")


def _what_to_do(context: ActionContext, chosen: AppointmentView) -> Wish:
    """Having heard an appointment: confirm, move, cancel, or leave it."""
    conversation = context.conversation
    by_words: dict[str, Wish] = {**WISHED_BY_WORDS, "nada_mas": "nothing"}
    by_intent: dict[str, Wish] = {**WISHED_BY_INTENT, "goodbye": "nothing"}

    def read(words: str) -> Reading | None:
        return read_wish(conversation, words, by_words, by_intent, no="nothing")

    told = appointment_values(context, chosen)
    conversation.foresee("cita_queda_confirmada", when=told["when"])
    conversation.foresee("cancelar_confirmar", **told)
    keys: dict[str, Wish] = {"1": "confirm", "2": "move", "3": "cancel", "4": "nothing"}
    answer = conversation.ask(
        Question(
            prompt="que_hacer_con_la_cita",
            read_words=read,
            read_keys=keys.get,
            kinds=("choice", "intent", "yesno"),
            fresh=True,
            values=told,
            own_intents=frozenset(by_intent),
        )
    )
    wish: Wish = answer.value
    return wish
