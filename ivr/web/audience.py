"""Which events and calls a screen receives, and with which fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ivr.agents.viewer import Viewer
from ivr.calls.schemas import NumberedEvent
from ivr.flow.events import PersonalMark
from ivr.flow.phone_events import SUPERVISORS_ONLY

Sight = Literal["full", "bare", "none"]
"""Of an event: all of it, without personal fields, not at all."""

CallSight = Literal["full", "waiting", "bare"]
"""Of a call: all of it; who waits, in the fewest words; that there is one."""

QUEUED = frozenset(
    {
        "queue.joined",
        "queue.left",
        "queue.moved",
        "agent.no_answer",
        "agent.ringing",
        "agent.connected",
        "agent.disconnected",
    }
)
"""What a call's way through the queue consists of; no personal fields in any."""

COUNTED = QUEUED | {
    "call.started",
    "call.answered",
    "call.ended",
    "queue.place_kept",
    "queue.place_changed",
}
"""Of calls that are not theirs to read agents get only these, without personal fields: how
many call and wait, and who of the colleagues is busy, is everybody's business."""

OF_BRANCH = frozenset({"appointment.changed", "patient.changed", "ticket.changed"})
"""The branch's agenda, files and tasks, whichever call changes them."""


class Happened(Protocol):
    """An event as stored, however it was read."""

    @property
    def number(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def branch_id(self) -> int | None: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass
class CallOnAir:
    """What deciding about a live call takes. Sets hold user names."""

    id: str
    branch_id: int | None
    other: str = ""
    """Number of the one who calls or is called."""
    patient_id: int | None = None
    placed_by: str = ""
    """The agent who dialled it."""
    queue: str = ""
    """Where it waits."""
    ringing: frozenset[str] = field(default_factory=frozenset)
    asked: frozenset[str] = field(default_factory=frozenset)
    """Colleagues consulted about it."""
    talked: frozenset[str] = field(default_factory=frozenset)
    """Who had it in their hands: they answer for it from then on."""
    last: int = 0
    """Number of its last event."""

    def take(self, event: Happened) -> None:
        """Go on by one event."""
        self.last = event.number
        if event.branch_id is not None and event.type not in OF_BRANCH:
            self.branch_id = event.branch_id
        data = event.data
        match event.type:
            case "call.started":
                outbound = data["direction"] == "outbound"
                self.other = data["dnis" if outbound else "ani"]
                self.placed_by = data.get("agent", "")
            case "patient.identified":
                self.patient_id = data["patient_id"]
            case "queue.joined":
                self.queue = data["queue"]
                self.ringing = frozenset()
            case "queue.left":
                self.queue = ""
                if data["reason"] != "connected":
                    self.ringing = frozenset()
            case "agent.ringing":
                self.ringing |= {data["agent"]}
            case "agent.no_answer":
                self.ringing -= {data["agent"]}
            case "agent.connected":
                self.talked |= {data["agent"]}
                self.queue = ""
                self.ringing = frozenset()
            case "consult.started" if data["kind"] == "agent":
                self.asked |= {data["to"]}
            case "consult.answered" if data.get("by"):
                self.asked |= {data["by"]}
            case "consult.ended":
                self.asked = self.ringing = frozenset()

    def concerns(self, username: str) -> bool:
        """Whether the call is this user's: it rings there, they are or were in it, are asked
        about it, or placed it."""
        return (
            username in self.ringing
            or username in self.talked
            or username in self.asked
            or username == self.placed_by
        )


class Audience(Protocol):
    """Somebody with a screen."""

    def sight(
        self, event: NumberedEvent, call: CallOnAir | None, before: CallOnAir | None = None
    ) -> Sight:
        """How much of ``event`` they get; ``call`` is the one it belongs to, ``before`` the
        same as it was, where the event changes whose it is."""
        ...


@dataclass
class Desk:
    """A logged-in user at the console."""

    viewer: Viewer
    queues: frozenset[str] = frozenset()
    """Which they serve."""
    board: bool = False
    """Whether the wallboard is on their screen."""

    def __post_init__(self) -> None:
        self._supervises = self.viewer.supervises

    def of_call(self, call: CallOnAir) -> CallSight:
        """How much of a call is theirs to read: decision 0040."""
        if self._reads(call):
            return "full"
        own_branch = not self._supervises and self.viewer.sees_branch(call.branch_id)
        return "waiting" if own_branch and call.queue in self.queues else "bare"

    def _reads(self, call: CallOnAir | None) -> bool:
        """Whether all of a call is theirs to read. Asked for each event and each screen."""
        if call is None:
            return False
        if self._supervises and self.viewer.sees_branch(call.branch_id):
            return True
        return call.concerns(self.viewer.username)

    def sight(
        self, event: NumberedEvent, call: CallOnAir | None, before: CallOnAir | None = None
    ) -> Sight:
        """Everything of own calls, also the event that takes them away; counts of the others.
        What a supervisor does in secret is for supervisors."""
        if not self._supervises and event.type in SUPERVISORS_ONLY:
            return "none"
        of_branch = call is None or event.type in OF_BRANCH
        if of_branch and self.viewer.sees_branch(event.branch_id):
            return "full"
        if self._reads(call) or self._reads(before):
            return "full"
        return "bare" if event.type in COUNTED else "none"


@dataclass
class Caption:
    """The page that phones the demo clinic: it reads along with its own call, no other."""

    ani: str
    call_id: str | None = None

    def sight(
        self, event: NumberedEvent, call: CallOnAir | None, before: CallOnAir | None = None
    ) -> Sight:
        """Ties itself to the first call that comes in from its number, or from none where
        it withholds it: a call that goes out has none either."""
        if self.call_id is None and event.type == "call.started":
            started = event.data
            if (started["direction"], started["ani"]) == ("inbound", self.ani):
                self.call_id = event.call_id
        own = event.call_id is not None and event.call_id == self.call_id
        own = own and event.type not in SUPERVISORS_ONLY
        return "full" if own else "none"


def without_personal_fields(event: NumberedEvent) -> dict[str, Any]:
    """The event's data with every field marked as personal removed, and the number of a
    patient who was called."""
    fields = type(event.event).model_fields
    outbound = event.data.get("direction") == "outbound"
    return {
        name: value
        for name, value in event.data.items()
        if not (outbound and name == "dnis")
        and not any(isinstance(mark, PersonalMark) for mark in fields[name].metadata)
    }
