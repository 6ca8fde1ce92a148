"""Follows the switch: which channels exist, which call each belongs to, who waits.

Turns manager events into events of calls. It knows nothing of the database: everything
goes out through :class:`Listener`. It runs in the thread that handles the events.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from ivr.adapters.asterisk import edge, tracked
from ivr.adapters.asterisk.ami_packets import Packet
from ivr.adapters.asterisk.consults import Consults
from ivr.adapters.asterisk.members import Members, member
from ivr.adapters.asterisk.placed import PlacedCalls
from ivr.adapters.asterisk.supervision import Supervision
from ivr.adapters.asterisk.tracked import Listener, Switch, TrackedChannel, Waiting, agent_of, said
from ivr.flow.events import (
    AgentConnected,
    AgentDisconnected,
    AgentNoAnswer,
    AgentRinging,
    CallAnswered,
    EventBase,
    LegAnswered,
    LegEnded,
    LegStarted,
    QueueJoined,
    QueueLeft,
)

DIALLED = "phone-"
"""Begins the ``ActionID`` of a call that an agent places; the conversation's id follows."""


@dataclass
class Tracker:
    """The switch as last heard of. ``clock`` counts seconds and never jumps."""

    listener: Listener
    clock: Callable[[], float] = time.monotonic
    agent_of: Callable[[str], str] = agent_of
    channels: dict[str, TrackedChannel] = field(default_factory=dict)
    """By ``Uniqueid``."""
    _calls: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _consults: Consults[TrackedChannel] = field(init=False)

    def __post_init__(self) -> None:
        self._consults = Consults(self._publish)
        self._supervision = Supervision(self._publish)
        self._members = Members(self.listener.agent)
        self._placed = PlacedCalls(self.listener.dialled)

    def snapshot(self) -> list[TrackedChannel]:
        """The channels now; safe from any thread."""
        with self._lock:
            return list(self.channels.values())

    def present(self) -> frozenset[str]:
        """The calls that have a channel now; safe from any thread."""
        return frozenset(c.call_id for c in self.snapshot() if c.call_id is not None)

    def channels_of(self, call_id: str) -> list[str]:
        """Names of a call's channels now; safe from any thread."""
        return [c.name for c in self.snapshot() if c.call_id == call_id]

    # --- Events -------------------------------------------------------------------------

    def handle(self, packet: Packet) -> None:
        """Take one manager event."""
        handler = _HANDLERS.get(packet.get("Event", ""))
        if handler is not None:
            handler(self, packet)

    def _new_channel(self, packet: Packet) -> None:
        unique_id, name = packet.get("Uniqueid", ""), packet.get("Channel", "")
        linked_id = packet.get("Linkedid", unique_id)
        channel = TrackedChannel(unique_id, name, linked_id, self.agent_of(name))
        with self._lock:
            self.channels[unique_id] = channel
        if channel.linked_id in self._calls:
            self._attach(channel, self._calls[channel.linked_id])
        self._state(packet)

    def _state(self, packet: Packet) -> None:
        channel = self._channel(packet)
        if channel is not None and packet.get("ChannelState") == "6" and not channel.answered:
            channel.answered = True
            self._publish(channel, LegAnswered(channel=channel.name))

    def _renamed(self, packet: Packet) -> None:
        channel = self._channel(packet)
        if channel is not None:
            channel.name = packet.get("Newname", channel.name)

    def _variable(self, packet: Packet) -> None:
        channel = self._channel(packet)
        if channel is None:
            return
        name, value = packet.get("Variable", "").lstrip("_"), packet.get("Value", "")
        if name == "AURICULA_CALL":
            call_id = edge.call_id(value)
            if call_id is not None and channel.call_id is None:
                self._attach(channel, call_id)
        elif name == "QUEUE_PRIO" and value.isdecimal():
            channel.priority = int(value)
        elif name == "QUEUESTATUS":
            self._left_queue(channel, tracked.LEFT.get(value, "other"))
        elif name == "CONVERSATION":
            self._left_queue(channel, "other")
        elif name == "AURICULA_CONSULT":
            self._consults.told(channel, value)
            if value == "answered":
                self._engage(channel)
        elif name == "AURICULA_JOINS":
            self._supervision.stops(channel)
            joined = next((c for c in self.channels.values() if value == c.name), None)
            self._hears(channel, joined, "barge")
        elif (event := said(name, value)) is not None:
            if name == "AURICULA_BACK":
                self._left_queue(channel, "other", leaving=True)
            self._publish(channel, event)

    def _hung_up(self, packet: Packet) -> None:
        channel = self._channel(packet)
        if channel is not None:
            text = packet.get("Cause", "0")
            cause = int(text) if text.isdecimal() else 0
            if channel.placed and not channel.answered and channel.call_id:
                self._placed.hung_up(channel.call_id, cause)
            self._forget(channel, cause)

    def _joined_queue(self, packet: Packet) -> None:
        channel = self._channel(packet)
        if channel is not None and not channel.agent:
            self._join(channel, packet.get("Queue", ""), packet.get("Position", "0"))

    def _abandoned_queue(self, packet: Packet) -> None:
        channel = self._channel(packet)
        if channel is not None and channel.waiting is not None:
            channel.waiting.abandoned = True

    def _leaves_queue(self, packet: Packet) -> None:
        channel = self._channel(packet)
        if channel is not None and channel.waiting is not None:
            channel.waiting.leaving = True

    def _agent_took_call(self, packet: Packet) -> None:
        caller, agent = self._channel(packet), self._channel(packet, "Dest")
        if caller is not None:
            self._left_queue(caller, "connected", leaving=True)
        if agent is not None and not (caller is not None and caller.agent):
            self._talks(agent)

    def _in_room(self, packet: Packet) -> None:
        """Whose conversation it is talks in its room; a supervisor who joined has none and is
        told of apart. What the room tells and what the channel tells come in no order."""
        channel = self._channel(packet)
        if channel is not None:
            self._talks(channel)

    def _spies(self, packet: Packet) -> None:
        spied, spy = self._channel(packet, "Spyee"), self._channel(packet, "Spyer")
        if spy is None or not spy.agent:
            return
        if packet.get("Event") == "ChanSpyStop":
            self._supervision.stops(spy)
        elif (mode := packet.get("SpyerExten", "")) in ("listen", "whisper"):
            self._hears(spy, spied, mode)

    def _hears(self, spy: TrackedChannel, spied: TrackedChannel | None, mode: str) -> None:
        if self._supervision.hears(spy, spied, mode):
            self._engage(spy)

    def _rang_in_vain(self, packet: Packet) -> None:
        caller, agent = self._channel(packet), member(packet)
        if not agent:
            return
        if caller is not None:
            self._publish(caller, AgentNoAnswer(agent=agent))
        self.listener.agent(agent, "no_answer", (caller.call_id if caller else None) or "")

    def _rings(self, packet: Packet) -> None:
        called = self._channel(packet, "Dest")
        if called is None:
            return
        caller = self._channel(packet)
        called.placed = caller is None and not called.agent
        if called.call_id is None and caller is not None and caller.call_id is not None:
            self._attach(called, caller.call_id)
        if called.agent:
            self._publish(called, AgentRinging(agent=called.agent))
            self.listener.agent(called.agent, "ringing", called.call_id or "")

    def _dial_ended(self, packet: Packet) -> None:
        caller, called = self._channel(packet), self._channel(packet, "Dest")
        queued = caller is not None and caller.waiting is not None
        if called is None or packet.get("DialStatus") != "ANSWER" or queued:
            return
        if caller is None:  # rung by the switch: what it is rung for has yet to begin
            self._engage(called)
        elif not caller.agent:
            self._talks(called)
        elif caller.talking_since is None:  # the agent placed the call
            self._publish(called, CallAnswered())
            self._talks(caller)

    def _originated(self, packet: Packet) -> None:
        action = packet.get("ActionID", "")
        if action.startswith(DIALLED):
            self._agent_dialled(edge.call_id(action.removeprefix(DIALLED)), packet)
        call_id = edge.call_id(action)
        if call_id is None:
            return
        has_channel = any(channel.call_id == call_id for channel in self.channels.values())
        self._placed.response(call_id, packet, has_channel=has_channel)

    def _agent_dialled(self, call_id: str | None, packet: Packet) -> None:
        """An agent's own phone could not be rung: the call they wanted never was one."""
        if call_id is None or packet.get("Response") == "Success":
            return
        if not any(channel.call_id == call_id for channel in self.channels.values()):
            self.listener.call_over(call_id)

    def _user_event(self, packet: Packet) -> None:
        if packet.get("UserEvent") == "AuriculaMessage" and packet.get("File"):
            call_id = edge.call_id(packet.get("Conversation", ""))
            self.listener.message_left(call_id, packet["File"])

    # --- Reconciliation -----------------------------------------------------------------

    def reconcile(self, switch: Switch) -> None:
        """Compare with what the switch says now, after events may have been missed."""
        listed = {
            packet["Uniqueid"]: packet
            for packet in switch.list_action("Status", {"Variables": "AURICULA_CALL"})
            if packet.get("Uniqueid")
        }
        for channel in self.snapshot():
            if channel.unique_id not in listed:
                self._forget(channel, 0)
        for packet in listed.values():
            call_id = edge.call_id(packet.variables("Variable").get("AURICULA_CALL", ""))
            if call_id is not None:
                self._calls.setdefault(packet.get("Linkedid", ""), call_id)
        for unique_id, packet in listed.items():
            if unique_id not in self.channels:
                self._new_channel(packet)
            channel = self.channels[unique_id]
            if channel.call_id is None and channel.linked_id in self._calls:
                self._attach(channel, self._calls[channel.linked_id])
            self._state(packet)
        self._reconcile_queues(switch)
        busy = frozenset(c.agent for c in self.snapshot() if c.agent)
        self.listener.reconciled(self.present(), busy)

    def _reconcile_queues(self, switch: Switch) -> None:
        listed = switch.list_action("QueueStatus", {})
        entries = {
            packet["Uniqueid"]: packet
            for packet in listed
            if packet["Event"] == "QueueEntry" and packet.get("Uniqueid")
        }
        for packet in listed:
            if packet["Event"] == "QueueMember":
                self._members.status(packet)
        for channel in self.snapshot():
            entry = entries.get(channel.unique_id)
            if entry is None:
                self._left_queue(channel, "other", leaving=True)
            elif channel.waiting is None:
                channel.priority = int(entry.get("Priority") or 0)
                self._join(channel, entry["Queue"], entry.get("Position", "0"))
                if channel.waiting is not None:
                    channel.waiting.since -= int(entry.get("Wait") or 0)

    # --- What changed -------------------------------------------------------------------

    def _attach(self, channel: TrackedChannel, call_id: str) -> None:
        first = not any(c.call_id == call_id for c in self.channels.values())
        channel.call_id = call_id
        self._calls[channel.linked_id] = call_id
        kind: Literal["caller", "agent", "trunk", "other"] = "other"
        if channel.agent:
            kind = "agent"
        elif first:
            kind = "caller"
        elif channel.name.startswith("PJSIP/trunk-"):
            kind = "trunk"
        self._publish(channel, LegStarted(channel=channel.name, kind=kind))
        if channel.answered:
            self._publish(channel, LegAnswered(channel=channel.name))

    def _forget(self, channel: TrackedChannel, cause: int) -> None:
        self._consults.left(channel)
        self._supervision.stops(channel)
        if channel.agent and channel.talking_since is None:
            self._members.over(channel.agent, "ring_over", channel.call_id or "")
            if channel.engaged:
                self._members.over(channel.agent, "talked", "")
        self._talked(channel)
        if channel.waiting is not None:
            gave_up = channel.waiting.abandoned or not channel.waiting.leaving
            self._left_queue(channel, "abandoned" if gave_up else "other", leaving=True)
        self._publish(channel, LegEnded(channel=channel.name, cause=cause))
        with self._lock:
            self.channels.pop(channel.unique_id, None)
        if not any(c.linked_id == channel.linked_id for c in self.channels.values()):
            self._calls.pop(channel.linked_id, None)
        call_id = channel.call_id
        if call_id and not any(c.call_id == call_id for c in self.channels.values()):
            self.listener.call_over(call_id)

    def _join(self, channel: TrackedChannel, queue: str, position: str) -> None:
        channel.waiting = Waiting(queue, self.clock())
        place = int(position) if position.isdecimal() else 0
        self._publish(channel, QueueJoined(queue=queue, position=place, priority=channel.priority))

    def _left_queue(
        self,
        channel: TrackedChannel,
        reason: tracked.WhyLeft,
        *,
        leaving: bool = False,
    ) -> None:
        waiting = channel.waiting
        if waiting is None or not (waiting.leaving or leaving):
            return
        channel.waiting = None
        waited = round(self.clock() - waiting.since, 1)
        self._publish(channel, QueueLeft(queue=waiting.queue, reason=reason, waited_s=waited))

    def _talks(self, agent: TrackedChannel) -> None:
        if agent.call_id is None:
            self._engage(agent)
        elif agent.agent and agent.talking_since is None:
            agent.talking_since = self.clock()
            self._publish(agent, AgentConnected(agent=agent.agent))
            self.listener.agent(agent.agent, "talking", agent.call_id or "")

    def _engage(self, agent: TrackedChannel) -> None:
        """The agent is asked by a colleague, hears one or waits for whom they call to answer:
        busy, with nobody of their own to talk with."""
        if agent.agent and agent.talking_since is None and not agent.engaged:
            agent.engaged = True
            self.listener.agent(agent.agent, "talking", "")

    def _talked(self, agent: TrackedChannel) -> None:
        if agent.talking_since is not None:
            talked = round(self.clock() - agent.talking_since, 1)
            agent.talking_since = None
            others = any(
                c.call_id == agent.call_id and c.talking_since is not None
                for c in self.channels.values()
            )
            self._publish(
                agent,
                AgentDisconnected(agent=agent.agent, talked_s=talked, others_stay=others),
            )
            if not any(
                c.agent == agent.agent and c.talking_since is not None
                for c in self.channels.values()
            ):
                self._members.over(agent.agent, "talked", agent.call_id or "")

    def _channel(self, packet: Packet, prefix: str = "") -> TrackedChannel | None:
        return self.channels.get(packet.get(f"{prefix}Uniqueid", ""))

    # --- Telling ------------------------------------------------------------------------

    def _publish(self, channel: TrackedChannel, event: EventBase) -> None:
        if channel.call_id is not None:
            self.listener.publish(channel.call_id, event)


_HANDLERS: dict[str, Callable[[Tracker, Packet], None]] = {
    "Newchannel": Tracker._new_channel,
    "Newstate": Tracker._state,
    "Rename": Tracker._renamed,
    "VarSet": Tracker._variable,
    "Hangup": Tracker._hung_up,
    "QueueCallerJoin": Tracker._joined_queue,
    "QueueCallerAbandon": Tracker._abandoned_queue,
    "QueueCallerLeave": Tracker._leaves_queue,
    "AgentConnect": Tracker._agent_took_call,
    "ConfbridgeJoin": Tracker._in_room,
    "ChanSpyStart": Tracker._spies,
    "ChanSpyStop": Tracker._spies,
    "DialBegin": Tracker._rings,
    "DialEnd": Tracker._dial_ended,
    "OriginateResponse": Tracker._originated,
    "UserEvent": Tracker._user_event,
    "AgentRingNoAnswer": Tracker._rang_in_vain,
    "QueueMemberStatus": lambda tracker, packet: tracker._members.status(packet),
    "QueueMemberAdded": lambda tracker, packet: tracker._members.status(packet),
}
