"""One caller who lives through the turns of a scenario over real SIP.

The product's own events say what is being said and whether it listens; the sound on the
line says that it is really heard.
"""

import re
import time
from collections.abc import Iterable
from typing import Any, Protocol

from tests.telephone_network import voices
from tests.telephone_network.person import Person
from tests.telephone_network.watch import CallWatch, Data, Seen

TURNS = ("turn.heard", "turn.keys", "turn.silent")
AFTER = ("turn.not_understood", "prompt.said", "call.transferred", "call.ended")
"""What may follow a turn first."""
ANNOUNCEMENTS = ("bienvenida", "identificado")
"""A key over them answers nothing where the question after them wants to be heard."""
OVER_S = 0.8
"""How long somebody who knows the answer listens to the question."""
QUIET_S = 1.2
"""Silence after which a caller takes it that it is their turn: longer than the pauses
between the sentences of a prompt."""
PATIENCE_S = 4.0
"""Silence after which a caller with nothing left to say hangs up."""


class Turn(Protocol):
    """One turn of a scenario (``tests.scenario.Turn``): a verb below and its value."""

    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> str: ...


class Player:
    """``voice`` is one of :data:`voices.VOICES`."""

    def __init__(self, person: Person, watch: CallWatch, *, voice: str = voices.VOICES[0]) -> None:
        self.person = person
        self.watch = watch
        self.voice = voice
        self.turn = 0
        """Seq of the event that noted the last turn."""
        self._heard = 0
        """Seq of the last prompt that was waited for."""
        self._over = False
        """A prompt was waited for: words come while it still sounds."""
        self._pending = False
        """A turn was taken that the product has not noted yet."""

    def play(self, turns: Iterable[Turn]) -> None:
        """All turns, then hang up if the call still goes on."""
        self.go_on(turns)
        self.finish()

    def go_on(self, turns: Iterable[Turn]) -> None:
        """Some turns; the last is noted by the product when this returns."""
        for turn in turns:
            getattr(self, turn.kind)(turn.value)
            self._settle()
            self._over = turn.kind == "hear"

    def finish(self) -> None:
        """The caller has nothing left to say."""
        if self.person.ended_at is None and not self._leaving():
            self.person.hang_up()

    # --- The verbs of a scenario -------------------------------------------------------

    def hear(self, what: str) -> None:
        """Until the prompt with this key, or whose text matches ``/regex/``, sounds."""
        after = max(self.turn, self._heard)
        prompt = self.watch.wait(_said(what), f"prompt {what}", after=after, timeout=45)
        self._heard = prompt.seq
        self._sounds(prompt)

    def press(self, keys: str) -> None:
        """Keys, at once: they interrupt what is being said."""
        self._wait_to_be_asked()
        self.person.press(keys)
        self._pending = True

    def say(self, words: str) -> None:
        """Words: over the prompt that was just waited for, or when the prompt is over.
        Whoever is not heard or understood says it again, slower."""
        over = self._over
        for speed in (1.0, 0.9, 0.85):
            sound = voices.sentence(words, voice=self.voice, speed=speed)
            self._wait_to_be_asked()
            if over:
                time.sleep(OVER_S)
            else:
                self.person.wait_for_quiet(quiet_s=QUIET_S)
            self.person.speak(sound)
            self._pending, over = True, False
            noted = self._settle()
            if noted == "turn.heard" and not self._asked_again():
                return
            if noted not in TURNS:
                return

    def silence(self, _: object) -> None:
        """One turn without a sound."""
        self._pending = True

    def noise(self, _: object) -> None:
        """A cough when it is the caller's turn."""
        self._wait_to_be_asked()
        self.person.wait_for_quiet(quiet_s=QUIET_S)
        self.person.speak(voices.cough())
        self._pending = True

    def wait(self, seconds: str) -> None:
        """Nothing, for a while."""
        time.sleep(float(seconds))

    def hangup(self, _: object) -> None:
        """Put the phone down."""
        self.person.hang_up()

    def _asked_again(self) -> bool:
        """Whether the product says that it has not understood the last turn."""
        then = self.watch.wait(
            lambda data: data["type"] in AFTER, "an answer", after=self.turn, timeout=30
        )
        return then.data["type"] == "turn.not_understood" and not then.data["attempt"] > 2

    # --- Keeping in step ---------------------------------------------------------------

    def _wait_to_be_asked(self) -> None:
        """Until what the product says after the last turn is heard on the line."""
        asked = self.watch.wait(
            lambda data: data["type"] == "prompt.said" and data["key"] not in ANNOUNCEMENTS,
            "a question",
            after=self.turn,
            timeout=20,
        )
        self._sounds(asked)

    def _sounds(self, prompt: Seen) -> None:
        self.person.wait_for_sound(since=self.person.moment(prompt.at), timeout=15)

    def _settle(self, *, timeout: float = 30) -> str:
        """Until the product has noted the last turn; as what."""
        if not self._pending:
            return ""
        ends = (*TURNS, "call.ended", "call.transferred")
        seen = self.watch.wait(
            lambda data: data["type"] in ends,
            "the turn to be noted",
            after=self.turn,
            timeout=timeout,
        )
        self.turn = seen.seq
        self._pending = False
        return str(seen.data["type"])

    def _leaving(self) -> bool:
        """Whether the product ends the call by itself, rather than wait for the caller."""
        begun = self.person.now()
        while self.person.ended_at is None and self.person.now() < begun + 60:
            sounds = self.person.heard.sounds
            last = max(begun, sounds[-1][1] if sounds else 0.0)
            if self.person.now() - last > PATIENCE_S:
                return False
            time.sleep(0.1)
        return self.person.ended_at is not None


def _said(what: str) -> Any:
    pattern = re.compile(what[1:-1], re.I) if re.fullmatch(r"/.*/", what) else None

    def matches(data: Data) -> bool:
        if data["type"] != "prompt.said":
            return False
        return bool(pattern.search(data["text"])) if pattern else data["key"] == what

    return matches
