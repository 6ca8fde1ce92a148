"""What became of a call that was placed: Asterisk says it in two events, in either order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from ivr.adapters.asterisk.ami_packets import Packet
from ivr.calls.unreached import CAUSES, Unreached

DialResult = Literal["answered", "busy", "no_answer", "unreachable"]

_DIAL_RESULTS: dict[str, DialResult] = {"1": "no_answer", "3": "no_answer", "5": "busy"}
"""``OriginateResponse`` reasons (Asterisk's control frames); others: unreachable."""
_REASONS: dict[Unreached, DialResult] = {
    "busy": "busy",
    "no_answer": "no_answer",
    "no_response": "no_answer",
}
"""Why a called line was not answered: SIP's 486 comes as reason 0. Others: unreachable."""


@dataclass
class PlacedCalls:
    """``tell`` is told each result once."""

    tell: Callable[[str, DialResult], None]
    _refused: set[str] = field(default_factory=set)
    """Placed calls that failed; why, the end of their channel tells."""
    _unanswered: dict[str, DialResult] = field(default_factory=dict)
    """Why a placed call's channel ended, until the switch answers to Originate."""

    def hung_up(self, call_id: str, cause: int) -> None:
        """The channel of a placed call ended before anybody answered."""
        why = CAUSES.get(cause)
        result = _REASONS.get(why, "unreachable") if why else "unreachable"
        if call_id in self._refused:
            self._refused.discard(call_id)
            self.tell(call_id, result)
        else:
            self._unanswered[call_id] = result

    def response(self, call_id: str, packet: Packet, *, has_channel: bool) -> None:
        """The switch's ``OriginateResponse``; ``has_channel``: the call's is still there."""
        if packet.get("Response") == "Success":
            self.tell(call_id, "answered")
        elif (reason := packet.get("Reason", "")) in _DIAL_RESULTS:
            self.tell(call_id, _DIAL_RESULTS[reason])
        elif has_channel:
            self._refused.add(call_id)
        else:
            self.tell(call_id, self._unanswered.pop(call_id, "unreachable"))
