"""The states of an agent and the one table of how they follow each other. Pure.

An agent has a *state* (what is so) and a *wish* (what they return to after a call): a pause
asked for in the middle of a call begins once the call and its wrap-up are over.
"""

from dataclasses import dataclass, replace
from typing import Literal

State = Literal["off", "available", "ringing", "on_call", "wrap_up", "paused", "away"]
Wished = Literal["off", "available", "paused"]
Signal = Literal["ringing", "no_answer", "ring_over", "talking", "talked", "present", "absent"]
"""What the switch tells: the phone rings, rang in vain, stopped ringing for another reason,
has a conversation, has none any more, is there, is gone."""

NO_ANSWER = "no_answer"
"""Reason of the pause of an agent whose phone rang in vain (RONA)."""

_THERE: dict[Signal, bool] = {"present": True, "talking": True, "absent": False}

TRANSITIONS: dict[State, frozenset[State]] = {
    "off": frozenset({"available", "paused"}),
    "available": frozenset({"ringing", "on_call", "paused", "away", "off"}),
    "ringing": frozenset({"available", "on_call", "paused", "away", "off"}),
    "on_call": frozenset({"wrap_up", "available", "paused", "away", "off"}),
    "wrap_up": frozenset({"available", "ringing", "on_call", "paused", "away", "off"}),
    "paused": frozenset({"available", "ringing", "on_call", "paused", "away", "off"}),
    "away": frozenset({"available", "ringing", "on_call", "paused", "off"}),
}


@dataclass(frozen=True)
class Desk:
    """An agent now. ``call_id`` is the call the state is about, empty for none known."""

    state: State = "off"
    reason: str = ""
    call_id: str = ""
    wish: Wished = "off"
    wish_reason: str = ""
    by: str = ""
    """The supervisor who put them there, with a ``note``; empty: nobody else did."""
    note: str = ""
    wish_by: str = ""
    """The supervisor who wants what comes, until it has come."""
    wish_note: str = ""
    there: bool = True
    """Whether the phone is there: without one nobody is available."""

    @property
    def silent(self) -> str:
        """Why the switch must not ring this phone; empty when it may."""
        if self.state in ("available", "ringing", "on_call"):
            return self.wish_reason or "paused" if self.wish == "paused" else ""
        return self.reason or self.state


def wished(desk: Desk, wish: Wished, reason: str = "", by: str = "", note: str = "") -> Desk:
    """After the agent, or a supervisor (``by``), asked for ``wish``. A call is never cut by
    it."""
    why = reason if wish == "paused" else ""
    asked = replace(desk, wish=wish, wish_reason=why, wish_by=by, wish_note=note)
    if desk.state in ("ringing", "on_call"):
        return asked
    return _to_wish(asked)


def heard(desk: Desk, signal: Signal, call_id: str = "", *, wraps_up: bool = True) -> Desk:
    """After the switch told ``signal``; the same desk where it changes nothing.

    ``wraps_up``: the clinic gives time after a call.
    """
    if signal in _THERE:
        desk = replace(desk, there=_THERE[signal])
    if desk.state == "off":
        return desk
    match signal:
        case "ringing" if desk.state not in ("on_call", "ringing"):
            return _moved(desk, "ringing", call_id=call_id)
        case "no_answer" if desk.state in ("ringing", "available"):
            return _to_wish(
                replace(desk, wish="paused", wish_reason=NO_ANSWER, wish_by="", wish_note="")
            )
        case "ring_over" if desk.state == "ringing" and _same(desk, call_id):
            return _to_wish(desk)
        case "talking" if not (desk.state == "on_call" and desk.call_id):
            return _moved(desk, "on_call", call_id=call_id)
        case "talked" if desk.state == "on_call" and _same(desk, call_id):
            if wraps_up and desk.call_id:
                return _moved(desk, "wrap_up", call_id=desk.call_id)
            return _to_wish(desk)
        case "absent" if desk.state in ("available", "wrap_up"):
            return _moved(desk, "away")
        case "present" if desk.state == "away":
            return _to_wish(desk)
    return desk


def wrapped_up(desk: Desk) -> Desk:
    """After the wrap-up ended, by the agent or by time."""
    return _to_wish(desk) if desk.state == "wrap_up" else desk


def _same(desk: Desk, call_id: str) -> bool:
    return not desk.call_id or not call_id or desk.call_id == call_id


def _to_wish(desk: Desk) -> Desk:
    if desk.wish == "available" and not desk.there:
        return _moved(desk, "away")
    moved = _moved(desk, desk.wish, reason=desk.wish_reason)
    return replace(moved, by=desk.wish_by, note=desk.wish_note, wish_by="", wish_note="")


def _moved(desk: Desk, state: State, *, reason: str = "", call_id: str = "") -> Desk:
    if state != desk.state and state not in TRANSITIONS[desk.state]:
        return desk
    return replace(desk, state=state, reason=reason, call_id=call_id, by="", note="")
