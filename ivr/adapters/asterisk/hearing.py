"""The caller's voice: Asterisk's speech object and the recognizer behind it (AEAP)."""

import base64
import json
import math
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from asterisk.agi import AGIError

from ivr.adapters.asterisk.agi import AgiSession, Reply
from ivr.adapters.asterisk.keypad import SAMPLES_PER_S
from ivr.ports import Alternative, Expectation, Silence, Words

GRACE_S = 3.0
"""Beyond what Asterisk was asked to wait, before it is taken for stuck."""
TURN_LIMIT = 5000
"""Most bytes of a turn's description: as base64url it must fit one AGI line."""
UTTERANCE_S = 5
DICTATION_S = 20
"""Patience for the words of somebody who has begun to speak, after the ten seconds of
:attr:`Hearing.silence`."""
SLOW_SET_S = 0.9
"""AEAP gives a recognizer one second to answer; AGI does not say that it did not."""

_RESULT = re.compile(r"(score|text|grammar)(\d+)")


@dataclass(frozen=True)
class KeyPressed:
    """A key ended the turn."""

    key: str
    at_s: float
    """Seconds of the prompt that had been played."""


@dataclass(frozen=True)
class Deaf:
    """The recognizer is gone; ``at_s`` seconds of the prompt had been played."""

    reason: str
    at_s: float = 0.0


@dataclass(frozen=True)
class _Result:
    text: str
    confidence: float
    grammar: str


class Hearing:
    """Listens with the recognizer; one speech object for the whole call.

    ``silence`` names ten seconds of silence among Asterisk's sounds: playing it keeps
    ``SPEECH RECOGNIZE`` looking for results when the caller's audio stops coming.
    """

    def __init__(self, session: AgiSession, *, engine: str, call_id: str, silence: str) -> None:
        self._session = session
        self._engine = engine
        self._call_id = call_id
        self._silence = silence
        self._created = False

    def listen(
        self, file: str, length_s: float, expect: Expectation, language: str, *, from_s: float = 0.0
    ) -> Words | Silence | KeyPressed | Deaf:
        """Play ``file`` (``length_s`` seconds, from ``from_s``) and hear one turn.

        The first sound of a voice stops the prompt: the recognizer then sends an empty
        result of grammar ``barge-in``, and a second ``RECOGNIZE`` goes on with the same
        audio.
        """
        if deaf := self._ready(expect, language):
            return deaf
        begun = time.monotonic()
        length_s -= from_s
        timeout = math.ceil(expect.silence_s + 0.5)
        reply = self._recognize(file, timeout, length_s, from_s)
        at_s = from_s + min(time.monotonic() - begun, length_s)
        results = _results(reply.fields) if reply.data == "speech" else []
        if results and results[0].grammar == "barge-in":
            if (stopped := int(reply.fields.get("endpos", "0"))) > 0:
                at_s = stopped / SAMPLES_PER_S
            timeout = DICTATION_S if expect.dictation else UTTERANCE_S
            reply = self._recognize(self._silence, timeout, 10.0)
            results = _results(reply.fields) if reply.data == "speech" else []
            if reply.data == "timeout":
                return Deaf("no result after the caller spoke", at_s)
        if reply.data == "digit":
            return KeyPressed(reply.fields["digit"], at_s)
        if reply.data == "timeout":
            return Silence()
        return _turn(results, at_s)

    def close(self) -> None:
        """Let go of the recognizer."""
        if self._created:
            self._created = False
            self._session.ask("SPEECH DESTROY")

    def _ready(self, expect: Expectation, language: str) -> Deaf | None:
        try:
            if not self._created:
                if self._session.ask("SPEECH CREATE", self._engine).value != "1":
                    return Deaf("the recognizer cannot be reached")
                self._created = True
            turn = describe_turn(expect, call_id=self._call_id, language=language)
            asked = time.monotonic()
            self._session.ask("SPEECH SET", "turn", turn)
        except AGIError:
            return Deaf("Asterisk has no speech module")
        if time.monotonic() - asked > SLOW_SET_S:
            return Deaf("the recognizer does not answer")
        return None

    def _recognize(self, file: str, timeout_s: int, length_s: float, from_s: float = 0.0) -> Reply:
        return self._session.ask(
            "SPEECH RECOGNIZE",
            file,
            timeout_s,
            int(from_s * SAMPLES_PER_S),
            limit_s=length_s + timeout_s + GRACE_S,
        )


def describe_turn(expect: Expectation, *, call_id: str, language: str) -> str:
    """The turn for the recognizer: base64url of JSON (every field of
    :class:`Expectation`, ``call_id``, ``language``). Hints that do not fit are left out."""
    hints = list(expect.hints)
    while True:
        turn = asdict(expect) | {"hints": hints, "call_id": call_id, "language": language}
        raw = json.dumps(turn, ensure_ascii=False, separators=(",", ":")).encode()
        if len(raw) <= TURN_LIMIT or not hints:
            return base64.urlsafe_b64encode(raw).decode()
        hints = hints[: len(hints) * 3 // 4]


def _results(fields: Mapping[str, str]) -> list[_Result]:
    """The results of a reply, best first: Asterisk lists them in reverse, without rank."""
    rows: dict[str, dict[str, str]] = {}
    for name, value in fields.items():
        if match := _RESULT.fullmatch(name):
            rows.setdefault(match[2], {})[match[1]] = value
    results = [
        _Result(
            row.get("text", "").strip(),
            min(max(int(row.get("score", "0")), 0), 100) / 100,
            row.get("grammar", ""),
        )
        for row in rows.values()
    ]
    return sorted(reversed(results), key=lambda result: -result.confidence)


def _turn(results: list[_Result], at_s: float) -> Words | Silence | Deaf:
    if not results:
        return Deaf("the recognizer has gone away", at_s)
    best = results[0]
    if best.grammar == "error":
        return Deaf("the recognizer failed", at_s)
    if not best.text:
        return Silence(noise=best.grammar == "noise")
    others = tuple(Alternative(r.text, r.confidence) for r in results[1:] if r.text)
    return Words(best.text, best.confidence, others)
