"""The caller's line over AGI: what flows and actions speak and listen through."""

import contextlib
import re
import time
import wave
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from asterisk.agi import AGIAppError

from ivr.adapters.asterisk import edge, processors
from ivr.adapters.asterisk.agi import AgiSession
from ivr.adapters.asterisk.foresee import Foreseen
from ivr.adapters.asterisk.hearing import Deaf, Hearing, KeyPressed
from ivr.adapters.asterisk.keypad import SAMPLES_PER_S, Keypad
from ivr.adapters.asterisk.keys import KeyFeed
from ivr.errors import CallerHungUp, InvalidInput, Unavailable
from ivr.flow.events import EventBase, SpeechUnavailable
from ivr.ports import Expectation, Message, Prompts, Silence, TransferTarget, Turn

PATIENCE_S = 0.7
"""How long a caller hears nothing while a prompt is rendered; then a human voice covers."""
COVER_EVERY_S = 4.0
QUICK_AFTER_S = 8.0
"""After this long the quickest engine says it, however it sounds."""
RENDER_LIMIT_S = 30.0
_SLICE_S = 0.06

_renderers = ThreadPoolExecutor(8, "render", initializer=processors.use_all)
_foreseen = Foreseen()


class AgiPhone:
    """Implements :class:`ivr.ports.Phone` for one call.

    ``recordings`` is the folder Asterisk writes recordings into, ``messages`` the one where
    :mod:`ivr.tickets.messages` finds what nobody has made a task of; ``sounds`` the folder
    of human prompts among Asterisk's sounds; ``engine`` the section of ``aeap.conf``.
    ``cover`` is the human prompt played while ours is late. ``keys`` knows those that AGI
    would lose.
    """

    def __init__(
        self,
        session: AgiSession,
        prompts: Prompts,
        *,
        emit: Callable[[EventBase], None],
        call_id: str,
        recordings: Path,
        messages: Path,
        language: str = "es-ES",
        engine: str = "auricula-speech",
        sounds: str = "es",
        cover: str = "queue-thankyou",
        keys: KeyFeed | None = None,
    ) -> None:
        if "," in f"{recordings}{messages}":
            raise InvalidInput("The folder for recordings may have no comma in its path.")
        self.language = language
        self.can_hear = True
        self._session = session
        self._prompts = prompts
        self._emit = emit
        self._recordings = recordings
        self._messages = messages
        self._call_id = call_id
        self._sounds = sounds
        self._cover = f"{sounds}/{cover}"
        self._keypad = Keypad(session, hush=f"{sounds}/silence/1", feed=keys)
        self._hearing = Hearing(
            session, engine=engine, call_id=call_id, silence=f"{sounds}/silence/10"
        )
        self._next = TransferTarget("hangup")

    # --- The line -----------------------------------------------------------------------

    def claim(self, call_id: str) -> None:
        """Mark the channel, and every leg that comes from it, as part of the call."""
        self._session.set_variable("__AURICULA_CALL", call_id)

    def answer(self) -> None:
        """Answer the call, if it is not yet."""
        self._session.answer()

    def transfer(self, target: TransferTarget) -> None:
        """Decide where the dialplan takes the call once :meth:`finish` was called."""
        if target.name:
            edge.trusted_word(target.name, "The name of a transfer's target")
        self._next = target

    def finish(self) -> None:
        """Tell the dialplan that the application has finished properly, and where to go."""
        self._session.set_variable("AURICULA_NEXT", self._next.kind)
        self._session.set_variable("AURICULA_NEXT_NAME", self._next.name)
        self._session.set_variable("AURICULA_PRIORITY", int(self._next.priority))
        self._session.set_variable("AURICULA_DONE", "1")

    def hangup(self) -> None:
        """End the call."""
        self._next = TransferTarget("hangup")
        self.finish()
        self._session.hangup()

    # --- Speaking and listening -----------------------------------------------------------

    def say(self, text: str, *, interruptible: bool = True) -> None:
        """Say ``text``. A key ends it if ``interruptible``, and somebody who has already
        typed does not hear it at all."""
        if interruptible and self._keypad.typed:
            return
        file = self._rendered(text, unless_typed=interruptible)
        if file is not None:
            self._play(file, interruptible=interruptible)

    def foresee(self, text: str) -> None:
        """``text`` may soon be said: have it spoken meanwhile."""
        _foreseen.add(self._prompts, text, self.language)

    def listen(self, text: str, expect: Expectation) -> Turn:
        """Say ``text`` and return the caller's turn: typed ahead, keys, words or silence."""
        if expect.fresh:
            self._keypad.forget()
        elif self._keypad.typed:
            return self._keypad.collect(expect)
        file = self._rendered(text, unless_typed=not expect.fresh) if text.strip() else None
        if expect.fresh:
            self._keypad.forget()
        elif self._keypad.typed:
            return self._keypad.collect(expect)
        heard_to = 0.0
        if expect.voice and self.can_hear:
            turn = self._hear(file, expect)
            if not isinstance(turn, Deaf):
                return turn
            heard_to = turn.at_s
            self._go_on_by_keys(turn.reason)
        return self._by_keys(file, heard_to, expect)

    def _hear(self, file: Path | None, expect: Expectation) -> Turn | Deaf:
        name = _name(file) if file else f"{self._sounds}/silence/1"
        length_s = _length_s(file) if file else 1.0
        from_s = 0.0
        while True:
            turn = self._hearing.listen(name, length_s, expect, self.language, from_s=from_s)
            if isinstance(turn, Silence) and self._keypad.typed:
                return self._keypad.collect(expect)
            if not isinstance(turn, KeyPressed):
                return turn
            if self._keypad.press(turn.key):
                self._keypad.hush()
                return self._keypad.collect(expect)
            from_s = turn.at_s

    def _by_keys(self, file: Path | None, heard_to: float, expect: Expectation) -> Turn:
        if file and heard_to < _length_s(file):
            self._play(file, interruptible=True, offset=int(heard_to * SAMPLES_PER_S))
        keypad = self._keypad
        if not (keypad.typed or keypad.wait(expect.silence_s) or keypad.typed):
            return Silence()
        return self._keypad.collect(expect)

    def _go_on_by_keys(self, reason: str) -> None:
        self.can_hear = False
        self._emit(SpeechUnavailable(reason=reason))
        self._hearing.close()

    def _play(self, file: Path, *, interruptible: bool, offset: int = 0) -> None:
        try:
            self._keypad.play(_name(file), interruptible=interruptible, offset=offset)
        except AGIAppError:
            raise Unavailable(
                "Asterisk cannot play our prompts: may it read the cache folder?"
            ) from None

    # --- Prompts that are not ready ---------------------------------------------------------

    def _rendered(self, text: str, *, unless_typed: bool) -> Path | None:
        """The prompt's file. While it is rendered the caller waits at most
        :data:`PATIENCE_S` in silence; keys pressed meanwhile are kept, and with
        ``unless_typed`` make the prompt needless (None)."""
        if (path := self._prompts.ready(text, self.language)) is not None:
            return path
        with _foreseen.give_way():
            return self._wait_for(
                _renderers.submit(self._prompts.file, text, self.language), text, unless_typed
            )

    def _wait_for(self, rendering: "Future[Path]", text: str, unless_typed: bool) -> Path | None:
        begun = time.monotonic()
        quick_after = begun + QUICK_AFTER_S
        patience = PATIENCE_S
        while time.monotonic() < begun + RENDER_LIMIT_S:
            until = time.monotonic() + patience
            while not rendering.done() and time.monotonic() < until:
                self._keypad.wait(_SLICE_S)
                if unless_typed and self._keypad.typed:
                    return None
            if rendering.done():
                return rendering.result()
            if time.monotonic() > quick_after:
                quick_after = begun + RENDER_LIMIT_S
                with contextlib.suppress(Unavailable):
                    if (quick := self._prompts.at_once(text, self.language)) is not None:
                        return quick
            with contextlib.suppress(AGIAppError):
                self._keypad.play(self._cover, interruptible=unless_typed)
            patience = COVER_EVERY_S
        raise Unavailable("A prompt took too long to render: is the machine overloaded?")

    # --- Recording ----------------------------------------------------------------------------

    def forget_keys(self) -> None:
        self._keypad.outlast()

    def start_recording(self, name: str) -> None:
        """Record both sides into ``name`` (WAV) in the folder for recordings."""
        file = self._recordings / f"{edge.trusted_word(name.removesuffix('.wav'), 'A name')}.wav"
        self._session.appexec("MixMonitor", f"{file},i(AURICULA_RECORDER)")

    def stop_recording(self) -> None:
        """Stop what :meth:`start_recording` began."""
        self._session.appexec("StopMixMonitor", "")

    def record_message(self, *, max_s: float = 120, silence_s: float = 4) -> Message:
        """Record after a beep until a key, silence or the end; a caller who hangs up
        instead has left a message too. Raises :class:`CallerHungUp` if there is none."""
        channel = re.sub(r"[^0-9.]", "", self._session.env.get("agi_uniqueid", ""))
        file = self._messages / f"{time.time_ns() // 10**6}_{self._call_id}_{channel}.wav"
        self._keypad.play(f"{self._sounds}/beep", interruptible=False)
        try:
            self._session.record_file(
                _name(file), "wav", "0123456789*#", int(max_s * 1000), 0, "", round(silence_s)
            )
        except CallerHungUp:
            if not file.exists() or _length_s(file) < 1.0:
                file.unlink(missing_ok=True)
                raise
        self._keypad.settle()
        return Message(file, _length_s(file))


def _name(file: Path) -> str:
    """A sound file as Asterisk names it: without its ending."""
    return str(file.with_suffix(""))


def _length_s(file: Path) -> float:
    try:
        with wave.open(str(file)) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (OSError, EOFError, wave.Error) as error:
        raise Unavailable(f"{file.name} is no sound file ({error}).") from None
