"""Calls in agents' hands, moved about in the switch over the manager connection.

The dialplan of ``asterisk-config/extensions_agents.conf.j2`` says what each place means.
Nothing is remembered here: the switch is asked anew each time, so any process may act and
nothing is out of date after a restart.
"""

import uuid
from typing import Literal

from ivr.adapters.asterisk import edge
from ivr.adapters.asterisk.ami import AmiClient
from ivr.adapters.asterisk.ami_packets import Packet
from ivr.adapters.asterisk.hands import ROOM, Channel, Hand, channel_of, hand_of
from ivr.adapters.asterisk.switchboard import AmiSwitchboard
from ivr.adapters.asterisk.tracker import DIALLED
from ivr.errors import Conflict, InvalidInput, NotFound
from ivr.ports import LineState, Target

LOST = 44
"""Q.850 "requested circuit not available": what the dialplan takes for a phone that is gone."""
NORMAL = 16
RING_MS = 20_000
ASKED = "auricula-"
"""Begins the caller's name of a call that the agent's own page asked for; the page knows it
by that (``agents_ui/src/phone/line.ts``) and answers, if it did ask a moment ago."""

Place = Literal["caller", "agent", "aside", "consult", "leave"]
Mode = Literal["listen", "whisper", "barge"]
PhoneState = Literal["free", "busy", "off"]
_PHONE_STATES: dict[str, PhoneState] = {
    "NOT_INUSE": "free",
    "UNAVAILABLE": "off",
    "INVALID": "off",
    "UNKNOWN": "off",
}


