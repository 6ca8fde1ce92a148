"""One installation, from a bare checkout to all its programs running, and back."""

import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import psycopg

from ivr import embedded_postgres
from ivr.config import Settings
from ivr.errors import Unavailable
from ivr.setup import console_build, ports, steps
from ivr.setup.programs import Program, wanted
from ivr.setup.supervision import RUNNING, Supervisor, tail
from ivr.setup.terminal import StepFailed, Terminal

READY_S = 120
"""A slow machine loads the speech models in half of this."""
RETRY_S = 10


class Stopped(BaseException):
    """The user, the terminal or the system asked to stop."""


class Installation:
    """What ``make up`` brings up, watches and takes down."""

    def __init__(self, settings: Settings, terminal: Terminal) -> None:
        self.settings = settings
        self.terminal = terminal
        self.programs = wanted(settings)
        if not settings.database_url:
            url = embedded_postgres.address(settings.var / "postgres")
            self.settings = settings.model_copy(update={"database_url": url})
            os.environ["DATABASE_URL"] = url
        self.supervisor = Supervisor(settings, self.programs)
        self._states: dict[str, str] = {}
        self._speaking: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Fetch and build what is missing, start the database and fill it."""
        if taken := ports.busy(self.settings):
            raise StepFailed("\n".join(taken))
        steps.asterisk(self.terminal, self.settings)
        steps.models(self.terminal, self.settings)
        console_build.build(self.terminal, self.settings.cache)
        self.supervisor.open()
        if self._has("postgres"):
            with self.terminal.step("Starting the database"):
                self.supervisor.start("postgres")
                self._await(self._program("postgres"))
        steps.database(self.terminal, self.settings)
        steps.prompts(self.terminal, self.settings)
        steps.switch(self.terminal, self.settings, _agents(self.settings))

    def start(self) -> None:
        """Start the programs in their order, each shown until it answers."""
        for program in self.programs:
            if program.name == "postgres":
                continue
            with self.terminal.step(f"Starting {program.what}"):
                self.supervisor.start(program.name)
        for program in self.programs:
            try:
                with self.terminal.step(f"Waiting for {program.what}"):
                    self._await(program)
            except Unavailable as error:
                if program.essential:
                    raise
                self.terminal.line(f"[yellow]{error}[/]\n[yellow]{program.without}[/]")

    def watch(self) -> None:
        """Say what dies and comes back, until :class:`Stopped`."""
        retried = 0.0
        self._speaking = steps.all_prompts(self.settings)
        while True:
            time.sleep(1)
            self._listen()
            try:
                states = self.supervisor.states()
            except (OSError, ValueError):
                self._reopen()
                continue
            for program in self.programs:
                state, _ = states[program.name]
                before = self._states.get(program.name, RUNNING)
                self._states[program.name] = state
                if state == RUNNING != before:
                    self._say(f"[green]{program.what} runs again[/]")
                elif before == RUNNING != state:
                    self._say(
                        f"[yellow]{program.what} stopped; it is started again[/] "
                        f"({self.supervisor.log}/{program.name}.log)"
                    )
            failed = [name for name, (state, _) in states.items() if state in ("FATAL", "EXITED")]
            if failed and time.monotonic() - retried > RETRY_S:
                retried = time.monotonic()
                for name in failed:
                    self.supervisor.start(name)

    def _listen(self) -> None:
        """Notice when the last prompt has been spoken."""
        if self._speaking is None or self._speaking.poll() is None:
            return
        if self._speaking.returncode:
            log = self.supervisor.log / "prompts.log"
            self._say(f"[yellow]some prompts could not be spoken ahead[/] ({log})")
        else:
            self._say("[green]✔[/] every prompt is spoken ahead")
        self._speaking = None

    def stop(self) -> None:
        """Take everything down; a second Ctrl-C does not wait."""
        if self._speaking is not None:
            self._speaking.kill()
            self._speaking.wait()
        if not self.supervisor.alive():
            self.supervisor.close()
            return
        self._say("Stopping; calls in progress end. (Ctrl-C again: at once.)")
        try:
            self.supervisor.close()
        except Stopped:
            self.supervisor.close(force=True)
        self._say("Stopped.")

    def _reopen(self) -> None:
        if not self.supervisor.alive():
            self._say("[yellow]the supervisor stopped; everything is started again[/]")
            self.supervisor.open()
            for program in self.programs:
                self.supervisor.start(program.name)

    def _say(self, text: str) -> None:
        with suppress(OSError):  # the terminal may be gone
            self.terminal.line(text)

    def _has(self, name: str) -> bool:
        return any(program.name == name for program in self.programs)

    def _program(self, name: str) -> Program:
        return next(program for program in self.programs if program.name == name)

    def _await(self, program: Program) -> None:
        deadline = time.monotonic() + READY_S
        while not self._answers(program):
            state = self.supervisor.states()[program.name][0]
            if state == "FATAL" or time.monotonic() > deadline:
                log = self.supervisor.log / f"{program.name}.log"
                raise Unavailable(f"{program.what} did not start. The end of {log}:\n{tail(log)}")
            time.sleep(0.2)

    def _answers(self, program: Program) -> bool:
        if program.name == "postgres":
            try:
                embedded_postgres.make_database(_libpq(self.settings.database_url, "postgres"))
            except psycopg.OperationalError:
                return False
            return True
        if not program.port:
            return self.supervisor.states()[program.name][0] == RUNNING
        host = getattr(self.settings, program.port.replace("_port", "_host"))
        port = getattr(self.settings, program.port)
        reach = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        try:
            socket.create_connection((reach, port), timeout=2).close()
        except OSError:
            return False
        return True


def _libpq(url: str, database: str) -> str:
    return url.replace("+psycopg", "").replace(f"/{embedded_postgres.DATABASE}?", f"/{database}?")


def _agents(settings: Settings) -> list[str]:
    from ivr.agents.service import Accounts
    from ivr.clock import SystemClock
    from ivr.database import Database, database_url

    database = Database(database_url(settings))
    try:
        return [user.username for user in Accounts(database, SystemClock()).users()]
    finally:
        database.dispose()


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Holds the lock of this installation; raises :class:`Unavailable` when it runs already."""
    settings.var.mkdir(parents=True, exist_ok=True, mode=0o711)
    with (settings.var / "up.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise Unavailable(
                f"Aurícula runs here already (process {file.read().strip()}). Stop it with "
                "Ctrl-C in its terminal before you start it again."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def stop_signals() -> Iterator[None]:
    """Ctrl-C, a closed terminal and a termination all raise :class:`Stopped`."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    kept = {
        number: signal.signal(number, stop)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
