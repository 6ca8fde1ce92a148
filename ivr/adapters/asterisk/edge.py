"""The edge: everything that comes from the switch or goes to it is checked here.

What comes in from a carrier is hostile until it has passed; what goes out must not be able
to end a line, an argument or an expression of the dialplan.
"""

import re
import unicodedata
import uuid
from dataclasses import dataclass
from typing import Literal, Protocol

import phonenumbers

from ivr.errors import InvalidInput

NAME_LIMIT = 80
"""Most characters of a caller's name that are kept."""

Country = Literal["es", "mx"]

_NUMBER = re.compile(r"\+?[0-9][0-9 ().\-/]{1,30}")
_DIALLED = re.compile(r"[A-Za-z0-9+*#._-]{1,40}")
_DIGITS = re.compile(r"\+?([0-9]{3,20})", re.ASCII)
_CHANNEL = re.compile(r"[A-Za-z0-9]+/[A-Za-z0-9_.@:;+/\-]{1,120}", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}", re.ASCII)
_UNIQUE = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_VARIABLE = re.compile(r"_{0,2}[A-Z][A-Z0-9_]{0,63}", re.ASCII)
_VALUE = re.compile(r"[^\x00-\x1f\x7f\"'&,;|<>\\`]{0,512}")
_EXPRESSION = re.compile(r"\$[{\[]")
_MEXICAN_MOBILE = re.compile(r"(?:\+|00)?521([0-9]{10})")
_UNKNOWN_NAMES = frozenset({"unknown", "anonymous", "asterisk"})


def caller_number(raw: str, country: Country) -> str:
    """``raw`` as E.164, or empty when it is withheld, malformed or no real number.

    Numbers without a prefix are taken as the ``country``'s. The ``1`` that Mexico put after
    ``+52`` for mobiles until 2020 is dropped.
    """
    text = raw.strip()
    if not text.isascii() or not _NUMBER.fullmatch(text):
        return ""
    compact = re.sub(r"[^0-9+]", "", text)
    if mexican := _MEXICAN_MOBILE.fullmatch(compact):
        compact = "+52" + mexican[1]
    try:
        number = phonenumbers.parse(compact, country.upper())
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def caller_name(raw: str) -> str:
    """A caller's name fit to be shown and stored: one line of visible characters.

    Control, direction and private characters, quotes, angle brackets and the beginnings of
    dialplan expressions go; at most :data:`NAME_LIMIT` characters stay.
    """
    text = unicodedata.normalize("NFC", raw)
    text = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    text = re.sub(r'["<>{}\[\]\\`|&;]|\$(?=[{\[])', "", text)
    text = " ".join(text.split())[:NAME_LIMIT].strip()
    return "" if text.lower() in _UNKNOWN_NAMES else text


def dialled_number(raw: str) -> str:
    """The number or extension called, or empty when it has no such form."""
    text = raw.strip()
    return text if _DIALLED.fullmatch(text) and text != "unknown" else ""


def call_id(raw: str) -> str | None:
    """A call's UUID in its canonical form; None when it is not one."""
    text = raw.strip()
    try:
        return str(uuid.UUID(text)) if len(text) == 36 else None
    except ValueError:
        return None


def word(raw: str) -> str:
    """A name of ours (flow, queue, agent's user name, file), or empty when it is not one."""
    text = raw.strip()
    return text if _WORD.fullmatch(text) else ""


def trusted_word(raw: str, what: str) -> str:
    """As :func:`word`, for what must be one; raises :class:`InvalidInput`."""
    if not _WORD.fullmatch(raw):
        raise InvalidInput(f"{what}: letters, digits, -, _ and dots within, at most 64.")
    return raw


def unique_id(raw: str) -> str:
    """Asterisk's ``UNIQUEID`` or ``LINKEDID``, or empty when it is not one."""
    return raw if _UNIQUE.fullmatch(raw) else ""


def channel(raw: str) -> str:
    """A channel's name as Asterisk writes it; raises :class:`InvalidInput`."""
    if not _CHANNEL.fullmatch(raw):
        raise InvalidInput("This is not the name of a channel.")
    return raw


def digits_to_dial(number: str) -> str:
    """The digits of an E.164 number, for the trunk; raises :class:`InvalidInput`."""
    match = _DIGITS.fullmatch(number)
    if match is None:
        raise InvalidInput("A number to call is 3 to 20 digits, with + or without.")
    return match[1]


def variable(name: str, value: str) -> tuple[str, str]:
    """A channel variable for an outbound call; raises :class:`InvalidInput`.

    A value may hold no line break, NUL, quote, ``&``, ``,`` nor the beginning of an
    expression: Originate's variables are separated by commas and the dialplan reads them.
    """
    if not _VARIABLE.fullmatch(name):
        raise InvalidInput("A channel variable's name is capitals, digits and _.")
    if not _VALUE.fullmatch(value) or _EXPRESSION.search(value):
        raise InvalidInput(f"The value of {name} holds a character the dialplan would read.")
    return name, value


class AgiVariables(Protocol):
    """What of an AGI session says who calls."""

    env: dict[str, str]

    def get_variable(self, name: str) -> str: ...


@dataclass(frozen=True)
class ArrivedCall:
    """A call as the switch hands it over, every field checked; empty where unknown."""

    call_id: str
    """UUID of the conversation: the channel's, or a new one."""
    is_new: bool
    """The channel brought no ``AURICULA_CALL``: the call comes from outside."""
    channel: str
    unique_id: str
    linked_id: str
    ani: str
    caller_name: str
    dnis: str
    flow: str
    attempt_id: int | None


def arrived_call(agi: AgiVariables, country: Country) -> ArrivedCall:
    """Read who calls, whom, and what for from a session's variables."""
    brought = call_id(agi.get_variable("AURICULA_CALL"))
    attempt = agi.get_variable("AURICULA_ATTEMPT").strip()
    return ArrivedCall(
        call_id=brought or str(uuid.uuid4()),
        is_new=brought is None,
        channel=channel(agi.env.get("agi_channel", "")),
        unique_id=unique_id(agi.env.get("agi_uniqueid", "")),
        linked_id=unique_id(agi.get_variable("CHANNEL(linkedid)")),
        ani=caller_number(agi.env.get("agi_callerid", ""), country),
        caller_name=caller_name(agi.env.get("agi_calleridname", "")),
        dnis=dialled_number(agi.env.get("agi_dnid", "")),
        flow=word(agi.get_variable("AURICULA_FLOW")),
        attempt_id=int(attempt) if re.fullmatch(r"[0-9]{1,18}", attempt, re.ASCII) else None,
    )