class AmiCallControl:
    """Implements :class:`ivr.ports.CallControl`."""

    def __init__(self, client: AmiClient, board: AmiSwitchboard) -> None:
        self._client = client
        self._board = board

    def line(self, agent: str) -> LineState:
        """How the agent's call stands."""
        hand = self._hand(agent)
        asked = hand.asked
        return LineState(
            call_id=hand.agent.call_id,
            agent=agent,
            held=hand.agent.context == ROOM and hand.agent.exten == "aside",
            consulting=hand.consulting,
            asked=asked.agent if asked else "",
            conference=bool(hand.present) and hand.agent.exten == "agent",
        )

    # --- Hold and recording ---------------------------------------------------------------

    def hold(self, agent: str) -> None:
        """The caller hears music."""
        hand = self._talking(agent)
        if hand.agent.exten == "aside" and hand.in_room:
            raise Conflict("The call is on hold already.")
        self._part(hand, "aside")

    def resume(self, agent: str) -> None:
        """Agent and caller talk again."""
        hand = self._talking(agent)
        if not (hand.in_room and hand.agent.exten == "aside"):
            raise Conflict("The call is not on hold.")
        self._go(hand.agent, "agent")

    def mute_recording(self, agent: str, muted: bool) -> None:
        """Record silence, or sound again."""
        self._do(
            "MixMonitorMute",
            Channel=self._hand(agent).caller.name,
            Direction="both",
            State=int(muted),
        )

    # --- Handing on -----------------------------------------------------------------------

    def hand_over(self, agent: str, to: Target, *, shown: str) -> None:
        """The caller goes to ``to``, unannounced."""
        hand = self._talking(agent)
        self._set(hand.caller, "TRANSFER_TO", _name(to))
        self._set(hand.caller, "CLINIC", _shown(shown))
        self._set(hand.caller, "HANDED_BY", agent)
        self._set(hand.agent, "AURICULA_LEAVES", "1")
        self._redirect(hand.caller, "hand-over", to.kind, hand.agent, ROOM, "leave")

    def take_back(self, agent: str, call_id: str) -> None:
        """Ring the agent for the call they handed over."""
        channels = self._channels()
        if any(c.agent == agent for c in channels):
            raise Conflict("This phone is in a call.")
        call = [c for c in channels if c.call_id == call_id]
        caller = next((c for c in call if c.unique_id == c.caller_id), None)
        if caller is None:
            raise NotFound("The caller has hung up.")
        handed = self._do("Getvar", Channel=caller.name, Variable="SHARED(HANDED)")
        if handed.get("Value", "") != agent:
            raise Conflict("Somebody else has the call by now.", code="answered")
        self._ring(
            agent,
            "take-back",
            "s",
            {
                "__AURICULA_CALL": call_id,
                "__AURICULA_CALLER": caller.unique_id,
                "TAKES_BACK": agent,
            },
            asked="return",
        )

    def consult(self, agent: str, to: Target, *, shown: str) -> None:
        """The agent calls ``to`` while the caller waits."""
        hand = self._talking(agent)
        for name, value in (
            ("CONSULT_KIND", to.kind),
            ("CONSULT_TO", _name(to)),
            ("CLINIC", _shown(shown)),
        ):
            self._set(hand.agent, name, value)
        self._part(hand, "consult")

    def cancel_consult(self, agent: str) -> None:
        """Back to the caller; whoever was called is hung up."""
        hand = self._consulting(agent)
        self._set(hand.agent, "AURICULA_CONSULT", "over-ANSWER" if hand.asked else "over-CANCEL")
        self._go(hand.agent, "agent")

    def complete_consult(self, agent: str) -> None:
        """Whoever was asked goes on with the caller."""
        hand = self._consulting(agent)
        asked = self._asked(hand)
        self._set(hand.agent, "AURICULA_CONSULT", "over-ANSWER")
        self._set(hand.agent, "AURICULA_LEAVES", "1")
        self._redirect(asked, ROOM, "agent", hand.agent, ROOM, "leave")

    def conference(self, agent: str) -> None:
        """All three talk."""
        hand = self._consulting(agent)
        asked = self._asked(hand)
        self._set(hand.agent, "AURICULA_CONSULT", "over-ANSWER")
        self._redirect(asked, ROOM, "agent", hand.agent, ROOM, "agent")

    def end(self, agent: str) -> None:
        """Over for everybody."""
        hand = self._hand(agent)
        for channel in (hand.caller, hand.agent, *hand.others):
            try:
                self._board.hangup(channel.name, cause=NORMAL)
            except NotFound:
                continue

    # --- Calling --------------------------------------------------------------------------

    def dial(self, agent: str, number: str, *, call_id: str, shown: str) -> None:
        """Ring the agent's phone, then call ``number``."""
        if edge.call_id(call_id) is None:
            raise InvalidInput("A call to place needs the id of its conversation (a UUID).")
        if self._channels_of(agent):
            raise Conflict("This phone is in a call.")
        self._ring(
            agent,
            "dial-out",
            "s",
            {
                "__AURICULA_CALL": call_id,
                "DIAL_NUMBER": edge.digits_to_dial(number),
                "CLINIC": _shown(shown),
            },
            asked="dial",
            number=_shown(number) if number.startswith("+") else edge.digits_to_dial(number),
            action_id=f"{DIALLED}{call_id}",
        )

    def lost(self, agent: str) -> None:
        """The phone is gone: hang its side up, so that the dialplan keeps the caller."""
        for channel in self._channels_of(agent):
            try:
                self._board.hangup(channel.name, cause=LOST)
            except NotFound:
                continue

    def phones(self) -> dict[str, PhoneState]:
        """The agents' phones by user name; ``off`` is one that cannot be rung."""
        states = self._client.list_action("DeviceStateList")
        phones = {p.get("Device", ""): p.get("State", "") for p in states}
        return {
            device.removeprefix("PJSIP/agent-"): _PHONE_STATES.get(state, "busy")
            for device, state in phones.items()
            if device.startswith("PJSIP/agent-")
        }

    # --- Supervision ----------------------------------------------------------------------

    def supervise(self, supervisor: str, call_id: str, mode: Mode) -> None:
        """Hear, prompt or join the conversation of ``call_id``. Nobody joins a caller whose
        agent has stepped out: the agent would not hear what is said to them."""
        heard = self._agent_heard(call_id)
        own = self._channels_of(supervisor)
        spying = next((c for c in own if c.context == "supervise"), None)
        if spying is None and own:
            raise Conflict("Your own phone is in a call: finish it first.")
        hand = self._hand_of(heard)
        if mode == "barge" and hand.consulting:
            raise _consulting()
        if mode == "barge" and not hand.in_room:
            self._part(hand, "agent")
        variables = {
            "SPY_ON": heard.name,
            "SPY_ROOM": call_id,
            "SPY_CALLER": hand.caller.unique_id,
        }
        if spying is not None:
            for name, value in variables.items():
                self._set(spying, name, value)
            self._board.redirect(spying.name, "supervise", mode)
            return
        self._ring(supervisor, "supervise", mode, variables, asked="listen")

    def stop_supervising(self, supervisor: str) -> None:
        """Leave the conversation that is heard."""
        self._board.hangup(self._spying(supervisor).name, cause=NORMAL)

    def take_over(self, supervisor: str, call_id: str) -> str:
        """The supervisor becomes the agent of a call they hear."""
        spying = self._spying(supervisor)
        hand = self._hand_of(self._agent_in(call_id))
        self._set(spying, "__AURICULA_CALL", call_id)
        self._set(spying, "__AURICULA_CALLER", hand.caller.unique_id)
        self._set(hand.agent, "AURICULA_LEAVES", "1")
        self._go(spying, "agent")  # first: hearing ends with the channel that is heard
        if hand.in_room:
            self._board.redirect(hand.agent.name, ROOM, "leave")
        else:
            self._redirect(hand.caller, ROOM, "caller", hand.agent, ROOM, "leave")
        return hand.agent.agent

    # --- Finding --------------------------------------------------------------------------

    def _channels(self) -> list[Channel]:
        variables = "AURICULA_CALL,AURICULA_CALLER"
        return [channel_of(p) for p in self._client.list_action("Status", {"Variables": variables})]

    def _channels_of(self, agent: str) -> list[Channel]:
        return [channel for channel in self._channels() if channel.agent == agent]

    def _hand(self, agent: str) -> Hand:
        channels = self._channels()
        mine = next((c for c in channels if c.agent == agent and c.call_id), None)
        if mine is None:
            raise NotFound("There is no call on this phone.")
        return hand_of(mine, channels)

    def _hand_of(self, agent: Channel) -> Hand:
        return hand_of(agent, self._channels())

    def _talking(self, agent: str) -> Hand:
        hand = self._hand(agent)
        if hand.consulting:
            raise Conflict("Finish the consultation first.")
        if not (hand.agent.bridge or hand.agent.context == ROOM):
            raise Conflict("The call has not been answered yet.")
        return hand

    def _consulting(self, agent: str) -> Hand:
        hand = self._hand(agent)
        if not hand.consulting:
            raise Conflict("Nobody is being consulted.")
        return hand

    @staticmethod
    def _asked(hand: Hand) -> Channel:
        asked = hand.asked
        if asked is None:
            raise Conflict("Nobody has answered yet.")
        return asked

    def _agent_in(self, call_id: str) -> Channel:
        """The agent of a call: the one with the caller rather than one who has stepped out,
        and that one rather than one who is asked."""
        found = [
            c
            for c in self._channels()
            if c.call_id == call_id and c.agent and (c.bridge or c.context == ROOM)
        ]
        found.sort(key=lambda c: (not c.bridge, c.exten != "agent", c.context != ROOM))
        if not found:
            raise NotFound("No agent talks in this call now.")
        return found[0]

    def _agent_heard(self, call_id: str) -> Channel:
        """The agent of a call, who talks with somebody; :class:`Conflict` while they do not."""
        agent = self._agent_in(call_id)
        if agent.bridge:
            return agent
        if agent.exten == "consult":
            raise _consulting()
        raise Conflict("The caller is on hold: wait until they are taken back.", code="caller_held")

    def _spying(self, supervisor: str) -> Channel:
        for channel in self._channels_of(supervisor):
            if channel.context == "supervise":
                return channel
        raise Conflict("Listen to the call first.")

    # --- Moving ---------------------------------------------------------------------------

    def _part(self, hand: Hand, place: Place) -> None:
        """The caller to (or still in) the room, the agent to ``place``."""
        self._set(hand.agent, "__AURICULA_CALLER", hand.caller.unique_id)
        if hand.in_room:
            self._go(hand.agent, place)
        else:
            self._redirect(hand.caller, ROOM, "caller", hand.agent, ROOM, place)

    def _go(self, channel: Channel, place: Place) -> None:
        self._board.redirect(channel.name, ROOM, place)

    def _redirect(
        self,
        first: Channel,
        context: str,
        exten: str,
        second: Channel,
        second_context: str,
        second_exten: str,
    ) -> None:
        """Both at once: neither is hung up because the other one left."""
        self._board.redirect_both(
            (first.name, context, exten), (second.name, second_context, second_exten)
        )

    def _set(self, channel: Channel, name: str, value: str) -> None:
        name, value = edge.variable(name, value)
        self._do("Setvar", Channel=channel.name, Variable=name, Value=value)

    def _ring(
        self,
        agent: str,
        context: str,
        exten: str,
        variables: dict[str, str],
        *,
        asked: Literal["dial", "listen", "return"],
        number: str = "",
        action_id: str = "",
    ) -> None:
        user = edge.trusted_word(agent, "A user name")
        fields: list[tuple[str, object]] = [
            ("Channel", f"PJSIP/agent-{user}"),
            ("Context", context),
            ("Exten", exten),
            ("Priority", 1),
            ("Timeout", RING_MS),
            ("Async", "true"),
            ("CallerID", f'"{ASKED}{asked}" <{number}>'),
        ]
        for name, value in variables.items():
            fields.append(("Variable", "=".join(edge.variable(name, value))))
        self._client.action("Originate", fields, action_id=action_id or f"ring-{uuid.uuid4()}")

    def _do(self, name: str, **fields: object) -> Packet:
        return self._board.do(name, fields)


def _consulting() -> Conflict:
    return Conflict(
        "The agent is asking somebody while the caller waits: join when they are back.",
        code="consulting",
    )


def _name(to: Target) -> str:
    match to.kind:
        case "agent":
            return f"agent-{edge.trusted_word(to.name, 'A user name')}"
        case "queue":
            return edge.trusted_word(to.name, "A queue")
        case "outside":
            return edge.digits_to_dial(to.name)


def _shown(number: str) -> str:
    return f"+{edge.digits_to_dial(number)}" if number else ""
