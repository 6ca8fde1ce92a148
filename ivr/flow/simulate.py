"""A telephone made of text: the caller's turns come one a line."""

from collections.abc import Callable, Iterator
from pathlib import Path

from ivr.errors import CallerHungUp
from ivr.ports import Expectation, Keys, Message, Silence, TransferTarget, Turn, Words

HELP = "One turn a line: words, dtmf:1, silence, noise, hangup."


def read_turn(line: str) -> Turn:
    """``dtmf:12`` are keys, ``silence`` and ``noise`` no words, the rest is said.

    Raises CallerHungUp for ``hangup``. ``words ~0.4`` is heard with that confidence.
    """
    text = line.strip()
    word = text.lower()
    if word == "hangup":
        raise CallerHungUp
    if word in ("silence", ""):
        return Silence()
    if word == "noise":
        return Silence(noise=True)
    if word.startswith("dtmf:"):
        return Keys(text[5:].strip().rstrip("#"))
    said, mark, confidence = text.rpartition(" ~")
    if mark and confidence.replace(".", "", 1).isdigit():
        return Words(said, float(confidence))
    return Words(text, 1.0)


class TextPhone:
    """A :class:`ivr.ports.Phone` whose caller is a stream of lines; when they end, the
    caller has hung up. Nothing is recorded and nobody is called."""

    def __init__(
        self,
        turns: Iterator[str],
        show: Callable[[str], None] = lambda _text: None,
        *,
        language: str = "es-ES",
        on_listen: Callable[[Expectation], None] = lambda _expect: None,
    ) -> None:
        self.language = language
        self.can_hear = True
        self.recordings: list[str] = []
        self.foreseen: list[str] = []
        self.transferred: TransferTarget | None = None
        self.hung_up = False
        self._turns = turns
        self._show = show
        self._on_listen = on_listen

    def answer(self) -> None:
        self._line()

    def say(self, text: str, *, interruptible: bool = True) -> None:
        self._line()
        self._show(text)

    def foresee(self, text: str) -> None:
        self.foreseen.append(text)

    def listen(self, text: str, expect: Expectation) -> Turn:
        self._line()
        if text:
            self._show(text)
        self._on_listen(expect)
        try:
            turn = read_turn(next(self._turns))
        except (StopIteration, CallerHungUp):
            self.hung_up = True
            raise CallerHungUp from None
        if isinstance(turn, Words) and not self.can_hear:
            return Silence(noise=True)
        return turn

    def forget_keys(self) -> None:
        """Nobody types ahead here: one line is one turn."""

    def start_recording(self, name: str) -> None:
        self._line()
        self.recordings.append(name)

    def stop_recording(self) -> None:
        self._line()

    def record_message(self, *, max_s: float = 120, silence_s: float = 4) -> Message:
        """The next line is the message; its length is three words a second."""
        self._line()
        try:
            words = next(self._turns).split()
        except StopIteration:
            words = []
        return Message(Path(), duration_s=round(len(words) / 3, 1))

    def transfer(self, target: TransferTarget) -> None:
        self._line()
        self.transferred = target

    def hangup(self) -> None:
        self.hung_up = True

    def _line(self) -> None:
        if self.hung_up:
            raise CallerHungUp
