"""A supervisord of our own: started, watched and stopped by ``make up``."""

import getpass
import hashlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from ivr.config import Settings
from ivr.errors import Unavailable
from ivr.process import die_with_parent
from ivr.setup.programs import Program, supervisor_config

RUNNING = "RUNNING"
SOCKET_PATH_MAX = 107
"""Longest path of a Unix socket (unix(7))."""
TAIL_LINES = 12


class Supervisor:
    """Starts programs, starts them again when they die, stops all of them."""

    def __init__(self, settings: Settings, programs: Sequence[Program]) -> None:
        self.programs = programs
        self.log = settings.var.resolve() / "log"
        self._run = settings.var.resolve() / "run"
        if len(str(self._run / "supervisor.sock.12345678")) > SOCKET_PATH_MAX:
            short = hashlib.sha256(str(self._run).encode()).hexdigest()[:12]
            self._run = Path(tempfile.gettempdir()) / f"auricula-run-{os.getuid()}-{short}"
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Start supervisord itself; no program yet. Raises :class:`Unavailable`."""
        for folder in (self.log, self._run):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self._run / "supervisor.sock").unlink(missing_ok=True)
        config = self._run / "supervisor.conf"
        config.write_text(
            supervisor_config(self.programs, run=self._run, log=self.log, user=getpass.getuser())
        )
        # A session of its own: a Ctrl-C or a closed terminal is ours to handle, in order.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.log / "supervisord.err").open("w"),
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        deadline = time.monotonic() + 15
        while True:
            with suppress(OSError, http.client.HTTPException, xmlrpc.client.Error):
                self.states()
                return
            if not self.alive() or time.monotonic() > deadline:
                raise Unavailable(
                    f"the supervisor did not start; {self.log}/supervisord.err says why:\n"
                    + tail(self.log / "supervisord.err")
                )
            time.sleep(0.1)

    def alive(self) -> bool:
        """Whether supervisord runs."""
        return self._process is not None and self._process.poll() is None

    def start(self, name: str) -> None:
        """Start one program unless it runs; does not wait until it is ready."""
        with suppress(xmlrpc.client.Fault):
            self._rpc().supervisor.startProcess(name, False)

    def kill(self, name: str) -> None:
        """End a program that hangs and what it has started, without waiting for them; it is
        started again."""
        with suppress(xmlrpc.client.Error, OSError):
            _, pid = self.states()[name]
            if pid:
                started = _started_by(pid)
                os.killpg(pid, signal.SIGKILL)
                for one in started:  # PostgreSQL's processes lead sessions of their own
                    with suppress(psutil.Error):
                        one.kill()

    def states(self) -> dict[str, tuple[str, int]]:
        """Each program's state (supervisor's names) and process id (0: none)."""
        found = self._rpc().supervisor.getAllProcessInfo()
        assert isinstance(found, list)
        return {each["name"]: (each["statename"], each["pid"]) for each in found}

    def close(self, *, force: bool = False) -> None:
        """Stop every program and supervisord; ``force`` waits for none of them."""
        if self._process is None:
            return
        if force:
            pids = []
            with suppress(OSError, http.client.HTTPException, xmlrpc.client.Error):
                pids = [pid for _, pid in self.states().values() if pid]
            self._process.kill()
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
        elif self.alive():
            self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._run, ignore_errors=True)

    def _rpc(self) -> xmlrpc.client.ServerProxy:
        return xmlrpc.client.ServerProxy("http://local", transport=_Unix(self._run))


class _Unix(xmlrpc.client.Transport):
    def __init__(self, run: Path) -> None:
        super().__init__()
        self._path = str(run / "supervisor.sock")

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("local", timeout=20)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(20)
        connection.sock.connect(self._path)
        return connection


def tail(path: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log file, indented; empty when there is none."""
    with suppress(OSError):
        text = path.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join(f"  {line}" for line in text)
    return ""


def _started_by(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []
