"""The caller's keys: played over, typed ahead, collected."""

import time
from collections import deque

from ivr.adapters.asterisk.agi import AgiSession, quote
from ivr.adapters.asterisk.keys import REPORT_S, KeyFeed
from ivr.ports import Expectation, Keys

ALL_KEYS = "0123456789*#"
SAMPLES_PER_S = 8000
_LATE_TERMINATOR_S = 3.0
"""A terminator pressed this soon after the last digit wanted belongs to those digits."""

_BURST_GAP_S = 0.5
_BURST_MOST_S = 8.0


class Keypad:
    """Keys of one call, kept until somebody asks for them.

    ``hush`` names one second of silence among Asterisk's sounds; ``feed`` knows the keys
    that were pressed while no command ran.
    """

    def __init__(self, session: AgiSession, *, hush: str, feed: KeyFeed | None = None) -> None:
        self._session = session
        self._feed = feed
        self._hush = hush
        self._typed: deque[str] = deque()
        self._late_terminator = ("", 0.0)

    @property
    def typed(self) -> bool:
        """Keys wait to be taken."""
        for key in self._feed.lost() if self._feed else "":
            self._keep(key)
        return bool(self._typed)

    def forget(self) -> None:
        """Drop what was typed ahead."""
        if self._feed:
            self._feed.lost()
        self._typed.clear()

    def outlast(self) -> None:
        """Drop what was typed ahead and what goes on being typed without a pause."""
        until = time.monotonic() + _BURST_MOST_S
        self.forget()
        while time.monotonic() < until and self.wait(_BURST_GAP_S):
            self.forget()

    def settle(self) -> None:
        """Drop the key that ended something else, a recording for example."""
        if self._feed:
            time.sleep(REPORT_S)
            self._feed.lost()

    def press(self, key: str) -> bool:
        """Keep a key that a command returned; False when it only ends digits that were
        complete already."""
        return [self._keep(one) for one in (self._feed.until(key) if self._feed else key)][-1]

    def _keep(self, key: str) -> bool:
        terminator, until = self._late_terminator
        self._late_terminator = ("", 0.0)
        if key == terminator and time.monotonic() < until:
            return False
        self._typed.append(key)
        return True

    def play(self, file: str, *, interruptible: bool, offset: int = 0) -> None:
        """Play a sound file (without its ending) from ``offset`` samples; keys pressed are
        kept, and end it if ``interruptible``."""
        while True:
            reply = self._session.ask("STREAM FILE", file, quote(ALL_KEYS), offset)
            if reply.value == "0":
                return
            if self.press(chr(int(reply.value))) and interruptible:
                return
            offset = int(reply.fields.get("endpos", "0"))

    def wait(self, seconds: float) -> bool:
        """Wait for a key, at most ``seconds``; True if one came."""
        reply = self._session.ask("WAIT FOR DIGIT", max(1, int(seconds * 1000)))
        return reply.value != "0" and self.press(chr(int(reply.value)))

    def hush(self) -> None:
        """Stop a prompt that ``SPEECH RECOGNIZE`` left playing when a key ended it."""
        self.play(self._hush, interruptible=True, offset=SAMPLES_PER_S - SAMPLES_PER_S // 50)

    def collect(self, expect: Expectation) -> Keys:
        """The keys of one turn: typed ones first, then awaited with ``key_gap_s``."""
        wanted = max(1, expect.keys)
        digits = ""
        while len(digits) < wanted:
            if not self.typed and not (digits and (self.wait(expect.key_gap_s) or self.typed)):
                break
            key = self._typed.popleft()
            if wanted > 1 and key == expect.terminator:
                return Keys(digits)
            digits += key
        if 1 < wanted == len(digits):
            self._late_terminator = (expect.terminator, time.monotonic() + _LATE_TERMINATOR_S)
            if self._typed and self._typed[0] == expect.terminator:
                self._typed.popleft()
        return Keys(digits)
