"""Consultations: an agent asks somebody while the caller waits."""

from collections.abc import Callable
from typing import Generic, Literal, Protocol, TypeVar

from ivr.flow.events import ConsultAnswered, ConsultEnded, EventBase

_CONSULTED: dict[str, Literal["answered", "busy", "no_answer", "unreachable", "cancelled"]] = {
    "ANSWER": "answered",
    "BUSY": "busy",
    "NOANSWER": "no_answer",
    "CANCEL": "cancelled",
}


class AskingChannel(Protocol):
    """What a consultation needs to know of a channel."""

    agent: str
    call_id: str | None


C = TypeVar("C", bound=AskingChannel)


class Consults(Generic[C]):
    """Who asks somebody while a caller waits. The dialplan tells on the asking channel how
    it goes (``calling``, ``over-<DIALSTATUS>``) and on the asked one that it was
    ``answered``."""

    def __init__(self, publish: Callable[[C, EventBase], None]) -> None:
        self._publish = publish
        self._asking: dict[str, C] = {}

    def told(self, channel: C, value: str) -> None:
        """The variable was set."""
        call_id = channel.call_id
        if call_id is None:
            return
        if value == "calling":
            self._asking[call_id] = channel
        elif value == "answered" and call_id in self._asking:
            asking = self._asking[call_id]
            self._publish(asking, ConsultAnswered(agent=asking.agent, by=channel.agent))
        elif value.startswith("over-") and self._asking.get(call_id) is channel:
            del self._asking[call_id]
            result = _CONSULTED.get(value.removeprefix("over-"), "unreachable")
            self._publish(channel, ConsultEnded(agent=channel.agent, result=result))

    def left(self, channel: C) -> None:
        """The channel is gone."""
        if self._asking.get(channel.call_id or "") is channel:
            self.told(channel, "over-ANSWER")
