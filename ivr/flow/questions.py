"""Questions, their answers, and the caller's turns made safe to keep."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ivr.ports import Alternative, Keys, Turn, Words

SURE, PLAUSIBLE = 0.8, 0.5
"""Understanding above ``SURE`` goes on, above ``PLAUSIBLE`` is asked back."""
CLEAR, FAIR, AUDIBLE = 0.5, 0.4, 0.2
"""The same for the recognizer's confidence in the words themselves; ``FAIR`` is enough for a
yes or a no that was heard no other way."""
RETRIES = 2
KEYS = "0123456789*#"
MOST_CHARACTERS = 1000
"""Of one turn; nobody says more in one breath."""


@dataclass(frozen=True)
class Reading:
    """What words or keys were taken to mean; ``confidence`` 0–1."""

    value: Any
    confidence: float = 1.0
    kind: str = ""
    shown: Any = None
    """What the event shows of it; the value itself when None."""


ReadWords = Callable[[str], Reading | None]
ReadKeys = Callable[[str], Any]


@dataclass(frozen=True)
class Question:
    """One question and how its answer is read.

    ``read_keys`` returns ``None`` for keys that mean nothing here. ``keys_prompt`` is the
    wording for callers who go by keys; it tells every key.
    """

    prompt: str
    read_words: ReadWords | None = None
    read_keys: ReadKeys | None = None
    keys_prompt: str = ""
    again: str = ""
    """Wording of the second try; the first when empty."""
    kinds: tuple[str, ...] = ()
    keys: int = 1
    values: Mapping[str, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    dictation: bool = False
    fresh: bool = False
    """Keys pressed before the question do not answer it: so is asked whatever leads to a
    write, for nobody agrees to what was not read back to them."""
    plausible: Literal["ask_back", "take", "refuse"] = "ask_back"
    """What happens to an answer that is probably right: ``take`` where it is read back to
    the caller later anyway, ``refuse`` where asking again is the shortest way."""
    own_intents: frozenset[str] = frozenset()
    """Intents that are an answer here, not another matter."""
    retries: int = RETRIES
    silence_retries: int = RETRIES


@dataclass(frozen=True)
class Answer:
    """What the caller answered, and by what."""

    value: Any
    how: Literal["key", "voice"]
    words: str = ""


def clean(turn: Turn) -> Turn:
    """The turn without control characters, which neither the log nor the database take."""
    match turn:
        case Words():
            return Words(
                _printable(turn.text),
                turn.confidence,
                tuple(
                    Alternative(_printable(other.text), other.confidence)
                    for other in turn.alternatives
                ),
            )
        case Keys():
            return Keys("".join(key for key in turn.digits if key in KEYS))
    return turn


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)[:MOST_CHARACTERS]


def json_able(value: Any) -> Any:
    """``value`` as JSON can hold it."""
    if hasattr(value, "plain"):
        return value.plain()
    if isinstance(value, str | int | float | bool | dict | list) or value is None:
        return value
    return str(value)


def is_clear(turn: Words, question: Question, reading: Reading) -> bool:
    """Whether the words were heard clearly; a yes or no also fairly, if heard no other way."""
    if turn.confidence >= CLEAR or reading.kind != "yesno" or question.read_words is None:
        return turn.confidence >= CLEAR
    others = (question.read_words(other.text) for other in turn.alternatives)
    contradicted = any(other and other.value != reading.value for other in others)
    return turn.confidence >= FAIR and not contradicted
