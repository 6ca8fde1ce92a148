"""The reminder call: the clinic says who it is, makes sure who listens, and only then
names the appointment."""

from typing import Literal

from ivr.actions import appointments
from ivr.actions.appointments import (
    WISHED_BY_INTENT,
    WISHED_BY_WORDS,
    cancel,
    move,
    read_wish,
)
from ivr.actions.base import ActionContext, action
from ivr.actions.identity import ask_birth_date
from ivr.actions.spoken import appointment_values, spoken_appointment
from ivr.clinic.schemas import AppointmentView
from ivr.flow.events import PersonRequested
from ivr.flow.questions import Question, Reading
from ivr.flow.signals import Exhausted, PersonWanted

OPEN = ("booked", "confirmed")
Decision = Literal["confirm", "cancel", "move"]


@action(
    "confirmed",
    "cancelled",
    "moved",
    "kept",
    "wrong_person",
    "no_decision",
    "changed",
    prompts={
        **appointments.CANCEL,
        **appointments.MOVE,
        "recordatorio_es_usted": "name",
        "recordatorio_fecha": "",
        "fecha_no_coincide": "",
        "recordatorio_persona_equivocada": "",
        "recordatorio_cita": "service when",
        "recordatorio_ya_no": "",
        "cita_queda_confirmada": "when",
        "cita_preparacion": "preparation",
    },
)
def confirm_attempt(context: ActionContext) -> str:
    """Remind of the attempt's appointment: 1 or "sí" confirms, 2 cancels, 3 is a person.

    Nothing about the appointment is said before the date of birth is right.
    """
    conversation, reminders = context.conversation, context.services.reminders
    attempt = (
        reminders.get(context.call.attempt_id)
        if context.call.attempt_id is not None
        else reminders.of_call(context.call.call_id)
    )
    if attempt is None:
        return "changed"
    appointment = context.services.agenda.get(attempt.appointment_id)
    conversation.foresee("recordatorio_cita", **appointment_values(context, appointment))
    try:
        identified = _identified(context, attempt.patient_id)
    except Exhausted:
        reminders.finish(attempt.id, "no_decision")
        return "wrong_person"
    if not identified:
        reminders.finish(attempt.id, "wrong_person")
        conversation.say("recordatorio_persona_equivocada")
        return "wrong_person"
    if appointment.status not in OPEN or appointment.starts_at <= context.services.clock.now():
        reminders.finish(attempt.id, "changed")
        conversation.say("recordatorio_ya_no")
        return "changed"
    try:
        decision = _decide(context, appointment)
    except Exhausted:
        reminders.finish(attempt.id, "no_decision")
        return "no_decision"
    except PersonWanted:
        reminders.finish(attempt.id, "queue")
        raise
    if decision == "confirm":
        context.services.agenda.confirm(appointment.id, call_id=context.call.call_id)
        reminders.finish(attempt.id, "confirmed")
        context.state.achieved = True
        conversation.say("cita_queda_confirmada", when=spoken_appointment(context, appointment))
        if appointment.preparation:
            conversation.say("cita_preparacion", preparation=appointment.preparation)
        return "confirmed"
    if decision == "move":
        moved = move(context, appointment, done=lambda: reminders.finish(attempt.id, "changed"))
        return "moved" if moved else "kept"
    cancelled = cancel(context, appointment, done=lambda: reminders.finish(attempt.id, "cancelled"))
    return "cancelled" if cancelled else "kept"


def _identified(context: ActionContext, patient_id: int) -> bool:
    """Whether whoever answered knows the patient's date of birth, in two tries.

    Raises Exhausted when nobody says who they are: an answering machine is not to be put
    through to reception, nor told that there is an appointment.
    """
    conversation = context.conversation
    patient = context.services.patients.get(patient_id)
    try:
        if not conversation.yesno("recordatorio_es_usted", name=patient.given):
            return False
    except PersonWanted as wanted:
        if wanted.how == "fallback":
            raise Exhausted(silent=True) from None
        raise
    for last in (False, True):
        if ask_birth_date(context, "recordatorio_fecha") == patient.birth_date:
            context.state.patient = patient
            context.services.calls.set_patient(
                context.call.call_id, patient.id, "phone_and_birth_date"
            )
            return True
        if not last:
            conversation.say("fecha_no_coincide")
    return False


def _decide(context: ActionContext, appointment: AppointmentView) -> Decision:
    conversation = context.conversation

    def read(words: str) -> Reading | None:
        return read_wish(conversation, words, WISHED_BY_WORDS, WISHED_BY_INTENT, no="cancel")

    told = appointment_values(context, appointment)
    conversation.foresee("cita_queda_confirmada", when=told["when"])
    conversation.foresee("cancelar_confirmar", **told)
    keys = {"1": "confirm", "2": "cancel", "3": "person"}
    answer = conversation.ask_or_give_up(
        Question(
            prompt="recordatorio_cita",
            read_words=read,
            read_keys=keys.get,
            kinds=("yesno", "choice", "intent"),
            fresh=True,
            values=told,
            own_intents=frozenset(WISHED_BY_INTENT),
        )
    )
    if answer.value == "person":
        conversation.emit(PersonRequested(how="key"))
        raise PersonWanted("key")
    decision: Decision = answer.value
    return decision
