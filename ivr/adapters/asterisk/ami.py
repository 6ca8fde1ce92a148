"""The manager connection: asterisk-ami's :class:`AMIClient`, mended.

asterisk-ami 0.1.7 takes three quiet seconds for a disconnect, searches its whole buffer
again for each packet, ignores short writes, lets CR/LF in a value begin another action,
loses repeated keys and runs handlers in the thread that must read. Its actions, listeners
and futures stay; the connection is ours. Wire rules: Asterisk 22 ``main/manager.c``.
"""

import contextlib
import itertools
import logging
import queue
import random
import re
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from asterisk.ami import AMIClient
from asterisk.ami.action import Action, SimpleAction
from asterisk.ami.event import Event
from asterisk.ami.response import FutureResponse, Response

from ivr.adapters.asterisk.ami_packets import Packet, Splitter, action_packet, parse
from ivr.errors import AuriculaError, Unavailable

KEEP_ALIVE_S = 10.0
"""Quiet seconds after which the switch is asked whether it is there."""
BACKOFF_S = (0.1, 5.0)
READ_BYTES = 1 << 18

_log = logging.getLogger(__name__)
_ACTION_ID = re.compile(rb"\r\nActionID: ([^\r]*)")

Fields = Mapping[str, object] | Iterable[tuple[str, object]]


class ActionRefused(AuriculaError):
    """Asterisk answered an action with an error; the message is Asterisk's own."""

    code = "switch_refused"


class PendingReply(FutureResponse):  # type: ignore[misc]
    """asterisk-ami's future, which also gathers the events of a list."""

    def __init__(
        self, action_id: str, callback: Callable[[Any], None] | None, timeout: float
    ) -> None:
        super().__init__(callback, timeout)
        self.action_id = action_id
        self.lost = False
        self.packet: Packet | None = None
        self.events: list[Packet] = []
        self.answered = threading.Event()
        self.complete = threading.Event()
        self._answered_with = callback
        self._patience = timeout

    def answer(self, packet: Packet) -> None:
        """The switch's answer has come."""
        self.packet = packet
        self.answered.set()
        if packet.get("EventList", "").lower() != "start":
            self.complete.set()
        if self._answered_with is not None:
            self._answered_with(self.response)

    def lose(self) -> None:
        """The connection is gone: nothing more will come."""
        self.lost = not self.complete.is_set()
        self.answered.set()
        self.complete.set()

    @property
    def response(self) -> Response | None:
        """asterisk-ami's form of the answer, awaited."""
        self.answered.wait(self._patience)
        if self.packet is None:
            return None
        return Response(self.packet.get("Response", ""), self.packet, self.packet.all("Output"))


