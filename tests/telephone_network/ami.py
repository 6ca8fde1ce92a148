"""A manager connection to an Asterisk: the outside world's, or the clinic's to look at it.

Kept apart from the product's client on purpose: what is under test must not drive the test.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any

Packet = dict[str, str]


class ManagerError(Exception):
    """The switch refused an action or went away."""


class Manager:
    """One connection: actions from any thread, events to ``on_event`` in the reader's."""

    def __init__(
        self, port: int, secret: str, on_event: Callable[[Packet], None], *, user: str = "tests"
    ) -> None:
        self._on_event = on_event
        self._numbers = count(1)
        self._answers: dict[str, Packet] = {}
        self._state = threading.Condition()
        self._closed = False
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.settimeout(None)
        self._reader = threading.Thread(target=self._read, name=f"ami-{user}", daemon=True)
        self._reader.start()
        self._lists: dict[str, list[Packet]] = {}
        self.action("Login", Username=user, Secret=secret)

    def action(self, name: str, **headers: Any) -> Packet:
        """Send an action and return its answer; a list value repeats its header.

        Raises :class:`ManagerError` on an error answer or after 10 s.
        """
        number = headers.pop("ActionID", None) or f"tests-{next(self._numbers)}"
        lines = [f"Action: {name}", f"ActionID: {number}"]
        for key, value in headers.items():
            for item in value if isinstance(value, list) else [value]:
                text = str(item)
                if "\r" in text or "\n" in text:
                    raise ValueError(f"{key} must be one line")
                lines.append(f"{key}: {text}")
        with self._state:
            self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            deadline = time.monotonic() + 10
            while number not in self._answers and not self._closed:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise ManagerError(f"{name}: no answer in 10 s")
                self._state.wait(left)
            answer = self._answers.pop(number, None)
        if answer is None:
            raise ManagerError(f"{name}: the connection is closed")
        if answer.get("Response") == "Error":
            raise ManagerError(f"{name}: {answer.get('Message')}")
        return answer

    def rows(self, name: str, **headers: Any) -> list[Packet]:
        """Send an action that answers with a list of events, and return them."""
        number = f"rows-{next(self._numbers)}"
        with self._state:
            self._lists[number] = []
        self.action(name, ActionID=number, **headers)
        with self._state:
            finished = self._state.wait_for(
                lambda: (
                    self._closed
                    or any(row.get("EventList") == "Complete" for row in self._lists[number])
                ),
                10,
            )
            found = self._lists.pop(number)
        if not finished:
            raise ManagerError(f"{name}: the list did not end in 10 s")
        return [row for row in found if row.get("EventList") != "Complete"]

    def close(self) -> None:
        """End the connection, unless the switch has; waiting actions fail."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._reader.join(5)

    def _read(self) -> None:
        packet: Packet = {}
        try:
            for raw in self._socket.makefile("rb"):
                line = raw.decode(errors="replace").rstrip("\r\n")
                if line:
                    key, _, value = line.partition(": ")
                    packet[key] = value
                elif packet:
                    self._dispatch(packet)
                    packet = {}
        except OSError:
            pass
        with self._state:
            self._closed = True
            self._state.notify_all()

    def _dispatch(self, packet: Packet) -> None:
        if "Event" in packet:
            with self._state:
                wanted = self._lists.get(packet.get("ActionID", ""))
                if wanted is not None:
                    wanted.append(packet)
                    self._state.notify_all()
                    return
            self._on_event(packet)
        elif "ActionID" in packet:
            with self._state:
                self._answers[packet["ActionID"]] = packet
                self._state.notify_all()
