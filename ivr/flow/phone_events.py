"""Events of what agents and supervisors do with a call in hand.

Who handles a call is told by ``agent.connected`` and ``agent.disconnected``, one pair for
each agent; a hold, a consultation or a conference happens between the two.
"""

from typing import Literal

from ivr.flow.event_base import EventBase, PersonalText

TargetKind = Literal["agent", "queue", "outside"]


class CallHeld(EventBase):
    """The agent put the caller on hold: they hear music."""

    type: Literal["call.held"] = "call.held"
    agent: str


class CallResumed(EventBase):
    """The agent is back with the caller."""

    type: Literal["call.resumed"] = "call.resumed"
    agent: str


class ConsultStarted(EventBase):
    """The agent calls somebody while the caller waits. ``to`` is a user name or a queue;
    ``number`` the outside number (E.164)."""

    type: Literal["consult.started"] = "consult.started"
    agent: str
    kind: TargetKind
    to: str = ""
    number: PersonalText = ""


class ConsultAnswered(EventBase):
    """Whom the agent called answered; ``by`` is a user name, empty for an outside number."""

    type: Literal["consult.answered"] = "consult.answered"
    agent: str
    by: str = ""


class ConsultEnded(EventBase):
    """The consultation is over and the agent back with the caller, or gone; ``cancelled``:
    the agent went back before anybody answered."""

    type: Literal["consult.ended"] = "consult.ended"
    agent: str
    result: Literal["answered", "busy", "no_answer", "unreachable", "cancelled"]


class ConferenceStarted(EventBase):
    """The caller, the agent and whom they called talk together."""

    type: Literal["conference.started"] = "conference.started"
    agent: str


class CallHandedOver(EventBase):
    """The agent handed the caller on; ``warm``: after announcing it. ``to`` and ``number``
    as in ``consult.started``."""

    type: Literal["call.handed_over"] = "call.handed_over"
    agent: str
    how: Literal["blind", "warm"]
    kind: TargetKind
    to: str = ""
    number: PersonalText = ""


class CallTakenOver(EventBase):
    """A supervisor took the call from the agent."""

    type: Literal["call.taken_over"] = "call.taken_over"
    agent: str
    supervisor: str


class CallTakenBack(EventBase):
    """The agent took the call back that they had handed on, before anybody answered."""

    type: Literal["call.taken_back"] = "call.taken_back"
    agent: str


class AgentLost(EventBase):
    """The agent's phone went away in the middle of the call; the caller hears music while
    it is rung again."""

    type: Literal["agent.lost"] = "agent.lost"
    agent: str


class RecordingPaused(EventBase):
    """Silence is recorded from here on."""

    type: Literal["recording.paused"] = "recording.paused"
    agent: str


class RecordingResumed(EventBase):
    """The conversation is recorded again."""

    type: Literal["recording.resumed"] = "recording.resumed"
    agent: str


class SupervisionStarted(EventBase):
    """A supervisor hears the agent's conversation (``listen``), speaks to the agent only
    (``whisper``) or to both (``barge``). Only supervisors are told."""

    type: Literal["supervision.started"] = "supervision.started"
    supervisor: str
    agent: str
    mode: Literal["listen", "whisper", "barge"]


class SupervisionEnded(EventBase):
    """The supervisor no longer takes part. Only supervisors are told."""

    type: Literal["supervision.ended"] = "supervision.ended"
    supervisor: str
    agent: str


SUPERVISORS_ONLY = frozenset({"supervision.started", "supervision.ended"})
"""Types nobody but supervisors is told of: not even the agent whose call it is."""