class AmiClient(AMIClient):  # type: ignore[misc]
    """A manager session that stays: it reconnects, and loses no event while it is up.

    One thread reads; another runs ``on_event`` for each event in order, ``on_connected``
    after each login (for reconciliation: it may send actions and wait for them, and no
    event of the new connection is handled before it returns) and ``on_disconnected``. The
    queue between them has no bound; :attr:`backlog` and :attr:`peak_backlog` measure it.
    With ``on_event`` None the manager sends no events but those that answer an action.
    """

    def __init__(
        self,
        address: str = "127.0.0.1",
        port: int = 5038,
        *,
        username: str,
        secret: str,
        on_event: Callable[[Packet], None] | None = lambda event: None,
        on_connected: Callable[[], None] = lambda: None,
        on_disconnected: Callable[[], None] = lambda: None,
        timeout: float = 5.0,
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> None:
        super().__init__(address, port, timeout=timeout)
        self._username = username
        self._secret = secret
        self._on_event = on_event or (lambda event: None)
        self._mask = {} if on_event else {"Events": "off"}
        self._on_connected = on_connected
        self._on_disconnected = on_disconnected
        self._keep_alive_s = keep_alive_s
        self._socket: socket.socket | None = None
        self._ids = itertools.count(1)
        self._pending: dict[str, PendingReply] = {}
        self._sending = threading.Lock()
        self._stop = threading.Event()
        self._logged_in = threading.Event()
        self._queue: queue.SimpleQueue[list[bytes] | Callable[[], None] | None] = (
            queue.SimpleQueue()
        )
        self._reader = threading.Thread(target=self.listen, name="ami", daemon=True)
        self._handler = threading.Thread(target=self._handle, name="ami-events", daemon=True)
        self.finished = self._stop
        self.received = 0
        self.handled = 0
        self.peak_backlog = 0

    @property
    def backlog(self) -> int:
        """Events received and not yet handled."""
        return self.received - self.handled

    @property
    def connected(self) -> bool:
        """Logged in now."""
        return self._logged_in.is_set()

    # --- Life -----------------------------------------------------------------------------

    def connect(self) -> None:
        """Connect, log in and stay so, in the background."""
        self._handler.start()
        self._reader.start()

    def wait_connected(self, seconds: float) -> bool:
        """Wait for the login at most ``seconds``."""
        return self._logged_in.wait(seconds)

    def soon(self, work: Callable[[], None]) -> None:
        """Run ``work`` in the handling thread, after the events received so far."""
        self._queue.put(work)

    def disconnect(self) -> None:
        """End the session and its threads; events already received are still handled."""
        self._stop.set()
        self._cut()
        if self._reader.ident is not None:
            self._reader.join(self._timeout)
        self._queue.put(None)
        if self._handler.ident is not None and threading.current_thread() is not self._handler:
            self._handler.join(self._timeout)

    # --- Actions ----------------------------------------------------------------------------

    def action(
        self,
        name: str,
        fields: Fields = (),
        *,
        action_id: str = "",
        timeout_s: float | None = None,
    ) -> Packet:
        """Do one action and return its answer. ``action_id`` (else a number is made) comes
        back in events that tell of it later.

        Raises :class:`ActionRefused` when Asterisk says no, :class:`Unavailable` when it is
        not there, and :class:`ivr.errors.InvalidInput` for a value with a line break.
        """
        return self._answer(self._begin(name, fields, None, action_id), name, timeout_s)

    def list_action(
        self, name: str, fields: Fields = (), *, timeout_s: float | None = None
    ) -> list[Packet]:
        """Do an action that answers with a list (``CoreShowChannels``, ``QueueStatus``…)
        and return its events, the closing one left out."""
        reply = self._begin(name, fields)
        self._answer(reply, name, timeout_s, keep=True)
        whole = reply.complete.wait(timeout_s or self._timeout)
        self._pending.pop(reply.action_id, None)
        if not whole or reply.lost:
            raise Unavailable(f"Asterisk's answer to {name} did not come to its end.")
        return reply.events

    def send_action(
        self, action: Action, callback: Callable[[Any], None] | None = None
    ) -> PendingReply:
        """asterisk-ami's way: the answer is in the returned future's ``response``."""
        fields = list(action.keys.items())
        fields += [("Variable", f"{name}={value}") for name, value in action.variables.items()]
        self._fire_on_action(action=action)
        return self._begin(action.name, fields, callback)

    def login(self, username: str, secret: str, callback: Any = None) -> PendingReply:
        """Log in on the connection at hand (done by itself after each connection)."""
        action = SimpleAction("Login", Username=username, Secret=secret, **self._mask)
        return self.send_action(action, callback)

    def send(self, pack: object) -> None:
        """Write one packet whole."""
        self._write(bytes(str(pack) + "\r\n", self.encoding))

    def _begin(
        self,
        name: str,
        fields: Fields,
        callback: Callable[[Any], None] | None = None,
        action_id: str = "",
    ) -> PendingReply:
        action_id = action_id or str(next(self._ids))
        pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
        raw = action_packet(name, [("ActionID", action_id), *pairs])
        if not self.connected and name != "Login":
            raise Unavailable("There is no connection with Asterisk's manager now.")
        reply = PendingReply(action_id, callback, self._timeout)
        self._pending[action_id] = reply
        try:
            self._write(raw)
        except OSError:
            self._pending.pop(action_id, None)
            self._cut()
            raise Unavailable("The connection with Asterisk's manager is lost.") from None
        return reply

    def _answer(
        self, reply: PendingReply, name: str, timeout_s: float | None, *, keep: bool = False
    ) -> Packet:
        reply.answered.wait(timeout_s or self._timeout)
        packet = reply.packet
        if not keep or packet is None or packet.get("Response") == "Error":
            self._pending.pop(reply.action_id, None)
        if packet is None:
            raise Unavailable(f"Asterisk did not answer the action {name}.")
        if packet.get("Response") == "Error":
            raise ActionRefused(packet.get("Message", "Asterisk refused the action."))
        return packet

    def _write(self, raw: bytes) -> None:
        connection = self._socket
        if connection is None:
            raise OSError("not connected")
        with self._sending:
            connection.sendall(raw)

    # --- The reading thread -------------------------------------------------------------------

    def listen(self) -> None:
        """Connect, read until the connection is lost, and again, until told to stop."""
        delay = BACKOFF_S[0]
        while not self._stop.is_set():
            try:
                self._session()
            except (OSError, AuriculaError) as error:
                _log.info("manager connection: %s", error)
            finally:
                was_connected = self.connected
                self._lost()
            delay = BACKOFF_S[0] if was_connected else min(delay * 2, BACKOFF_S[1])
            self._stop.wait(delay * random.uniform(0.5, 1.0))

    def _session(self) -> None:
        connection = socket.create_connection((self._address, self._port), self._timeout)
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(self._keep_alive_s)
            self._socket = connection
            splitter = Splitter()
            self._ami_version = splitter.banner(connection)
            self._fire_on_connect()
            self.login(self._username, self._secret, self._on_login)
            asked = False
            while not self._stop.is_set():
                try:
                    chunk = connection.recv(READ_BYTES)
                except TimeoutError:
                    if asked or not self.connected:
                        raise OSError("the switch is silent") from None
                    asked = True
                    self._begin("Ping", (), lambda response: None)
                    continue
                if not chunk:
                    return
                asked = False
                self._sort(splitter.feed(chunk))

    def _sort(self, packets: list[bytes]) -> None:
        """Answers go to who waits for them, events to the handler."""
        events = []
        for raw in packets:
            if raw.startswith(b"Event:"):
                if self._pending and self._is_listed(raw):
                    continue
                events.append(raw)
            elif raw.startswith(b"Response:"):
                packet = parse(raw)
                self.fire_recv_reponse(packet)
            else:
                self._fire_on_unknown(pack=raw)
        if events:
            self.received += len(events)
            self.peak_backlog = max(self.peak_backlog, self.backlog)
            self._queue.put(events)

    def fire_recv_reponse(self, response: Packet) -> None:
        """Hand an answer to who waits for it."""
        reply = self._pending.get(response.get("ActionID", ""))
        if reply is not None:
            if response.get("EventList", "").lower() != "start":
                del self._pending[reply.action_id]
            reply.answer(response)

    def _is_listed(self, raw: bytes) -> bool:
        match = _ACTION_ID.search(raw)
        reply = self._pending.get(match[1].decode("ascii", "replace")) if match else None
        if reply is None:
            return False
        packet = parse(raw)
        if packet.get("EventList", "").lower() in ("complete", "cancelled"):
            reply.complete.set()
        else:
            reply.events.append(packet)
        return True

    def _on_login(self, response: Response) -> None:
        if response.is_error():
            _log.error("Asterisk's manager refuses the user %s", self._username)
            self._cut()
            return
        self._logged_in.set()
        self._queue.put(self._on_connected)

    def _cut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _lost(self) -> None:
        self._socket = None
        was_connected = self.connected
        self._logged_in.clear()
        for reply in list(self._pending.values()):
            reply.lose()
        self._pending.clear()
        if was_connected:
            self._fire_on_disconnect(error=None)
            self._queue.put(self._on_disconnected)

    # --- The handling thread --------------------------------------------------------------------

    def _handle(self) -> None:
        while (item := self._queue.get()) is not None:
            if callable(item):
                self._safely(item)
                continue
            for raw in item:
                self._safely(self._on_event, parse(raw))
                if self._event_listeners or self._listeners:
                    packet = parse(raw)
                    self._safely(self.fire_recv_event, Event(packet["Event"], packet))
                self.handled += 1

    def _safely(self, function: Callable[..., object], *args: object) -> None:
        try:
            function(*args)
        except Exception as error:
            _log.error("a handler of the switch's events failed with %s", type(error).__name__)
