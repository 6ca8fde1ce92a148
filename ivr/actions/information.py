"""What the clinic tells everybody: hours, address, answers to frequent questions."""

from datetime import datetime

from ivr.actions.base import ActionContext, action
from ivr.clock import local
from ivr.flow import speak
from ivr.flow.questions import Question, Reading

TOPIC_OF = {
    "price": "price",
    "insurance": "insurance",
    "billing": "payment",
    "documents": "documents",
    "hours_place": "parking",
    "aftercare": "aftercare",
}
"""The topic of the clinic's answers (settings, ``faq``) an intent asks for."""
TOPICS = (
    "price", "insurance", "payment", "documents", "preparation", "cancellation", "parking",
    "aftercare",
)  # fmt: skip
BY_KEY = dict(zip("123456", TOPICS, strict=False))


@action(
    "told",
    prompts={
        "horario": "branch hours",
        "direccion": "branch address directions",
        "abierto_ahora": "",
        "cerrado_ahora": "next_open",
        "cerrado_festivo": "holiday next_open",
    },
)
def opening_hours_and_address(context: ActionContext) -> str:
    """Tell whether the branch called is open, its hours, its address and how to get there."""
    conversation, branch = context.conversation, context.branch
    directory = context.services.directory
    conversation.take_said("hours_place")
    if directory.opening(branch.id, context.services.clock.now()).open:
        conversation.say("abierto_ahora")
    else:
        _say_closed(context)
    hours = directory.setup().calendars[branch.id].hours
    conversation.say(
        "horario", branch=branch.name, hours=speak.week_hours(hours, conversation.language)
    )
    conversation.say(
        "direccion", branch=branch.name, address=branch.address, directions=branch.directions
    )
    context.state.achieved = True
    return "told"


@action(
    "open",
    "closed",
    "holiday",
    prompts={"cerrado_ahora": "next_open", "cerrado_festivo": "holiday next_open"},
    parameters={"say": ("yes", "no")},
)
def check_opening(context: ActionContext) -> str:
    """Whether the branch called is open; unless ``say: no``, callers hear until when it is
    closed."""
    state = context.services.directory.opening(context.branch.id, context.services.clock.now())
    if not state.open and context.parameters.get("say", "yes") == "yes":
        _say_closed(context)
    return state.reason


def _say_closed(context: ActionContext) -> None:
    state = context.services.directory.opening(context.branch.id, context.services.clock.now())
    conversation = context.conversation
    when = _spoken_moment(context, state.next_open) if state.next_open else ""
    if state.reason == "holiday":
        conversation.say("cerrado_festivo", holiday=state.holiday_name, next_open=when)
    else:
        conversation.say("cerrado_ahora", next_open=when)


def _spoken_moment(context: ActionContext, moment: datetime) -> str:
    language, there = context.conversation.language, local(moment, context.branch.zone)
    return f"{speak.day(there.date(), context.today, language)} {speak.clock_time(there, language)}"


@action(
    "answered",
    "unknown",
    prompts={"pregunta_tema": "", "respuesta": "answer", "sin_respuesta": ""},
    parameters={"topic": TOPICS},
)
def frequent_question(context: ActionContext) -> str:
    """Answer a frequent question with the text the clinic wrote (settings, ``faq``)."""
    conversation = context.conversation
    said = conversation.take_said(*TOPIC_OF)
    topic = context.parameters.get("topic") or (TOPIC_OF[said.value["intent"]] if said else "")
    if not topic:

        def read(words: str) -> Reading | None:
            intent = conversation.understand("intent", words)
            if intent and intent.value["intent"] in TOPIC_OF:
                return Reading(TOPIC_OF[intent.value["intent"]], intent.confidence, "intent")
            return None

        topic = conversation.ask(
            Question(
                prompt="pregunta_tema",
                read_words=read,
                read_keys=BY_KEY.get,
                kinds=("intent",),
                own_intents=frozenset(TOPIC_OF),
            )
        ).value
    text = context.services.directory.clinic().settings.get("faq", {}).get(topic, "")
    if isinstance(text, dict):
        text = text.get(conversation.language, "") or next(iter(text.values()), "")
    if not text:
        conversation.say("sin_respuesta")
        return "unknown"
    conversation.say("respuesta", answer=str(text))
    context.state.achieved = True
    return "answered"
