"""Notices that the application hangs, and takes its callers to a person; and whether the
switch itself hangs.

A killed application closes its connections, but Asterisk notices only once the prompt that
plays has ended; one that hangs holds its callers for ever. This runs in a process of its
own and needs only the switch: no database, no application code.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Protocol

from ivr.adapters.asterisk.ami_packets import Packet, action_packet
from ivr.adapters.asterisk.fastagi import HEALTH, HEALTHY
from ivr.errors import AuriculaError

INTERVAL_S = 1.0
PATIENCE = 4
"""Questions in a row the application may leave unanswered before its callers are taken away.
Not a time: when the whole machine stands still (a busy host, a laptop that sleeps), the time
passes, but only the one question that was out is lost."""
_ENDS_OF_LIST = (b"Event: CoreShowChannelsComplete", b"Response: Error")
RESCUE = {"Context": "rescue", "Exten": "s", "Priority": 1}

_log = logging.getLogger(__name__)


class Manager(Protocol):
    """What the watchdog asks of the manager connection."""

    def action(self, name: str, fields: dict[str, object], /) -> Packet: ...
    def list_action(self, name: str, /) -> list[Packet]: ...


def answers(host: str, port: int, *, within_s: float = INTERVAL_S) -> bool:
    """Whether the FastAGI server answers ``/health`` in time."""
    deadline = time.monotonic() + within_s
    try:
        with socket.create_connection((host, port), within_s) as connection:
            connection.sendall(b"agi_network: yes\n" + HEALTH)
            reply = b""
            while len(reply) < len(HEALTHY):
                connection.settimeout(max(0.01, deadline - time.monotonic()))
                chunk = connection.recv(len(HEALTHY))
                if not chunk:
                    return False
                reply += chunk
            return reply == HEALTHY
    except OSError:
        return False


def switch_answers(host: str, port: int, secret: str, *, within_s: float) -> bool:
    """Whether the switch lists its channels in time, asked as the watchdog's manager user; any
    other answer than none will do."""
    asked = action_packet("Login", [("Username", "watchdog"), ("Secret", secret)])
    asked += action_packet("CoreShowChannels", [])
    deadline = time.monotonic() + within_s
    try:
        with socket.create_connection((host, port), within_s) as connection:
            connection.sendall(asked)
            reply = b""
            while not any(end in reply for end in _ENDS_OF_LIST):
                connection.settimeout(max(0.01, deadline - time.monotonic()))
                chunk = connection.recv(1 << 16)
                if not chunk:
                    return True
                reply = reply[-100:] + chunk
            return True
    except TimeoutError:
        return False
    except OSError:
        return True


def absent(host: str, port: int) -> bool:
    """Whether nothing listens there: the application is not running, so need not be awaited."""
    try:
        socket.create_connection((host, port), INTERVAL_S).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def rescue(manager: Manager) -> int:
    """Take every caller whom the application holds to the queue; returns how many."""
    taken = 0
    for channel in manager.list_action("CoreShowChannels"):
        if channel.get("Application", "").upper() != "AGI":
            continue
        try:
            manager.action("Redirect", {"Channel": channel["Channel"], **RESCUE})
            taken += 1
        except AuriculaError as error:
            _log.warning("a caller could not be taken to the queue: %s", error)
    return taken


class Watchdog:
    """Asks for signs of life every second, and rescues as long as there are none: at once
    when the application is absent, after ``patience`` questions when it does not answer."""

    def __init__(
        self,
        manager: Manager,
        is_alive: Callable[[], bool],
        *,
        is_absent: Callable[[], bool] = lambda: False,
        interval_s: float = INTERVAL_S,
        patience: int = PATIENCE,
    ) -> None:
        self._manager = manager
        self._is_alive = is_alive
        self._is_absent = is_absent
        self._interval_s = interval_s
        self._patience = patience
        self._unanswered = 0
        self._stop = threading.Event()

    def look(self) -> int:
        """Look once; returns how many callers were taken away."""
        if self._is_alive():
            self._unanswered = 0
            return 0
        self._unanswered += 1
        if self._unanswered < self._patience and not self._is_absent():
            return 0
        try:
            taken = rescue(self._manager)
        except AuriculaError as error:
            _log.error("the application does not answer, nor does the switch: %s", error)
            return 0
        if taken:
            _log.error("the application does not answer: %d callers go to the queue", taken)
        return taken

    def run(self) -> None:
        """Look every interval until :meth:`stop`."""
        while not self._stop.is_set():
            begun = time.monotonic()
            self.look()
            self._stop.wait(max(0.0, self._interval_s - (time.monotonic() - begun)))

    def stop(self) -> None:
        """End :meth:`run`."""
        self._stop.set()
