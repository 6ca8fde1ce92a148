"""Red flags in what a caller says: one heard clearly leaves the step at once; in doubt the
caller is asked, and only a clear no lets the call go on."""

from collections.abc import Callable

from ivr.flow.events import EventBase, RedFlagHeard
from ivr.flow.questions import CLEAR, SURE, Answer, Question, Reading
from ivr.flow.signals import Exhausted, Urgent
from ivr.language.model import Understood
from ivr.ports import Words

ReadYesNo = Callable[[str, frozenset[str]], Reading | None]


class RedFlags:
    """Minds the red flags of one call. ``ask`` raises Exhausted without an answer;
    ``intents`` are what callers may say instead of one."""

    def __init__(
        self,
        understand: Callable[[str, str], Understood],
        emit: Callable[[EventBase], None],
        ask: Callable[[Question], Answer],
        read_yesno: ReadYesNo,
        intents: frozenset[str],
    ) -> None:
        self._understand = understand
        self._emit = emit
        self._ask = ask
        self._read_yesno = read_yesno
        self._intents = intents
        self._raised: set[str] = set()
        self._asking = False

    def mind(self, turn: Words) -> bool:
        """Raises :class:`~ivr.flow.signals.Urgent` for a flag not raised before; True when
        it only sounded like one, so that the caller had to be asked."""
        flag = self._understand("urgency", turn.text)
        level = flag.value
        if level is None or level in self._raised or "emergency" in self._raised:
            return False
        clear = flag.confidence >= SURE and turn.confidence >= CLEAR
        if not clear and not self._asking and not self._is_urgent():
            return True
        self._raised.add(level)
        self._emit(RedFlagHeard(level=level, text=turn.text))
        raise Urgent(level)

    def _is_urgent(self) -> bool:
        question = Question(
            prompt="es_urgente",
            read_words=lambda words: self._read_yesno(words, frozenset({"urgency"})),
            read_keys={"1": True, "2": False}.get,
            kinds=("yesno",),
            plausible="refuse",
            own_intents=self._intents,
            retries=0,
            silence_retries=0,
        )
        self._asking = True
        try:
            return self._ask(question).value is not False
        except Exhausted:
            return True
        finally:
            self._asking = False
