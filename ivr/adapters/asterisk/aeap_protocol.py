"""Asterisk's External Application Protocol, speech to text: messages, without any I/O.

Asterisk connects by websocket (subprotocol ``speech_to_text``) and sends JSON requests;
each wants a response with its id within a second. The application ends a turn by setting
``results`` itself. See ``res_aeap`` and ``res_speech_aeap`` in Asterisk 22.
"""

import base64
import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from ivr.ports import Expectation, Words

SUBPROTOCOL = "speech_to_text"
VERSION = "0.1.0"
CODEC = "slin"
"""8 kHz signed linear: what AGI's SPEECH RECOGNIZE always sends."""
LONGEST_TEXT = 1500
"""Bytes of a result's text: all results of an AGI reply share one buffer of 4096."""
_EXPECTATION = TypeAdapter(Expectation)
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"]')


class ProtocolError(ValueError):
    """A message that is not AEAP."""


@dataclass(frozen=True)
class Request:
    """Asterisk wants something: ``setup``, ``get`` or ``set``."""

    name: str
    id: str
    params: Any = None
    codecs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Response:
    """Asterisk's answer to a request of ours."""

    name: str
    id: str
    error: str = ""


@dataclass(frozen=True)
class TurnWanted:
    """One listening turn as the phone described it."""

    expect: Expectation = field(default_factory=Expectation)
    language: str = "es-ES"
    call_id: str = ""


@dataclass(frozen=True)
class Result:
    """One line of a turn's outcome; ``score`` 0-100."""

    text: str
    score: int
    grammar: str


BARGE_IN = (Result("", 100, "barge-in"),)
"""Somebody speaks: Asterisk stops the prompt and asks again for the words."""
NOISE = (Result("", 0, "noise"),)
FAILED = (Result("", 0, "error"),)


def results_of(words: Words) -> tuple[Result, ...]:
    """A turn's outcome, best first."""
    if not words.text:
        return NOISE
    readings = [(words.text, words.confidence)]
    readings += [(each.text, each.confidence) for each in words.alternatives]
    return tuple(
        Result(text, round(100 * min(1.0, max(0.0, confidence))), "words")
        for text, confidence in readings
    )


def parse(message: str) -> Request | Response:
    """Read one text message. Raises :class:`ProtocolError`."""
    try:
        data = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("not JSON") from error
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        raise ProtocolError("no id")
    if isinstance(name := data.get("request"), str):
        codecs = data.get("codecs")
        names = (
            [each.get("name") for each in codecs if isinstance(each, dict)]
            if isinstance(codecs, list)
            else []
        )
        return Request(name, data["id"], data.get("params"), tuple(map(str, names)))
    if isinstance(name := data.get("response"), str):
        return Response(name, data["id"], str(data.get("error_msg") or ""))
    raise ProtocolError("neither request nor response")


def answer(request: Request, **content: Any) -> str:
    """A response that says yes."""
    return json.dumps({"response": request.name, "id": request.id, **content})


def refuse(request: Request, reason: str) -> str:
    """A response that says no."""
    return answer(request, error_msg=reason)


def answer_setup(request: Request) -> str:
    """Agree on signed linear, or refuse when it is not offered."""
    if CODEC not in request.codecs:
        return refuse(request, f"only {CODEC} is understood here")
    return answer(request, codecs=[{"name": CODEC}])


def set_results(results: Sequence[Result]) -> tuple[str, str]:
    """The request that ends a turn, and its id. Asterisk puts the results into one line of
    an AGI reply, unescaped: quotes and control characters are taken out, length bounded."""
    lines = [
        {
            "text": _bounded(_UNSAFE.sub(" ", result.text), LONGEST_TEXT // len(results)),
            "score": result.score,
            "grammar": result.grammar,
            "best": rank,
        }
        for rank, result in enumerate(results)
    ]
    identity = str(uuid.uuid4())
    message = {"request": "set", "id": identity, "params": {"results": lines}}
    return json.dumps(message, ensure_ascii=False), identity


def read_turn(value: str) -> TurnWanted:
    """The parameter ``turn``: JSON, usually as base64url, of the fields of
    :class:`ivr.ports.Expectation` with ``language`` and ``call_id``; unknown fields are
    ignored. Raises :class:`ProtocolError`."""
    try:
        raw = value if value.lstrip().startswith("{") else _from_base64(value)
        data = json.loads(raw)
        return TurnWanted(
            _EXPECTATION.validate_python(data),
            str(data.get("language") or "es-ES"),
            str(data.get("call_id") or ""),
        )
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ProtocolError("the turn is not what the phone sends") from error


def _from_base64(value: str) -> str:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()


def _bounded(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")
