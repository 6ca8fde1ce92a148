"""Keys that AGI would lose.

While a FastAGI server thinks between two commands, Asterisk reads the caller's line and
drops what it reads (``res_agi.c``, ``run_agi``): a key pressed in that moment is gone. The
manager connection reports every key, so the two accounts are laid side by side.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

from ivr.adapters.asterisk.ami_packets import Packet

REPORT_S = 0.3
"""How long a key that AGI returned may wait for its report."""
OWED_S = 5.0
"""A report later than this is of another key."""
_KEYS = frozenset("0123456789*#")


class KeyFeed:
    """The reported keys of one line. ``reports`` says whether reports come at all now."""

    def __init__(self, reports: Callable[[], bool]) -> None:
        self._reports = reports
        self._reported: deque[str] = deque()
        self._owed: deque[tuple[str, float]] = deque()
        self._news = threading.Condition()

    def note(self, key: str) -> None:
        """The switch reports a key."""
        with self._news:
            now = time.monotonic()
            while self._owed and self._owed[0][1] < now:
                self._owed.popleft()
            for one in self._owed:
                if one[0] == key:
                    self._owed.remove(one)
                    return
            self._reported.append(key)
            self._news.notify_all()

    def until(self, key: str) -> str:
        """``key``, which AGI has returned, after those pressed before it that AGI lost."""
        with self._news:
            if self._reports() and self._news.wait_for(lambda: key in self._reported, REPORT_S):
                found = ""
                while not found.endswith(key):
                    found += self._reported.popleft()
                return found
            self._owed.append((key, time.monotonic() + OWED_S))
            return key

    def lost(self) -> str:
        """Keys that AGI did not return; asked between two commands, when it owes none."""
        with self._news:
            found = "".join(self._reported)
            self._reported.clear()
            return found


class KeyReports:
    """Hands the switch's reports to the lines they belong to."""

    def __init__(self, connected: Callable[[], bool]) -> None:
        self._connected = connected
        self._lines: dict[str, KeyFeed] = {}

    def follow(self, unique_id: str) -> KeyFeed:
        """The keys of a channel from now on, until :meth:`leave`."""
        self._lines[unique_id] = feed = KeyFeed(self._connected)
        return feed

    def leave(self, unique_id: str) -> None:
        """Nobody asks for the channel's keys any more."""
        self._lines.pop(unique_id, None)

    def handle(self, packet: Packet) -> None:
        """A manager event."""
        if packet.get("Event") != "DTMFEnd" or packet.get("Direction") != "Received":
            return
        feed, key = self._lines.get(packet.get("Uniqueid", "")), packet.get("Digit", "")
        if feed is not None and key in _KEYS:
            feed.note(key)
