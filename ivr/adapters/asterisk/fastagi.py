"""The FastAGI server: each call that the dialplan hands over runs in its own thread."""

import contextlib
import logging
import selectors
import socket
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from ivr.adapters.asterisk import processors
from ivr.adapters.asterisk.agi import AgiSession
from ivr.errors import CallerHungUp, Unavailable

HEALTH = b"agi_network_script: health\n"
"""What the watchdog's connection sends: the request ``agi://HOST:PORT/health``."""
HEALTHY = b"200 result=1 (healthy)\n"

_log = logging.getLogger(__name__)


@dataclass
class _Waiting:
    """A connection that has not yet said what it wants."""

    deadline: float
    received: bytes = b""


class FastAgiServer:
    """Accepts Asterisk's connections and runs ``on_call`` for each, in a thread of its own.

    ``max_calls`` bounds the threads: a connection beyond it is closed at once, and the
    dialplan takes that caller to the queue. ``patience_s`` bounds how long a connection may
    take to present itself. One thread accepts and answers ``/health``, however busy the
    calls are.
    """

    def __init__(
        self,
        on_call: Callable[[AgiSession], None],
        *,
        host: str = "127.0.0.1",
        port: int = 4573,
        max_calls: int = 500,
        patience_s: float = 5.0,
    ) -> None:
        self._on_call = on_call
        self._max_calls = max_calls
        self._patience_s = patience_s
        self._selector = selectors.DefaultSelector()
        self._waiting: dict[socket.socket, _Waiting] = {}
        self._calls: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._wake_in, self._wake_out = socket.socketpair()
        try:
            self._listener = socket.create_server((host, port), backlog=1024)
        except OSError as error:
            raise Unavailable(
                f"The FastAGI server cannot listen on {host}:{port} ({error.strerror}): "
                "is another one running?"
            ) from None
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, name="fastagi", daemon=True)

    @property
    def calls(self) -> int:
        """Calls now in the application."""
        return len(self._calls)

    def start(self) -> None:
        """Begin to take calls."""
        self._acceptor.start()

    def stop(self, grace_s: float = 5.0) -> None:
        """Take no more calls, let those in progress end, and after ``grace_s`` cut them:
        the dialplan takes their callers to the queue."""
        if not self._stopping.is_set():
            self._stopping.set()
            with contextlib.suppress(BrokenPipeError):  # it woke by itself and is done
                self._wake_in.send(b"x")
            self._wake_in.close()
        if self._acceptor.ident is not None:
            self._acceptor.join()
        deadline = time.monotonic() + grace_s
        for cut in (False, True):
            with self._lock:
                calls = dict(self._calls)
            for thread, connection in calls.items():
                if cut:
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)
                thread.join(max(0.0, deadline - time.monotonic()) if not cut else 2.0)

    def _accept(self) -> None:
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        while not self._stopping.is_set():
            for key, _ in self._selector.select(1.0 if self._waiting else None):
                if key.fileobj is self._listener:
                    self._welcome()
                elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._waiting:
                    self._read(key.fileobj)
            self._dismiss_silent()
        for connection in list(self._waiting):
            self._forget(connection).close()
        self._selector.close()
        self._listener.close()
        self._wake_out.close()

    def _welcome(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                _log.error("cannot accept a connection: %s", error.strerror)
                return
            connection.setblocking(False)
            self._waiting[connection] = _Waiting(time.monotonic() + self._patience_s)
            self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket) -> None:
        waiting = self._waiting[connection]
        try:
            chunk = connection.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        waiting.received += chunk
        if not chunk:
            self._forget(connection).close()
        elif HEALTH in waiting.received:
            self._forget(connection)
            with contextlib.suppress(OSError):
                connection.send(HEALTHY)
            connection.close()
        elif b"\nagi_request:" in waiting.received or len(waiting.received) > 4096:
            self._hand_over(self._forget(connection), waiting.received)

    def _forget(self, connection: socket.socket) -> socket.socket:
        self._selector.unregister(connection)
        del self._waiting[connection]
        return connection

    def _dismiss_silent(self) -> None:
        now = time.monotonic()
        for connection in [c for c, waiting in self._waiting.items() if waiting.deadline < now]:
            self._forget(connection).close()

    def _hand_over(self, connection: socket.socket, received: bytes) -> None:
        with self._lock:
            if len(self._calls) >= self._max_calls:
                _log.error("refused a call: %d calls are in the application", self._max_calls)
                connection.close()
                return
            thread = threading.Thread(
                target=self._run, args=(connection, received), name="call", daemon=True
            )
            self._calls[thread] = connection
        thread.start()

    def _run(self, connection: socket.socket, received: bytes) -> None:
        try:
            processors.share_one()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.settimeout(self._patience_s)
            session = AgiSession(connection, received)
            connection.settimeout(None)
            self._on_call(session)
        except CallerHungUp:
            pass
        except Exception as error:
            # The message may hold what a patient said: kind and place are enough.
            place = "".join(traceback.format_tb(error.__traceback__))
            _log.error("a call failed with %s\n%s", type(error).__name__, place)
        finally:
            connection.close()
            with self._lock:
                del self._calls[threading.current_thread()]
