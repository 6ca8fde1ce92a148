"""Words for the clinic: messages and "voy con retraso"."""

from datetime import timedelta

from ivr.actions import identity
from ivr.actions.base import ActionContext, action
from ivr.actions.identity import ask_number, identify
from ivr.actions.spoken import spoken_when
from ivr.clock import local
from ivr.flow import speak
from ivr.flow.questions import Question, Reading
from ivr.flow.signals import Exhausted
from ivr.tickets.messages import SHORTEST_S

KINDS = ("message", "complaint", "callback", "prescription", "documents", "data_request", "urgent")
URGENT_DUE = timedelta(hours=1)
LATE_MINUTES = {"1": 5, "2": 10, "3": 15, "4": 30}


@action(
    "left",
    "empty",
    prompts={
        "deje_mensaje": "",
        "mensaje_guardado": "reference",
        "mensaje_vacio": "",
        "pide_telefono": "",
        "pide_telefono_teclas": "",
    },
    parameters={"kind": KINDS},
)
def leave_message(context: ActionContext) -> str:
    """Take a spoken message; it becomes a ticket with a reference and a deadline."""
    conversation, state = context.conversation, context.state
    said = conversation.take_said("complaint", "prescription", "documents", "billing", "urgency")
    kind = context.parameters.get("kind", "message")
    number = context.call.ani or ask_number(conversation)
    conversation.say("deje_mensaje")
    message, messages = conversation.phone.record_message(), context.services.messages
    spoken = message.duration_s >= SHORTEST_S
    file = message.path if message.path.name else None
    if file and not spoken:
        messages.discard(file)
    if not spoken and said is None:
        conversation.say("mensaje_vacio")
        return "empty"
    ticket = context.services.tickets.open(
        kind,
        summary=said.text if said else "",
        number=number,
        patient_id=state.patient.id if state.patient else None,
        call_id=context.call.call_id,
        branch_id=context.branch.id,
        audio_path=messages.key(file) if file and spoken else "",
        audio_s=message.duration_s if spoken else None,
        due_in=URGENT_DUE if kind == "urgent" else timedelta(hours=24),
    )
    if file and spoken:
        messages.put_away(file)
    state.achieved = True
    conversation.say(
        "mensaje_guardado", reference=speak.digits(ticket.reference, conversation.language)
    )
    return "left"


@action(
    "told",
    "none",
    "not_found",
    prompts={
        **identity.PROMPTS,
        "retraso_minutos": "when",
        "retraso_avisado": "minutes",
        "sin_citas_hoy": "",
    },
)
def running_late(context: ActionContext) -> str:
    """ "Voy con retraso": reception is told, with how many minutes."""
    conversation = context.conversation
    said = conversation.take_said("late")
    if identify(context, allow_new=False) == "not_found":
        return "not_found"
    patient = context.state.patient
    assert patient is not None
    today = [
        one
        for one in context.services.agenda.upcoming(patient.id)
        if local(one.starts_at, one.zone).date() == context.today
    ]
    if not today:
        conversation.say("sin_citas_hoy")
        return "none"
    appointment = today[0]
    minutes = _minutes(context, said.text if said else "", spoken_when(context, appointment))
    context.services.tickets.open(
        "late",
        summary=f"{appointment.patient_name}: {minutes} min tarde a {appointment.service}, "
        f"{local(appointment.starts_at, appointment.zone):%H:%M}, {appointment.professional}",
        number=context.call.ani,
        patient_id=patient.id,
        call_id=context.call.call_id,
        branch_id=appointment.branch_id,
        due_in=timedelta(minutes=5),
    )
    context.state.achieved = True
    conversation.say("retraso_avisado", minutes=speak.number(minutes, conversation.language))
    return "told"


def _minutes(context: ActionContext, said: str, when: str) -> int:
    """How late, as said at once or asked for; a quarter of an hour if nobody says."""
    conversation = context.conversation

    def read(words: str) -> Reading | None:
        reading = conversation.read("minutes", words)
        if reading is None or not 1 <= int(reading.value) <= 180:
            return None
        return reading

    known = read(said) if said else None
    if known is not None:
        return int(known.value)
    try:
        answer = conversation.ask_or_give_up(
            Question(
                prompt="retraso_minutos",
                read_words=read,
                read_keys=LATE_MINUTES.get,
                kinds=("minutes",),
                fresh=True,
                values={"when": when},
                plausible="take",
                own_intents=frozenset({"late"}),
                retries=1,
                silence_retries=1,
            )
        )
    except Exhausted:
        return LATE_MINUTES["3"]
    return int(answer.value)
