"""Walks a call through its flow, one step after the other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from ivr.errors import CallerHungUp
from ivr.flow.conversation import Conversation
from ivr.flow.document import Fallback, Flow, Step
from ivr.flow.events import (
    ActionFinished,
    ActionStarted,
    FlowFailed,
    StepEntered,
    Transferred,
)
from ivr.flow.questions import Question, Reading
from ivr.flow.signals import Exhausted, GoBack, PersonWanted, Restart, Urgent, WantsElse
from ivr.ports import TransferTarget

Outcome = Literal["completed", "transferred", "voicemail"]
MOST_STEPS = 300
"""A call that takes more steps than this is going in circles: it gets a person."""
URGENT_PRIORITY = 10


class Actions(Protocol):
    """Performs the ``do:`` verbs and the recording."""

    def perform(self, action: str, parameters: dict[str, str]) -> str:
        """Run an action and return one of its declared outcomes."""
        ...

    def start_recording(self) -> None: ...
    def stop_recording(self) -> None: ...


@dataclass
class Runner:
    """One call in one flow. ``run`` returns how it ended, or raises CallerHungUp."""

    flow: Flow
    conversation: Conversation
    actions: Actions
    on_failure: Callable[[Exception], None] = lambda _error: None
    """Told of an exception in a step, for the log; the caller goes to a person."""

    def __post_init__(self) -> None:
        self._asked: list[str] = []
        """Steps that listened to the caller, latest last: where "atrás" leads."""
        self._first_menu = ""
        self._ended: Outcome | None = None
        self._broken = False

    def run(self) -> Outcome:
        """Play the flow from its start to its end."""
        here = self.flow.start.step
        for _ in range(MOST_STEPS):
            here = self._enter(self.flow.steps[here])
            if self._ended:
                return self._ended
        self._fail(RuntimeError("the flow goes in circles"))
        self._transfer_blindly()
        return "transferred"

    def _enter(self, step: Step) -> str:
        """Do one step and name the next."""
        self.conversation.emit(StepEntered(step=step.name, verb=step.verb))
        try:
            return self._do(step)
        except CallerHungUp:
            raise
        except PersonWanted:
            return step.outcomes.get("wants_person", self.flow.person).step
        except Urgent as urgent:
            today = self.flow.urgency_today
            return (today if urgent.level == "today" and today else self.flow.urgency).step
        except WantsElse as other:
            self.conversation.said = other.said
            return self.flow.intents[other.intent].step
        except GoBack:
            return self._back(step)
        except Restart:
            return self._first_menu or self.flow.start.step
        except Exception as error:
            if self._broken:
                self._transfer_blindly()
                return step.name
            self._fail(error)
            return step.outcomes.get("failed", self.flow.person).step

    def _do(self, step: Step) -> str:
        conversation = self.conversation
        match step.verb:
            case "say":
                conversation.say(step.argument)
            case "menu":
                return self._menu(step)
            case "ask":
                return self._ask(step)
            case "do":
                return self._action(step)
            case "transfer":
                self._transfer(step)
            case "record":
                if step.argument == "start":
                    self.actions.start_recording()
                else:
                    self.actions.stop_recording()
            case "voicemail":
                if step.prompt:
                    conversation.say(step.prompt)
                self._hand_on(TransferTarget("voicemail", step.argument), "voicemail")
            case "hangup":
                if step.argument:
                    conversation.say(step.argument)
                conversation.phone.hangup()
                self._ended = "completed"
            case "goto":
                return step.argument
        return step.next.step if step.next else step.name

    # --- Verbs that listen -----------------------------------------------------------

    def _menu(self, step: Step) -> str:
        self._remember(step)
        self._first_menu = self._first_menu or step.name
        conversation = self.conversation
        by_key = {choice.key: choice.target.step for choice in step.choices}
        by_words = {choice.heard: choice.target.step for choice in step.choices}

        def read_words(words: str) -> Reading | None:
            chosen = conversation.texts.choose(tuple(by_words), words)
            if chosen and chosen[1] == 1.0:
                return self._matter(by_words[chosen[0]], 1.0)
            intent = conversation.understand("intent", words)
            if intent:
                name = intent.value["intent"]
                if name in self.flow.intents:
                    conversation.said = intent
                    step_name = self.flow.intents[name].step
                    return Reading(step_name, intent.confidence, "intent", intent.value)
            number = conversation.understand("number", words)
            if number and str(number.value) in by_key:
                return self._matter(by_key[str(number.value)], number.confidence)
            if chosen:
                return self._matter(by_words[chosen[0]], chosen[1])
            return None

        def read_keys(digits: str) -> Reading | None:
            return self._matter(by_key[digits]) if digits in by_key else None

        return self._asked_in_step(
            step,
            Question(
                prompt=step.argument,
                read_words=read_words,
                read_keys=read_keys,
                kinds=("choice", "intent"),
                hints=tuple(
                    words
                    for choice in step.choices
                    for words in conversation.texts.choices.get(choice.heard, ())[:3]
                ),
                own_intents=frozenset(self.flow.intents),
                retries=_retries(step.not_understood),
                silence_retries=_retries(step.silence),
            ),
        )

    def _matter(self, step: str, confidence: float = 1.0) -> Reading:
        """A menu's option, shown as the intent that leads to the same step, if one does."""
        for intent, target in self.flow.intents.items():
            if target.step == step:
                return Reading(step, confidence, "intent", {"intent": intent, "slots": {}})
        return Reading(step, confidence, "choice", step)

    def _ask(self, step: Step) -> str:
        self._remember(step)
        conversation = self.conversation
        question = Question(
            prompt=step.argument,
            read_words=lambda words: conversation.read(step.kind, words),
            read_keys=lambda keys: keys if step.kind in _KEYED and len(keys) > 1 else None,
            kinds=(step.kind,),
            keys=20 if step.kind in _KEYED else 1,
            dictation=step.kind in _KEYED,
            retries=_retries(step.not_understood),
            silence_retries=_retries(step.silence),
        )
        return self._asked_in_step(step, question)

    def _asked_in_step(self, step: Step, question: Question) -> str:
        """Ask and go where the answer, or the lack of one, leads."""
        try:
            answer = self.conversation.ask_or_give_up(question)
        except Exhausted as exhausted:
            fallback = step.silence if exhausted.silent else step.not_understood
            return (fallback.target if fallback else self.flow.person).step
        if step.verb == "menu":
            return str(answer.value)
        self.conversation.values[step.save] = answer.words or str(answer.value)
        return step.next.step if step.next else step.name

    # --- Everything else -------------------------------------------------------------

    def _action(self, step: Step) -> str:
        self._remember(step)
        self.conversation.emit(ActionStarted(action=step.argument))
        outcome = self.actions.perform(step.argument, step.parameters)
        self.conversation.emit(ActionFinished(action=step.argument, outcome=outcome))
        target = step.outcomes.get(outcome)
        if target is None:
            raise RuntimeError(f"{step.argument} has no outcome {outcome}")
        return target.step

    def _transfer(self, step: Step) -> None:
        if step.prompt:
            self.conversation.say(step.prompt)
        priority = URGENT_PRIORITY if step.urgent else 0
        kind: Literal["queue", "extension"] = "extension" if step.to == "extension" else "queue"
        self._hand_on(TransferTarget(kind, step.argument, priority), "transferred")

    def _hand_on(self, target: TransferTarget, outcome: Outcome) -> None:
        self.conversation.phone.transfer(target)
        self.conversation.emit(
            Transferred(kind=target.kind, name=target.name, priority=target.priority)
        )
        self._ended = outcome

    def _transfer_blindly(self) -> None:
        """The person's step itself broke: the switch takes the caller to the queue."""
        self._hand_on(TransferTarget("queue", "recepcion"), "transferred")

    def _fail(self, error: Exception) -> None:
        self._broken = True
        self.on_failure(error)
        self.conversation.emit(FlowFailed(error=type(error).__name__))

    def _remember(self, step: Step) -> None:
        if not self._asked or self._asked[-1] != step.name:
            self._asked.append(step.name)

    def _back(self, step: Step) -> str:
        """The step that listened before this one; the same when it was the first."""
        if self._asked and self._asked[-1] == step.name:
            self._asked.pop()
        if not self._asked:
            self.conversation.say("sin_paso_atras")
            return step.name
        return self._asked.pop()


_KEYED = frozenset({"number", "phone", "date", "national_id"})
"""Kinds whose answer can be keyed in digits."""


def _retries(fallback: Fallback | None) -> int:
    return fallback.retry if fallback else 2
