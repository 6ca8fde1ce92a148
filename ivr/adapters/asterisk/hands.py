"""What the switch says of an agent's call: its channels, and who of them talks with whom."""

from dataclasses import dataclass

from ivr.adapters.asterisk import edge
from ivr.adapters.asterisk.ami_packets import Packet
from ivr.adapters.asterisk.tracked import agent_of
from ivr.errors import Conflict

ROOM = "room"
"""Dialplan context of a conversation's conference and of those who step out of it."""


@dataclass(frozen=True)
class Channel:
    """One channel, as ``Status`` tells it."""

    name: str
    unique_id: str
    call_id: str
    caller_id: str
    """Unique id of the channel of the call's caller, if this one knows it."""
    context: str
    exten: str
    bridge: str
    application: str

    @property
    def agent(self) -> str:
        """Whose phone it is, or empty."""
        return agent_of(self.name)


@dataclass(frozen=True)
class Hand:
    """A call as one agent holds it."""

    agent: Channel
    caller: Channel
    others: tuple[Channel, ...]

    @property
    def in_room(self) -> bool:
        """The caller is in the conversation's room."""
        return self.caller.context == ROOM

    @property
    def consulting(self) -> bool:
        return self.agent.context == ROOM and self.agent.exten == "consult"

    @property
    def asked(self) -> Channel | None:
        """Who talks with the agent in a consultation."""
        if not self.consulting or not self.agent.bridge:
            return None
        return next((c for c in self.others if c.bridge == self.agent.bridge), None)

    @property
    def present(self) -> tuple[Channel, ...]:
        """Who else talks with the caller in the room."""
        return tuple(c for c in self.others if c.context == ROOM and c.exten == "agent")


def channel_of(packet: Packet) -> Channel:
    """The channel that an event of ``Status`` tells of."""
    variables = packet.variables("Variable")
    return Channel(
        name=packet.get("Channel", ""),
        unique_id=packet.get("Uniqueid", ""),
        call_id=edge.call_id(variables.get("AURICULA_CALL", "")) or "",
        caller_id=variables.get("AURICULA_CALLER", ""),
        context=packet.get("Context", ""),
        exten=packet.get("Exten", ""),
        bridge=packet.get("BridgeID", ""),
        application=packet.get("Application", ""),
    )


def hand_of(mine: Channel, channels: list[Channel]) -> Hand:
    """The call of the agent's channel ``mine``; :class:`Conflict` without its caller."""
    call = [c for c in channels if c.call_id == mine.call_id and c.unique_id != mine.unique_id]
    known = {c.caller_id for c in (*call, mine) if c.caller_id}
    caller = next((c for c in call if c.unique_id in known), None)
    if caller is None:
        raise Conflict("The caller has hung up.")
    others = tuple(c for c in call if c is not caller)
    return Hand(mine, caller, others)
