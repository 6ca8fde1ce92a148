"""Events of a flow: what was said, heard, understood and done, step by step."""

from typing import Annotated, Any, Literal

from pydantic import Field

from ivr.flow.event_base import PERSONAL, EventBase, PersonalText


class StepEntered(EventBase):
    """The flow moved to a step."""

    type: Literal["step.entered"] = "step.entered"
    step: str
    verb: str


class PromptSaid(EventBase):
    """Something was said to the caller; ``key`` is the prompt's, if it has one."""

    type: Literal["prompt.said"] = "prompt.said"
    key: str = ""
    text: PersonalText


class TurnHeard(EventBase):
    """The caller spoke. ``confidence`` 0–1."""

    type: Literal["turn.heard"] = "turn.heard"
    text: PersonalText
    confidence: float
    alternatives: Annotated[list[str], PERSONAL] = Field(default_factory=list)


class TurnKeys(EventBase):
    """The caller pressed keys."""

    type: Literal["turn.keys"] = "turn.keys"
    keys: PersonalText


class TurnSilent(EventBase):
    """The caller neither spoke nor pressed."""

    type: Literal["turn.silent"] = "turn.silent"
    noise: bool = False


class TurnUnderstood(EventBase):
    """What the words or keys were taken to mean."""

    type: Literal["turn.understood"] = "turn.understood"
    kind: str
    value: Annotated[Any, PERSONAL]
    confidence: float = 1.0


class TurnNotUnderstood(EventBase):
    """The words or keys made no sense here; ``attempt`` counts from 1."""

    type: Literal["turn.not_understood"] = "turn.not_understood"
    attempt: int


class SpeechUnavailable(EventBase):
    """The recognizer failed: the call goes on by keys."""

    type: Literal["speech.unavailable"] = "speech.unavailable"
    reason: str = ""


class ActionStarted(EventBase):
    """A ``do:`` action began."""

    type: Literal["action.started"] = "action.started"
    action: str


class ActionFinished(EventBase):
    """A ``do:`` action ended with one of its declared outcomes."""

    type: Literal["action.finished"] = "action.finished"
    action: str
    outcome: str


class RedFlagHeard(EventBase):
    """Words that sound like an urgency were heard; the call leaves its step at once."""

    type: Literal["red_flag.heard"] = "red_flag.heard"
    level: Literal["emergency", "today"]
    text: PersonalText


class PersonRequested(EventBase):
    """The caller asked for a person, by key or by word."""

    type: Literal["person.requested"] = "person.requested"
    how: Literal["key", "voice", "fallback"]


class Transferred(EventBase):
    """The application handed the call on."""

    type: Literal["call.transferred"] = "call.transferred"
    kind: str
    name: str = ""
    priority: int = 0


class FlowFailed(EventBase):
    """The flow broke; the caller was taken to a person. ``error`` holds no personal data."""

    type: Literal["flow.failed"] = "flow.failed"
    error: str
