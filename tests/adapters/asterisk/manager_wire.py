"""Asterisk's side of manager connections, as real bytes on real sockets."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from ivr.adapters.asterisk.ami_packets import Packet, parse

BANNER = b"Asterisk Call Manager/11.0.0\r\n"


class Manager:
    """Answers actions, says what it is told, and keeps what it received."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.connections: list[socket.socket] = []
        self.received: list[bytes] = []
        self.answers: Callable[[dict[str, str]], bytes | None] = lambda action: None
        self.accepting = threading.Event()
        self.accepting.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections.append(connection)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(BANNER)
            buffer = b""
            while chunk := connection.recv(65536):
                buffer += chunk
                while b"\r\n\r\n" in buffer:
                    raw, buffer = buffer.split(b"\r\n\r\n", 1)
                    self.received.append(raw)
                    connection.sendall(self._answer(parse(raw)))

    def _answer(self, action: Packet) -> bytes:
        identified = f"ActionID: {action.get('ActionID', '')}\r\n".encode()
        answer = self.answers(action)
        if answer is None:
            answer = b"Response: Success\r\nACTIONID\r\n\r\n"
        return answer.replace(b"ACTIONID\r\n", identified)

    def say(self, raw: bytes) -> None:
        self.connections[-1].sendall(raw)

    def actions(self, name: str) -> list[Packet]:
        return [p for p in map(parse, self.received) if p.get("Action") == name]

    def close(self) -> None:
        self.listener.close()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def until(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def event(name: str, *lines: str) -> bytes:
    return "\r\n".join([f"Event: {name}", *lines, "", ""]).encode()
