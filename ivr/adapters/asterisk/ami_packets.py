"""Asterisk's manager protocol as bytes, without a connection."""

import re
import socket

from ivr.errors import InvalidInput, Unavailable

LINE_LIMIT = 1022
"""Most bytes of a line of ours: Asterisk discards actions with longer ones (``inbuf``)."""

_END = b"\r\n\r\n"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
_BREAK = re.compile(r"[\r\n\0]")


class Packet(dict[str, str]):
    """The lines of an event or answer. Values of a repeated key are kept, one a line
    (a value itself has no line break): :meth:`all` gives them apart."""

    def all(self, key: str) -> list[str]:
        """Every value of ``key``, in order."""
        value = self.get(key)
        return [] if value is None else value.split("\n")

    def variables(self, key: str = "ChanVariable") -> dict[str, str]:
        """The ``name=value`` lines of a repeated key."""
        pairs = (line.partition("=") for line in self.all(key))
        return {name: value for name, _, value in pairs}


def parse(raw: bytes) -> Packet:
    """Take one packet apart (without the empty line that ends it).

    Only CR LF separates lines: other characters that Unicode calls line breaks are part
    of a value, and so cannot forge a key.
    """
    packet = Packet()
    repeated: dict[str, list[str]] = {}
    for line in raw.decode("utf-8", "replace").split("\r\n"):
        key, colon, value = line.partition(": ")
        if not colon:
            key, _, value = line.partition(":")
        if key not in packet:
            packet[key] = value
        elif key in repeated:
            repeated[key].append(value)
        else:
            repeated[key] = [packet[key], value]
    for key, values in repeated.items():
        packet[key] = "\n".join(values)
    return packet


def action_packet(name: str, fields: list[tuple[str, object]]) -> bytes:
    """An action's bytes; raises :class:`InvalidInput` for what would be read as more than
    one line, or not at all."""
    lines = []
    for key, value in [("Action", name), *fields]:
        text = str(value)
        if not _NAME.fullmatch(key) or _BREAK.search(text):
            raise InvalidInput(f"{key}: a manager action's values have no line break.")
        line = f"{key}: {text}".encode()
        if len(line) > LINE_LIMIT:
            raise InvalidInput(f"{key}: Asterisk reads at most {LINE_LIMIT} bytes: shorten it.")
        lines.append(line)
    return b"\r\n".join(lines) + _END


class Splitter:
    """Cuts the stream into packets; each byte is looked at a constant number of times."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def banner(self, connection: socket.socket) -> str:
        """Read the greeting line and return the protocol's version."""
        while (end := self._buffer.find(b"\r\n")) < 0:
            chunk = connection.recv(4096)
            if not chunk or len(self._buffer) > 4096:
                raise Unavailable("This is not Asterisk's manager: another program answers.")
            self._buffer += chunk
        line = bytes(self._buffer[:end]).decode("ascii", "replace")
        del self._buffer[: end + 2]
        name, _, version = line.partition("/")
        if name != "Asterisk Call Manager":
            raise Unavailable("This is not Asterisk's manager: another program answers.")
        return version

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take what was read; returns the packets that are now whole."""
        searched = max(0, len(self._buffer) - 3)
        self._buffer += chunk
        end = self._buffer.rfind(_END, searched)
        if end < 0:
            return []
        whole = bytes(self._buffer[:end])
        del self._buffer[: end + 4]
        return whole.split(_END)
