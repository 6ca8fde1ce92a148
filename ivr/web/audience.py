"""Which events a screen receives, and with which fields."""

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ivr.agents.viewer import Viewer
from ivr.calls.schemas import NumberedEvent
from ivr.flow.events import PersonalMark
from ivr.flow.phone_events import SUPERVISORS_ONLY

Sight = Literal["full", "bare", "none"]

COUNTED = frozenset(
    {
        "call.started",
        "call.answered",
        "call.ended",
        "queue.joined",
        "queue.left",
        "queue.moved",
        "agent.no_answer",
        "agent.ringing",
        "agent.connected",
        "agent.disconnected",
    }
)
"""Of another branch's calls only these are sent, without personal fields: the queue is one
for all branches and its length is everybody's business."""


@dataclass
class CallOnAir:
    """What deciding about a live call's events takes."""

    id: str
    branch_id: int | None
    ani: str = ""
    patient_id: int | None = None
    rang: set[str] = field(default_factory=set)
    """Users on whose phone it rang: it is their call from then on."""


class Audience(Protocol):
    """Somebody with a screen."""

    def sight(self, event: NumberedEvent, call: CallOnAir | None) -> Sight:
        """How much of ``event`` they get; ``call`` is the one it belongs to."""
        ...


@dataclass(frozen=True)
class Desk:
    """A logged-in user at the console."""

    viewer: Viewer

    def sees(self, call: CallOnAir) -> bool:
        """Whether the call is theirs to read."""
        return self.viewer.sees_branch(call.branch_id) or self.viewer.username in call.rang

    def sight(self, event: NumberedEvent, call: CallOnAir | None) -> Sight:
        """Everything of the own branch and of own calls; counts of the others. An agenda is
        its branch's, whichever call changes it; what a supervisor does in secret, supervisors
        of that branch's."""
        if event.type in SUPERVISORS_ONLY and not self.viewer.supervises:
            return "none"
        if event.type == "appointment.changed" and self.viewer.sees_branch(event.branch_id):
            return "full"
        if self.viewer.sees_branch(event.branch_id) and (call is None or self.sees(call)):
            return "full"
        if call is not None and self.viewer.username in call.rang:
            return "full"
        return "bare" if event.type in COUNTED else "none"


@dataclass
class Caption:
    """The page that phones the demo clinic: it reads along with its own call, no other."""

    ani: str
    call_id: str | None = None

    def sight(self, event: NumberedEvent, call: CallOnAir | None) -> Sight:
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
