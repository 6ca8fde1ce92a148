"""Events of the reception: who is in which state, who waits in which place."""

from typing import Literal

from ivr.flow.event_base import EventBase, PersonalText


class AgentNoAnswer(EventBase):
    """An agent's phone rang for this call, or the call was declined, in vain."""

    type: Literal["agent.no_answer"] = "agent.no_answer"
    agent: str


class QueueMoved(EventBase):
    """A supervisor (``by``) gave a waiting caller another priority."""

    type: Literal["queue.moved"] = "queue.moved"
    queue: str
    priority: int
    by: str


class PlaceKept(EventBase):
    """The caller hangs up and keeps the place in line: we call when it is their turn."""

    type: Literal["queue.place_kept"] = "queue.place_kept"
    queue: str


class PlaceChanged(EventBase):
    """Somebody at the desk (``by``) took a kept place out of the line, or put it back."""

    type: Literal["queue.place_changed"] = "queue.place_changed"
    queue: str
    status: Literal["cancelled", "waiting"]
    by: str
    note: PersonalText = ""


class CallDisposed(EventBase):
    """The agent said how the call ended; ``code`` is one of the clinic's."""

    type: Literal["call.disposed"] = "call.disposed"
    agent: str
    code: str
    note: PersonalText = ""


class MessageChanged(EventBase):
    """A message to a patient was asked for by ``agent``, sent, or could not be sent.
    ``reason`` is a code; while ``queued`` it says why the last try failed."""

    type: Literal["message.changed"] = "message.changed"
    message_id: int
    appointment_id: int
    channel: str
    status: Literal["queued", "sent", "failed"]
    reason: str = ""
    agent: str = ""


class AgentStateChanged(EventBase):
    """An agent is in another state from now on, or what follows their call is another.
    ``off``: not at work. ``until`` (ISO 8601) is when a wrap-up ends or a timed pause becomes
    too long; ``by`` the supervisor who changed it."""

    type: Literal["agent.state"] = "agent.state"
    agent: str
    state: Literal["off", "available", "ringing", "on_call", "wrap_up", "paused", "away"]
    reason: str = ""
    until: str = ""
    call: str = ""
    by: str = ""
