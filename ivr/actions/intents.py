""" "¿En qué puedo ayudarle?": free speech that leads to the steps of the flow."""

from ivr.actions.base import ActionContext, action
from ivr.flow.questions import Question, Reading
from ivr.flow.signals import Exhausted, WantsElse


@action(
    "options",
    "nothing",
    "unclear",
    prompts={"que_necesita": "", "algo_mas": ""},
    parameters={"ask": ("que_necesita", "algo_mas")},
)
def route_intent(context: ActionContext) -> str:
    """Ask what the caller needs; words lead where the flow's ``intents`` say.

    ``options``: by key 1, or a bare yes; ``nothing``: by key 2, no, or goodbye; ``unclear``:
    nothing understood.
    """
    conversation = context.conversation

    def read(words: str) -> Reading | None:
        intent = conversation.understand("intent", words)
        if intent and intent.value["intent"] == "goodbye":
            return Reading("nothing", intent.confidence, "intent")
        if intent and intent.value["intent"] in conversation.intents:
            return Reading(intent, intent.confidence, "intent")
        if conversation.texts.choose(("nada_mas",), words):
            return Reading("nothing", 1.0, "choice")
        answer = conversation.read_yesno(words)
        if answer is None:
            return None
        return Reading("options" if answer.value else "nothing", answer.confidence, "yesno")

    try:
        answer = conversation.ask_or_give_up(
            Question(
                prompt=context.parameters.get("ask", "que_necesita"),
                read_words=read,
                read_keys={"1": "options", "2": "nothing"}.get,
                kinds=("intent",),
                retries=1,
                silence_retries=1,
                own_intents=conversation.intents,
            )
        )
    except Exhausted as exhausted:
        return "nothing" if exhausted.silent and context.state.achieved else "unclear"
    if isinstance(answer.value, str):
        return answer.value
    raise WantsElse(answer.value.value["intent"], answer.value)
