"""One call's AGI conversation: pyst2's :class:`asterisk.agi.AGI`, mended.

pyst2 0.5.1 installs a signal handler (impossible in a call's thread), writes every
variable and command to stderr, does not escape what it quotes, cuts replies at the first
space and takes a hang-up for a value. The commands are pyst2's; input and output are ours.
Wire rules: Asterisk 22 ``res/res_agi.c`` (``parse_args``, ``run_agi``, ``setup_env``).
"""

import contextlib
import re
import socket
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from asterisk.agi import (
    AGI,
    AGIAppError,
    AGIDBError,
    AGIError,
    AGIInvalidCommand,
    AGIUnknownError,
    AGIUsageError,
)

from ivr.errors import CallerHungUp, InvalidInput, Unavailable

LINE_LIMIT = 8191
"""Most bytes of a command line with its newline. Asterisk reads into 8192 bytes and takes
what is left over for a second command (``AGI_BUF_LEN``)."""
READ_BYTES = 4096
HEADER_LIMIT = 65536
"""Most bytes of variables a connection may send before its first command."""

_REPLY = re.compile(r"result=(\S*)(?: \(([^()]*)\))?")
_FIELD = re.compile(r'(\w+)=(?:"(.*?)"(?=\s+\w+=|\s*$)|(\S*))')
_VALUE = re.compile(r"result=(\S*)(?: \((.*)\))?$", re.DOTALL)
_COMMAND = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*")
_SPECIAL = re.compile(r'[\r\n\0\\"]')
_BETWEEN = '" "'
_known: set[str] = set()
"""Commands whose form has been checked."""
_BREAKS = str.maketrans({"\r": " ", "\n": " ", "\0": " "})
_VALUE_COMMANDS = frozenset({"GET VARIABLE", "GET FULL VARIABLE", "DATABASE GET"})
_ANSWERS_MINUS_ONE = frozenset({"CHANNEL STATUS", "HANGUP"})
_BEFORE_CALLER_NAME = frozenset(
    {
        "agi_network",
        "agi_network_script",
        "agi_request",
        "agi_channel",
        "agi_language",
        "agi_type",
        "agi_uniqueid",
        "agi_version",
        "agi_callerid",
        "agi_calleridname",
    }
)


class Quoted(str):
    """An argument that is already quoted for Asterisk."""

    __slots__ = ()


class Reply(NamedTuple):
    """What Asterisk answered: ``200 result=VALUE (DATA) name=field …``."""

    value: str
    data: str
    fields: Mapping[str, str]


_NONE: Mapping[str, str] = MappingProxyType({})
_SHORT = {b"200 result=%d\n" % value: Reply(str(value), "", _NONE) for value in (0, 1)}
"""The replies to nearly every command, taken apart once."""


def quote(value: object) -> Quoted:
    """``value`` as one AGI argument, exactly as ``parse_args`` will read it back.

    Quotes and backslashes are escaped; CR, LF and NUL, which would end the command, become
    blanks.
    """
    text = value if type(value) is str else str(value)
    if _SPECIAL.search(text):
        text = text.translate(_BREAKS).replace("\\", "\\\\").replace('"', '\\"')
    return Quoted(f'"{text}"')


def command_line(command: str, args: tuple[object, ...]) -> bytes:
    """A command as Asterisk reads it; raises :class:`InvalidInput` for one it would not."""
    if command not in _known:
        if not _COMMAND.fullmatch(command):
            raise InvalidInput("An AGI command is letters and single blanks.")
        _known.add(command)
    try:
        plain = "" not in args and not _SPECIAL.search(" ".join(args))  # type: ignore[arg-type]
    except TypeError:
        plain = False
    if plain and args:
        text = f'{command} "{_BETWEEN.join(args)}"\n'  # type: ignore[arg-type]
    else:
        words = [arg if type(arg) is Quoted else quote(arg) for arg in args if arg != ""]
        text = " ".join([command, *words]) + "\n"
    line = text.encode("utf-8", "replace")
    if len(line) > LINE_LIMIT:
        raise InvalidInput(
            f"{command}: {len(line)} bytes, and Asterisk reads {LINE_LIMIT}: shorten the value."
        )
    return line


