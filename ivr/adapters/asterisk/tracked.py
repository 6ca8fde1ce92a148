"""What is known of the switch: its channels, who waits in them, and who is told."""

import re
from dataclasses import dataclass
from typing import Literal, Protocol

from ivr.adapters.asterisk.ami_packets import Packet
from ivr.adapters.asterisk.members import Signal
from ivr.adapters.asterisk.placed import DialResult
from ivr.flow.events import AgentLost, CallTakenBack, EventBase, QueueLeft

WhyLeft = Literal["connected", "abandoned", "timeout", "empty", "other"]
LEFT: dict[str, WhyLeft] = {"TIMEOUT": "timeout", "LEAVEEMPTY": "empty"}
"""By ``QUEUESTATUS``: a caller whom the dialplan takes on to another queue, or voicemail."""

_AGENT = re.compile(r"PJSIP/agent-(.+)-[0-9a-f]{8}", re.ASCII)


def agent_of(channel: str) -> str:
    """User name of the agent whose phone a channel is, or empty."""
    match = _AGENT.fullmatch(channel)
    return match[1] if match else ""


def said(variable: str, value: str) -> EventBase | None:
    """What the dialplan says of a caller by setting ``variable`` on their channel."""
    match variable:
        case "AURICULA_NOBODY":
            return QueueLeft(queue=value, reason="empty")
        case "AURICULA_RETURN" if value.startswith("agent-"):
            return AgentLost(agent=value.removeprefix("agent-"))
        case "AURICULA_BACK":
            return CallTakenBack(agent=value)
        case _:
            return None


class Listener(Protocol):
    """Who is told, in order; nobody makes the switch's next event wait. A call may be told
    of before the application has opened it."""

    def publish(self, call_id: str, event: EventBase) -> None: ...
    def call_over(self, call_id: str) -> None:
        """The last channel of the call is gone."""
        ...

    def dialled(self, call_id: str, result: DialResult) -> None:
        """What became of a call that was placed."""
        ...

    def message_left(self, call_id: str | None, file: str) -> None:
        """The dialplan's voicemail holds a message (path of a WAV file)."""
        ...

    def agent(self, username: str, signal: Signal, call_id: str) -> None:
        """Something about an agent's phone, in a call or (``call_id`` empty) in none known."""
        ...

    def reconciled(self, call_ids: frozenset[str], busy: frozenset[str]) -> None:
        """These calls, and no others, exist in the switch now; ``busy`` are the agents whose
        phone has a channel."""
        ...


class Switch(Protocol):
    """What reconciliation asks of the manager connection."""

    def list_action(self, name: str, fields: dict[str, object]) -> list[Packet]: ...


@dataclass
class Waiting:
    """A caller in a queue; ``leaving`` once they left for a reason not known yet.

    Asterisk calls it abandoned when they waited too long, too: ``QUEUESTATUS`` tells. A
    caller who chose voicemail by a key has none, but the dialplan sets ``CONVERSATION``.
    """

    queue: str
    since: float
    leaving: bool = False
    abandoned: bool = False


@dataclass
class TrackedChannel:
    """One channel of the switch."""

    unique_id: str
    name: str
    linked_id: str
    agent: str = ""
    """User name of the agent whose phone this is, or empty."""
    call_id: str | None = None
    answered: bool = False
    placed: bool = False
    """Called by the switch for nobody's channel: an Originate."""
    priority: int = 0
    waiting: Waiting | None = None
    talking_since: float | None = None
    spied: "TrackedChannel | None" = None
    """The agent's channel that this supervisor's hears."""
    engaged: bool = False
    """On the phone, but not with a caller."""
