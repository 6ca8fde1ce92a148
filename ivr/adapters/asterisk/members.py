"""Members of the queues: which agents' phones are there, as the switch tells it."""

import re
from collections.abc import Callable
from typing import Literal

from ivr.adapters.asterisk.ami_packets import Packet

Signal = Literal["ringing", "no_answer", "ring_over", "talking", "talked", "present", "absent"]
"""What the switch tells of an agent's phone (see :mod:`ivr.agents.machine`)."""

_GONE = frozenset({"4", "5"})
"""Device states (invalid, unavailable) of a phone that cannot ring."""
_MEMBER = re.compile(r"PJSIP/agent-([a-z0-9_.-]{1,64})", re.ASCII)


def member(packet: Packet) -> str:
    """User name of the agent whose phone a queue's member is, or empty."""
    names = (packet.get(name, "") for name in ("Interface", "StateInterface", "Location"))
    match = _MEMBER.fullmatch(next(filter(None, names), ""))
    return match[1] if match else ""


class Members:
    """Tells when an agent's phone comes and when it goes, each once."""

    def __init__(self, tell: Callable[[str, Signal, str], None]) -> None:
        self._tell = tell
        self._there: dict[str, bool] = {}

    def status(self, packet: Packet) -> None:
        """A member's device state, from an event or a list."""
        agent = member(packet)
        there = packet.get("Status", "") not in _GONE
        if agent and self._there.get(agent) != there:
            self._there[agent] = there
            self._tell(agent, "present" if there else "absent", "")
