"""What the product needs from the outside world, as small protocols.

Adapters implement them; flows and actions see nothing else of Asterisk, speech engines
or browsers. Times are seconds, audio is mono, phone numbers are E.164 strings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

# --- A caller's turn -------------------------------------------------------------------


@dataclass(frozen=True)
class Expectation:
    """What one listening turn can expect; the phone and the recognizer tune to it."""

    kinds: tuple[str, ...] = ()
    """Kinds of ``ivr.language`` the words may be: ``yesno``, ``date``, ``intent``…"""
    keys: int = 1
    """Most keys to collect; 0: keys are not expected (they still interrupt)."""
    terminator: str = "#"
    silence_s: float = 5.0
    """Patience after the prompt before the turn counts as silence."""
    key_gap_s: float = 3.0
    """Patience between two keys."""
    hints: tuple[str, ...] = ()
    """Words likely in this turn: names of professionals, services, branches."""
    dictation: bool = False
    """The caller dictates digits or spells: pauses are longer."""
    voice: bool = True
    fresh: bool = False
    """Keys pressed before the prompt do not count: consent, a confirmation to write."""


@dataclass(frozen=True)
class Alternative:
    """One reading of what was said; ``confidence`` 0–1."""

    text: str
    confidence: float


@dataclass(frozen=True)
class Words:
    """The caller spoke. ``alternatives`` holds further readings, best first."""

    text: str
    confidence: float
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True)
class Keys:
    """The caller pressed keys (``0-9*#``), terminator removed."""

    digits: str


@dataclass(frozen=True)
class Silence:
    """The caller neither spoke nor pressed; ``noise`` when sound came but no words."""

    noise: bool = False


Turn = Words | Keys | Silence


@dataclass(frozen=True)
class TransferTarget:
    """Where the dialplan takes the call once the application has finished with it."""

    kind: Literal["queue", "voicemail", "extension", "hangup"]
    name: str = ""
    priority: int = 0
    """Queue priority: 0 normal, 10 urgent."""


@dataclass(frozen=True)
class Message:
    """A message the caller left."""

    path: Path
    duration_s: float


class Phone(Protocol):
    """The caller's line, seen from the call's own thread.

    Every method raises :class:`ivr.errors.CallerHungUp` once the line is gone. Keys
    pressed while something is said are kept for the next :meth:`listen`.
    """

    language: str
    """Language of what is said from now on, e.g. ``es-ES``."""
    can_hear: bool
    """False once the recognizer failed in this call: turns then go by keys."""

    def answer(self) -> None: ...
    def say(self, text: str, *, interruptible: bool = True) -> None: ...
    def foresee(self, text: str) -> None:
        """``text`` may soon be said: have it spoken meanwhile, so that nobody waits."""
        ...

    def listen(self, text: str, expect: Expectation) -> Turn:
        """Say ``text`` (may be empty) and return the caller's turn; speech or a key
        stops the prompt."""
        ...

    def forget_keys(self) -> None:
        """Drop the keys kept for the next :meth:`listen` and those that follow at once: they
        were meant for what the caller thought they would be asked, or for nothing."""
        ...

    def start_recording(self, name: str) -> None:
        """Record both sides from now on into ``name`` (a bare, safe file name)."""
        ...

    def stop_recording(self) -> None: ...
    def record_message(self, *, max_s: float = 120, silence_s: float = 4) -> Message: ...
    def transfer(self, target: TransferTarget) -> None:
        """Decide where the call goes when the flow returns."""
        ...

    def hangup(self) -> None: ...


# --- Speech ----------------------------------------------------------------------------

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Audio:
    """Mono samples in [-1, 1] at ``rate`` Hz."""

    samples: Samples
    rate: int


class Synthesizer(Protocol):
    """Turns text into speech."""

    name: str
    version: str
    """Changes whenever the sound would: part of the prompt cache's key."""

    def voices(self, language: str) -> Sequence[str]:
        """Voices for a language, best first; empty: it cannot speak it."""
        ...

    def speak(self, text: str, *, language: str, voice: str = "") -> Audio: ...


class Recognizer(Protocol):
    """Turns one utterance into text."""

    name: str

    def transcribe(self, audio: Audio, *, language: str, expect: Expectation) -> Words: ...


class Prompts(Protocol):
    """Speech ready for the switch: 8 kHz mono WAV files, cached."""

    def ready(self, text: str, language: str) -> Path | None:
        """The file if it is cached, without rendering."""
        ...

    def file(self, text: str, language: str) -> Path:
        """The file, rendered now if need be (falls back through the engines)."""
        ...

    def at_once(self, text: str, language: str) -> Path | None:
        """The file as the quickest engine speaks it, beside whatever is being rendered; None
        where the best is the only one."""
        ...


# --- The switch ------------------------------------------------------------------------


@dataclass(frozen=True)
class Origination:
    """An outbound call through the trunk. Every value is validated by the adapter."""

    number: str
    call_id: str
    caller_id: str
    timeout_s: float = 30
    variables: dict[str, str] = field(default_factory=dict)
    context: str = "outbound"
    """Where in the dialplan the answered call goes."""


class Switchboard(Protocol):
    """What the application asks of the switch outside a call's own thread."""

    def originate(self, call: Origination) -> None: ...
    def hangup(self, channel: str) -> None: ...
    def channels(self) -> list[dict[str, str]]: ...


class AgentDesk(Protocol):
    """What the switch does for the agents' phones. ``agent`` is a user name; the phone is
    ``agent-<username>``."""

    def sign_on(
        self,
        agent: str,
        queue: str,
        *,
        penalty: int = 0,
        paused: bool = False,
        reason: str = "",
    ) -> None:
        """Calls of ``queue`` ring on the agent's phone from now on, unless ``paused``; those
        with the least ``penalty`` are called first."""
        ...

    def sign_off(self, agent: str, queue: str) -> None: ...
    def pause(self, agent: str, reason: str) -> None:
        """No more calls until :meth:`resume`; ``reason`` is a short code."""
        ...

    def resume(self, agent: str) -> None: ...
    def move_up(self, queue: str, channel: str, priority: int) -> None:
        """Give a waiting caller another place in line; :class:`ivr.errors.NotFound` when
        they do not wait (any more)."""
        ...


# --- A call in an agent's hands --------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """Whom an agent calls or hands a caller to: a user name, a queue, an E.164 number."""

    kind: Literal["agent", "queue", "outside"]
    name: str


@dataclass(frozen=True)
class LineState:
    """An agent's part in a call, as the switch has it now."""

    call_id: str
    agent: str
    held: bool
    consulting: bool
    """Somebody else is being called, or talked to, while the caller waits."""
    asked: str
    """User name of the agent who is asked in a consultation; empty: nobody, an outside line."""
    conference: bool
    """More than the caller and this agent talk."""


class CallControl(Protocol):
    """What agents and supervisors do with a call besides talking.

    ``agent`` and ``supervisor`` are user names. Every method raises
    :class:`ivr.errors.NotFound` when that agent has no call, :class:`ivr.errors.Conflict`
    when the call is not in the state it takes, :class:`ivr.errors.Unavailable` without a
    switch. ``shown`` is the clinic's number that an outside line sees.
    """

    def line(self, agent: str) -> LineState: ...
    def hold(self, agent: str) -> None:
        """The caller hears music."""
        ...

    def resume(self, agent: str) -> None: ...
    def hand_over(self, agent: str, to: Target, *, shown: str) -> None:
        """The caller goes to ``to``; the agent is out of the call."""
        ...

    def take_back(self, agent: str, call_id: str) -> None:
        """Ring the agent's phone for the call they handed over; once it has been answered the
        caller is theirs again, unless somebody else has answered by then."""
        ...

    def consult(self, agent: str, to: Target, *, shown: str) -> None:
        """The caller waits with music while the agent calls ``to``; however that ends, the
        agent comes back to the caller."""
        ...

    def cancel_consult(self, agent: str) -> None: ...
    def complete_consult(self, agent: str) -> None:
        """Whoever was asked goes on with the caller; the agent is out of the call."""
        ...

    def conference(self, agent: str) -> None:
        """Caller, agent and whom they asked talk together."""
        ...

    def end(self, agent: str) -> None:
        """The call is over for everybody."""
        ...

    def mute_recording(self, agent: str, muted: bool) -> None: ...
    def dial(self, agent: str, number: str, *, call_id: str, shown: str) -> None:
        """Ring the agent's phone, then call ``number`` (E.164)."""
        ...

    def supervise(
        self, supervisor: str, call_id: str, mode: Literal["listen", "whisper", "barge"]
    ) -> None:
        """Connect the supervisor's phone with the conversation, or change how."""
        ...

    def stop_supervising(self, supervisor: str) -> None: ...
    def take_over(self, supervisor: str, call_id: str) -> str:
        """The supervisor, who hears the call, becomes its agent; returns who was."""
        ...

    def phones(self) -> dict[str, Literal["free", "busy", "off"]]:
        """The agents' phones by user name."""
        ...

    def lost(self, agent: str) -> None:
        """The agent's phone is gone without having hung up: its caller is kept."""
        ...


@dataclass(frozen=True)
class Letter:
    """A message to one person, ready to be sent. All of it is personal data."""

    key: str
    """Unique for the message: a channel that can tell a repetition by it should."""
    to: str
    subject: str
    text: str
    language: str
    calendar: bytes = b""
    """The appointment as iCalendar (RFC 5545), for channels that carry files."""


class Channel(Protocol):
    """A way to write to patients: e-mail now; SMS and WhatsApp are such too."""

    @property
    def name(self) -> str:
        """As a patient's preferred channel is called: ``email``, ``sms``, ``whatsapp``."""
        ...

    def send(self, letter: Letter) -> None:
        """Hand the letter over for good. Raises :class:`ivr.errors.InvalidInput` with a code
        when it will never be taken, :class:`ivr.errors.Unavailable` when it may be later."""
        ...
