"""The whole product on ports and folders of its own, as real processes, thrown away after.

The benchmarks and the tests over SIP use it; nothing of an installed clinic is touched.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from ivr import secrets
from ivr.adapters.asterisk import config, launch
from ivr.bench import throwaway
from ivr.config import PROJECT, Settings
from ivr.errors import Unavailable
from ivr.process import die_with_parent
from ivr.setup import programs

_TABLE = {program.name: program for program in programs.PROGRAMS if program.name != "postgres"}
PROGRAMS = tuple(_TABLE)
"""In the order they are started."""
START_S = 90.0
STOP_S = 15.0


def free_ports(count: int, first: int) -> list[int]:
    """``count`` ports from ``first`` on that neither TCP nor UDP uses on any loopback."""
    found: list[int] = []
    port = first
    while len(found) < count:
        if port > 65_000:
            raise Unavailable(f"no {count} free ports from {first} on")
        if all(_is_free(port, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
            found.append(port)
        port += 1
    return found


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


class Installation:
    """One clinic's system in ``folder``; ``values`` are settings by field name.

    It takes some 420 ports from ``first_port`` on (200 calls).

    Processes are started and stopped one by one, so that a test can kill them. Every one
    leads a session of its own: what it leaves behind is found by :meth:`leftovers`. They end
    with this process, however it ends, and so does a database of the installation's own.
    """

    def __init__(
        self, folder: Path, *, first_port: int = 28000, database_url: str = "", **values: object
    ) -> None:
        self.folder = folder
        var = folder / "var"
        names = (
            "http_port",
            "agi_port",
            "ami_port",
            "speech_port",
            "sip_port",
            "asterisk_http_port",
        )
        ports = free_ports(len(names), first_port)
        rtp = max(ports) // 2 * 2 + 2
        chosen: dict[str, object] = {
            "var": var,
            "recordings": folder / "recordings",
            "log_level": "INFO",
            "rtp_first": rtp,
            "rtp_last": rtp + 400,
            **dict(zip(names, ports, strict=True)),
            **values,
        }
        self._own = ExitStack()
        self.environment = {
            **os.environ,
            **{f"AURICULA_{name.upper()}": str(value) for name, value in chosen.items()},
            "DATABASE_URL": database_url
            or self._own.enter_context(throwaway.postgres(var / "postgres")),
            "PYTHONUNBUFFERED": "1",
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._sessions: dict[int, str] = {}
        self.settings = Settings(
            **{**chosen, "DATABASE_URL": self.environment["DATABASE_URL"]}  # type: ignore[arg-type]
        )

    # --- Processes ---------------------------------------------------------------------

    def run(self, *arguments: str) -> str:
        """Run ``auricula <arguments>`` to its end and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "ivr", *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if done.returncode:
            raise Unavailable(f"auricula {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def configure(self, **values: Any) -> config.Paths:
        """Make the secrets and write Asterisk's configuration (see ``config.render``)."""
        return config.render(self.settings, secrets.load(self.settings.var), **values)

    def switch_command(self, line: str) -> str:
        """What Asterisk answers to a line of its own command line."""
        asked = subprocess.run(
            launch.control(config.paths(self.settings).config, line),
            env=self.environment | launch.environment(),
            capture_output=True,
            text=True,
            timeout=START_S,
        )
        return asked.stdout

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start one of :data:`PROGRAMS` and wait until it answers."""
        if name in self.processes and self.processes[name].poll() is None:
            raise ValueError(f"{name} is running")
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ivr", *_TABLE[name].command],
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.processes[name] = process
        self._sessions[process.pid] = name
        self.wait_until(name, self._answers(name))
        return process

    def wait_until(self, name: str, ready: Callable[[], bool]) -> None:
        """Until ``ready``, while process ``name`` lives; raises :class:`Unavailable`."""
        deadline = time.monotonic() + START_S
        while not ready():
            died = self.processes[name].poll()
            if died is not None or time.monotonic() > deadline:
                why = f"ended with {died}" if died is not None else "did not answer in time"
                raise Unavailable(f"{name} {why}: {self.tail(name)}")
            time.sleep(0.05)

    def stop(self, name: str) -> int:
        """Ask one process to end and wait; returns its exit code (-9: it had to be killed)."""
        process = self.processes.pop(name, None)
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        try:
            return process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait(STOP_S)

    def kill(self, name: str) -> None:
        """``kill -9`` one process and everything in its session."""
        process = self.processes.pop(name)
        for member in self._members(process.pid):
            member.kill()
        process.wait(STOP_S)

    def freeze(self, name: str) -> None:
        """The process hangs (SIGSTOP) until :meth:`thaw`."""
        self.processes[name].send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """The process goes on (SIGCONT)."""
        self.processes[name].send_signal(signal.SIGCONT)

    def stop_all(self) -> list[str]:
        """Stop everything, last started first; returns what did not end properly."""
        wrong = [
            f"{name} had to be killed"
            for name in reversed(list(self.processes))
            if self.stop(name) == -signal.SIGKILL
        ]
        for process in self.leftovers():
            wrong.append(f"left behind: {process.pid} {self._sessions[os.getsid(process.pid)]}")
            process.kill()
        self._own.close()
        return wrong

    def leftovers(self) -> list[psutil.Process]:
        """Processes of sessions whose leader was stopped."""
        running = {process.pid for process in self.processes.values()}
        return [
            member
            for leader in self._sessions
            if leader not in running
            for member in self._members(leader)
        ]

    def cpu_seconds(self) -> Mapping[str, float]:
        """User and system time used so far by each running program and its children."""
        return {
            name: sum(sum(member.cpu_times()[:2]) for member in self._members(process.pid))
            for name, process in self.processes.items()
        }

    def log(self, name: str) -> Path:
        """Where a program's output goes."""
        return self.folder / f"{name}.log"

    def tail(self, name: str, size: int = 2000) -> str:
        """The end of a program's output."""
        return self.log(name).read_text(errors="replace")[-size:]

    # --- Particulars -------------------------------------------------------------------

    def _answers(self, name: str) -> Callable[[], bool]:
        options = self.settings
        if name == "asterisk":
            return lambda: "fully booted" in self.switch_command("core waitfullybooted")
        port = _TABLE[name].port
        return (lambda: _listens(getattr(options, port))) if port else lambda: True

    @staticmethod
    def _members(leader: int) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                if os.getsid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (ProcessLookupError, psutil.NoSuchProcess):
                continue
        return found


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