def parse_reply(line: str, *, whole_value: bool = False) -> Reply:
    """Take apart what follows ``200`` in a reply.

    ``whole_value``: the parenthesis holds a variable's value as it is, which may itself
    contain spaces, parentheses and ``name=field``. Raises :class:`AGIUnknownError`.
    """
    match = (_VALUE if whole_value else _REPLY).match(line)
    if match is None:
        raise AGIUnknownError("Asterisk answered something that is not a reply")
    value, data = match.groups()
    rest = line[match.end() :]
    fields = (
        {name: quoted or plain for name, quoted, plain in _FIELD.findall(rest)} if rest else _NONE
    )
    return Reply(value, data or "", fields)


class AgiSession(AGI):  # type: ignore[misc]
    """AGI over one connection, used by one thread.

    ``env`` holds the ``agi_*`` variables. Every command raises :class:`CallerHungUp` once the
    line is gone, :class:`Unavailable` when Asterisk does not answer in the given time and
    pyst2's own exceptions otherwise.
    """

    def __init__(self, connection: socket.socket, received: bytes = b"") -> None:
        self._socket = connection
        self._rest = received
        self._untidy = False
        self._got_sighup = False
        self.env: dict[str, str] = {}
        self._get_agi_env()

    @property
    def hung_up(self) -> bool:
        """True once Asterisk has said that the line is gone."""
        return self._got_sighup

    # --- Commands ---------------------------------------------------------------------

    def ask(self, command: str, *args: object, limit_s: float | None = None) -> Reply:
        """Send one command and wait for its reply, at most ``limit_s`` seconds."""
        if self._got_sighup:
            self.test_hangup()
        connection = self._socket
        if limit_s is not None:
            connection.settimeout(limit_s)
        try:
            self.send_command(command, *args)
            self._rest = connection.recv(READ_BYTES)
            reply = _SHORT.get(self._rest)
            if reply is None:
                return self._reply(command)
            self._rest = b""
            return reply
        except TimeoutError:
            self.close()
            raise Unavailable(
                f"Asterisk did not answer {command} in {limit_s} s: see its log."
            ) from None
        except OSError:
            self._got_sighup = True
            raise CallerHungUp("The connection with Asterisk is gone") from None
        finally:
            if limit_s is not None and connection.fileno() >= 0:
                connection.settimeout(None)

    def execute(self, command: str, *args: object) -> dict[str, tuple[str, str]]:
        """One command in pyst2's form of a result: ``{'result': (value, data), …}``."""
        value, data, fields = self.ask(command, *args)
        result = {"result": (value, data)}
        if fields:
            result.update((name, (field, "")) for name, field in fields.items())
        return result

    def send_command(self, command: str, *args: object) -> None:
        """Write one command; arguments not yet quoted are, empty ones are left out."""
        line = command_line(command, args)
        if self._rest or self._untidy:
            self._tidy()
        self._socket.sendall(line)

    def test_hangup(self) -> None:
        """Raise :class:`CallerHungUp` if the line is known to be gone."""
        if self._got_sighup:
            raise CallerHungUp("The caller hung up")

    def is_line_gone(self) -> bool:
        """Ask Asterisk whether the channel is dead (a ``-1`` alone does not tell)."""
        if self._got_sighup:
            return True
        try:
            self.send_command("CHANNEL STATUS")
            self._reply("CHANNEL STATUS")
        except (CallerHungUp, OSError):
            self._got_sighup = True
        return self._got_sighup

    def close(self) -> None:
        """End the AGI conversation: the dialplan goes on."""
        self._got_sighup = True
        self._socket.close()

    # --- pyst2 commands that need more than sound quoting -------------------------------

    def _quote(self, string: object) -> object:
        return string if string != "" else quote("")

    def appexec(self, application: str, options: str = "") -> str:
        """Run a dialplan application; returns its result.

        Raises :class:`InvalidInput` for ``${`` or ``$[`` in ``options``: a channel with
        ``AGIEXECFULL`` set would evaluate them.
        """
        if "${" in options or "$[" in options:
            raise InvalidInput("An application's arguments may not hold expressions.")
        reply = self.ask("EXEC", quote(application), quote(options))
        if reply.value == "-2":
            raise AGIAppError(f"Unable to find application: {application}")
        return reply.value

    def exec_command(self, command: str, *args: object) -> dict[str, tuple[str, str]]:
        """Run a dialplan application with separate arguments."""
        return {"result": (self.appexec(command, ",".join(map(str, args))), "")}

    def database_get(self, family: str, key: str) -> str:
        """A value of Asterisk's database; :class:`AGIDBError` when there is none."""
        reply = self.ask("DATABASE GET", quote(family), quote(key))
        if reply.value != "1":
            raise AGIDBError("Key not found in database")
        return reply.data

    def record_file(
        self,
        filename: str,
        format: str = "wav",
        escape_digits: str = "#",
        timeout: int = 20000,
        offset: int = 0,
        beep: str = "beep",
        silence: int = 0,
    ) -> str:
        """Record until a key, ``silence`` seconds of silence or ``timeout`` ms.

        Returns the key, or an empty string when no key ended it.
        """
        options: list[object] = [offset]
        options += [beep] if beep else []
        options += [f"s={silence}"] if silence else []
        reply = self.ask(
            "RECORD FILE", quote(filename), format, quote(escape_digits), timeout, *options
        )
        return chr(int(reply.value)) if reply.data == "dtmf" else ""

    # --- Input --------------------------------------------------------------------------

    def _get_agi_env(self) -> None:
        """Read the variables up to the empty line that follows ``agi_threadid``.

        A caller's name with a line break cannot change what stands before it (the first
        value counts) nor after it (the last one does), nor end the variables early.
        """
        size = 0
        while True:
            line = self._read_line()
            size += len(line)
            if size > HEADER_LIMIT:
                raise AGIError("The connection sent more variables than Asterisk would")
            if not line:
                if "agi_threadid" in self.env or "agi_channel" not in self.env:
                    return
                continue
            key, _, value = line.decode("utf-8", "replace").partition(":")
            key = key.strip()
            if key.startswith("agi_") and not (key in _BEFORE_CALLER_NAME and key in self.env):
                self.env[key] = value.strip()

    def _reply(self, command: str) -> Reply:
        while True:
            line = self._read_line()
            if line[:4] == b"200 ":
                break
            self._other(line)
        command = command.upper()
        whole = command in _VALUE_COMMANDS
        if whole and line[:14] == b"200 result=1 (":
            while line[-1:] != b")":
                line += b"\n" + self._read_line()
                self._untidy = True
        reply = parse_reply(line[4:].decode("utf-8", "replace"), whole_value=whole)
        if self._got_sighup:
            raise CallerHungUp("The caller hung up")
        if reply.value == "-1" and command not in _ANSWERS_MINUS_ONE:
            if reply.data == "hangup" or self.is_line_gone():
                self._got_sighup = True
                raise CallerHungUp("The caller hung up")
            raise AGIAppError(f"{command} failed")
        if reply.data == "hangup" and not whole:
            self._got_sighup = True
            raise CallerHungUp("The caller hung up")
        return reply

    def _other(self, line: bytes) -> None:
        """Handle a line that is not a ``200`` reply; returns to go on reading."""
        code = line[:3]
        if line == b"HANGUP":
            self._got_sighup = True
        elif code == b"511":
            self._got_sighup = True
            raise CallerHungUp("The caller hung up")
        elif code == b"510":
            raise AGIInvalidCommand("Asterisk does not know this command")
        elif code == b"520":
            while line[:4] == b"520-" or not line.startswith(b"520"):
                line = self._read_line()
            raise AGIUsageError("Asterisk refused the command's arguments")

    def _tidy(self) -> None:
        """Before a command nothing may be left of an earlier reply: it would be taken for
        the next one's. ``HANGUP`` alone comes unasked."""
        if self._untidy:
            self._untidy = False
            patience = self._socket.gettimeout()
            self._socket.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                self._rest += self._socket.recv(65536)
            self._socket.settimeout(patience)
        if b"HANGUP" in self._rest.split(b"\n"):
            self._got_sighup = True
        self._rest = b""
        self.test_hangup()

    def _read_line(self) -> bytes:
        data = self._rest
        end = data.find(b"\n")
        while end < 0:
            if len(data) > HEADER_LIMIT:
                raise AGIError("Asterisk sent a line without an end")
            chunk = self._socket.recv(READ_BYTES)
            if not chunk:
                self._got_sighup = True
                raise CallerHungUp("Asterisk closed the connection")
            start = len(data)
            data += chunk
            end = data.find(b"\n", start)
        self._rest = data[end + 1 :]
        return data[:end]
