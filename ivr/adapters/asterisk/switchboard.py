"""What the application asks of Asterisk over the manager connection."""

from dataclasses import dataclass

from ivr.adapters.asterisk import edge
from ivr.adapters.asterisk.ami import ActionRefused, AmiClient
from ivr.adapters.asterisk.ami_packets import Packet
from ivr.errors import InvalidInput, NotFound
from ivr.ports import Origination

ORIGINATE_S = 10.0
"""Patience for the switch to accept an order to dial; the dialling itself goes on."""


@dataclass(frozen=True)
class QueueMember:
    """An agent's phone in a queue, as Asterisk sees it."""

    queue: str
    interface: str
    name: str
    paused: bool
    pause_reason: str
    in_call: bool
    calls_taken: int


@dataclass(frozen=True)
class QueueCaller:
    """A caller who waits."""

    queue: str
    channel: str
    unique_id: str
    position: int
    waited_s: int
    priority: int


@dataclass(frozen=True)
class QueueState:
    """A queue's members and who waits in it, first in line first."""

    name: str
    members: tuple[QueueMember, ...]
    callers: tuple[QueueCaller, ...]


class AmiSwitchboard:
    """Implements :class:`ivr.ports.Switchboard`. Every argument is checked before it is
    sent; :class:`NotFound` when the channel, queue or member is not there (any more)."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client

    def originate(self, call: Origination) -> None:
        """Dial ``call.number`` through the trunk; returns once Asterisk has accepted.

        An answered call enters the dialplan at ``context,s,1``. What became of it comes
        as the event ``OriginateResponse`` with the call's id as ``ActionID``.
        """
        if edge.call_id(call.call_id) is None:
            raise InvalidInput("A call to place needs the id of its conversation (a UUID).")
        fields: list[tuple[str, object]] = [
            ("Channel", f"PJSIP/{edge.digits_to_dial(call.number)}@trunk"),
            ("Context", edge.trusted_word(call.context, "A context")),
            ("Exten", "s"),
            ("Priority", 1),
            ("Timeout", max(1, round(call.timeout_s * 1000))),
            ("Async", "true"),
        ]
        if call.caller_id:
            fields.append(("CallerID", f"<{_shown(call.caller_id)}>"))
        variables = {"__AURICULA_CALL": call.call_id, **call.variables}
        for name, value in variables.items():
            fields.append(("Variable", "=".join(edge.variable(name, value))))
        self._client.action("Originate", fields, action_id=call.call_id, timeout_s=ORIGINATE_S)

    def hangup(self, channel: str, *, cause: int = 16) -> None:
        """Hang a channel up; ``cause`` is a Q.850 number (16: normal clearing)."""
        self.do("Hangup", {"Channel": edge.channel(channel), "Cause": cause})

    def redirect(self, channel: str, context: str, exten: str = "s", priority: int = 1) -> None:
        """Send a channel to another place of the dialplan, whatever it is doing."""
        self.do(
            "Redirect",
            {
                "Channel": edge.channel(channel),
                "Context": edge.trusted_word(context, "A context"),
                "Exten": edge.trusted_word(exten, "An extension"),
                "Priority": int(priority),
            },
        )

    def redirect_both(self, first: tuple[str, str, str], second: tuple[str, str, str]) -> None:
        """Send two channels, each ``(channel, context, exten)``, at the same moment: what
        joined them ends without hanging either up."""
        fields: dict[str, object] = {}
        for prefix, (channel, context, exten) in (("", first), ("Extra", second)):
            fields |= {
                f"{prefix}Channel": edge.channel(channel),
                f"{prefix}Context": edge.trusted_word(context, "A context"),
                f"{prefix}Exten": edge.trusted_word(exten, "An extension"),
                f"{prefix}Priority": 1,
            }
        self.do("Redirect", fields)

    def channels(self) -> list[dict[str, str]]:
        """Every channel, with what it executes, as ``CoreShowChannels`` gives it."""
        return list(self._client.list_action("CoreShowChannels"))

    # --- Queues -----------------------------------------------------------------------

    def add_member(
        self,
        queue: str,
        interface: str,
        *,
        name: str = "",
        penalty: int = 0,
        paused: bool = False,
    ) -> None:
        """Let an agent's phone (``PJSIP/agent-…``) take calls of a queue."""
        fields: dict[str, object] = {
            "Queue": edge.trusted_word(queue, "A queue"),
            "Interface": edge.channel(interface),
            "Penalty": int(penalty),
            "Paused": "true" if paused else "false",
        }
        if name:
            fields["MemberName"] = edge.trusted_word(name, "A member's name")
        try:
            self.do("QueueAdd", fields)
        except ActionRefused as error:
            if "Already there" not in str(error):
                raise

    def remove_member(self, queue: str, interface: str) -> None:
        """No more calls of that queue for this phone."""
        fields: dict[str, object] = {
            "Queue": edge.trusted_word(queue, "A queue"),
            "Interface": edge.channel(interface),
        }
        try:
            self.do("QueueRemove", fields)
        except ActionRefused as error:
            if "Not there" not in str(error):
                raise

    def pause_member(
        self, interface: str, paused: bool, *, reason: str = "", queue: str = ""
    ) -> None:
        """Pause or resume a phone in ``queue``, or in all of its queues."""
        fields: dict[str, object] = {
            "Interface": edge.channel(interface),
            "Paused": "true" if paused else "false",
        }
        if queue:
            fields["Queue"] = edge.trusted_word(queue, "A queue")
        if reason:
            fields["Reason"] = edge.trusted_word(reason, "A pause's reason")
        self.do("QueuePause", fields)

    def set_penalty(self, queue: str, interface: str, penalty: int) -> None:
        """Change how early a member is called: those with the least come first."""
        self.do(
            "QueuePenalty",
            {
                "Queue": edge.trusted_word(queue, "A queue"),
                "Interface": edge.channel(interface),
                "Penalty": int(penalty),
            },
        )

    def set_priority(self, queue: str, channel: str, priority: int) -> None:
        """Give a waiting caller another priority, and its place at once."""
        self.do(
            "QueueChangePriorityCaller",
            {
                "Queue": edge.trusted_word(queue, "A queue"),
                "Caller": edge.channel(channel),
                "Priority": int(priority),
                "Immediate": "yes",
            },
        )

    def queues(self, queue: str = "") -> list[QueueState]:
        """The state of one queue, or of all."""
        fields = {"Queue": edge.trusted_word(queue, "A queue")} if queue else {}
        listed = self._client.list_action("QueueStatus", fields)
        names = [p["Queue"] for p in listed if p["Event"] == "QueueParams"]
        return [
            QueueState(
                name,
                tuple(_member(p) for p in listed if _is(p, "QueueMember", name)),
                tuple(
                    sorted(
                        (_caller(p) for p in listed if _is(p, "QueueEntry", name)),
                        key=lambda caller: caller.position,
                    )
                ),
            )
            for name in names
        ]

    def do(self, name: str, fields: dict[str, object]) -> Packet:
        """An action on something that may have gone: then :class:`NotFound`."""
        try:
            return self._client.action(name, fields)
        except ActionRefused as error:
            gone = ("No such", "not found", "does not exist", "Channel does not", "Interface not")
            if any(words.lower() in str(error).lower() for words in gone):
                raise NotFound(str(error)) from None
            raise


def _shown(number: str) -> str:
    sign = "+" if number.startswith("+") else ""
    return sign + edge.digits_to_dial(number)


def _is(packet: Packet, event: str, queue: str) -> bool:
    return packet["Event"] == event and packet.get("Queue") == queue


def _member(packet: Packet) -> QueueMember:
    return QueueMember(
        queue=packet["Queue"],
        interface=packet.get("StateInterface") or packet.get("Location", ""),
        name=packet.get("Name", ""),
        paused=packet.get("Paused") == "1",
        pause_reason=packet.get("PausedReason", ""),
        in_call=packet.get("InCall") == "1",
        calls_taken=int(packet.get("CallsTaken") or 0),
    )


def _caller(packet: Packet) -> QueueCaller:
    return QueueCaller(
        queue=packet["Queue"],
        channel=packet.get("Channel", ""),
        unique_id=packet.get("Uniqueid", ""),
        position=int(packet.get("Position") or 0),
        waited_s=int(packet.get("Wait") or 0),
        priority=int(packet.get("Priority") or 0),
    )
