"""Asterisk's side of an AGI or AMI connection, as real bytes on a real socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

ENVIRONMENT = (
    "agi_network: yes\n"
    "agi_network_script: call\n"
    "agi_request: agi://127.0.0.1:4573/call\n"
    "agi_channel: PJSIP/trunk-0000002a\n"
    "agi_language: es\n"
    "agi_type: PJSIP\n"
    "agi_uniqueid: 1763768400.42\n"
    "agi_version: 22.10.1\n"
    "agi_callerid: 600111222\n"
    "agi_calleridname: Lucía Peña\n"
    "agi_callingpres: 0\n"
    "agi_dnid: 910000001\n"
    "agi_rdnis: unknown\n"
    "agi_context: from-trunk\n"
    "agi_extension: s\n"
    "agi_priority: 3\n"
    "agi_threadid: 139981\n"
    "\n"
)


class SwitchEnd:
    """Answers AGI commands from a script and keeps what it was sent."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.commands: list[str] = []
        self._file = connection.makefile("rb")

    def read(self) -> str:
        line = self._file.readline().decode().rstrip("\n")
        if line:
            self.commands.append(line)
        return line

    def write(self, text: str | bytes) -> None:
        self.connection.sendall(text.encode() if isinstance(text, str) else text)

    def answer(self, *replies: str | bytes) -> None:
        """One reply a command, as it stands."""
        for reply in replies:
            if not self.read():
                return
            self.write(reply)


@contextmanager
def playing(
    script: Callable[[SwitchEnd], None],
) -> Iterator[tuple[socket.socket, SwitchEnd]]:
    """Run ``script`` as Asterisk on one end of a connection; yields our end."""
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    end = SwitchEnd(theirs)

    def run() -> None:
        with suppress(OSError):
            script(end)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield ours, end
    finally:
        ours.close()
        thread.join(5)
        theirs.close()


def parse_args(line: str) -> list[str]:
    """How ``res_agi.c`` splits a command line into arguments, state for state."""
    arguments: list[str] = []
    quoted = escaped = False
    whitespace = True
    for character in line:
        if character == '"' and not escaped:
            quoted = not quoted
            if quoted and whitespace:
                arguments.append("")
                whitespace = False
            continue
        if character in " \t" and not quoted and not escaped:
            whitespace = True
            continue
        if character == "\\" and not escaped:
            escaped = True
            continue
        if whitespace:
            arguments.append("")
            whitespace = False
        arguments[-1] += character
        escaped = False
    return arguments
