"""One installation, from a bare checkout to all its programs running, and back."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType

from ivr import embedded_postgres
from ivr.config import Settings
from ivr.errors import Unavailable
from ivr.setup import ports, steps
from ivr.setup.hanging import Hanging
from ivr.setup.programs import Program, wanted
from ivr.setup.ready import answers, hangs
from ivr.setup.supervision import RUNNING, Supervisor, tail
from ivr.setup.terminal import StepFailed, Terminal

READY_S = 120
"""A slow machine loads the speech models in half of this."""
RETRY_S = 10
OFTEN, CALM_S = 3, 120
"""So many stops within this many seconds are said once."""


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
        self._stops: dict[str, list[float]] = {}
        self._hanging = {
            program.name: Hanging(partial(hangs, program, self.settings), program.looks)
            for program in self.programs
            if program.alive
        }
        self._speaking: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Fetch and build what is missing, start the database and fill it."""
        if taken := ports.busy(self.settings):
            raise StepFailed("\n".join(taken))
        steps.fetch(self.terminal, self.settings)
        self.supervisor.open()
        if self._has("postgres"):
            with self.terminal.step("Starting the database"):
                self.supervisor.start("postgres")
                self._await(self._program("postgres"))
        steps.database(self.terminal, self.settings)
        steps.prompts(self.terminal, self.settings)
        steps.switch(self.terminal, self.settings)

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
                self._notice(program, states[program.name][0])
                self._end_if_hung(program, states[program.name][0])
            failed = [name for name, (state, _) in states.items() if state in ("FATAL", "EXITED")]
            if failed and time.monotonic() - retried > RETRY_S:
                retried = time.monotonic()
                for name in failed:
                    self.supervisor.start(name)

    def _notice(self, program: Program, state: str) -> None:
        """Say that a program stopped or runs again; not each time when it keeps stopping."""
        before = self._states.get(program.name, RUNNING)
        self._states[program.name] = state
        log = self.supervisor.log / f"{program.name}.log"
        stops = self._stops.setdefault(program.name, [])
        if before == RUNNING != state:
            stops.append(time.monotonic())
            stops[:] = [moment for moment in stops if moment > stops[-1] - CALM_S]
            if len(stops) < OFTEN:
                self._say(f"[yellow]{program.what} stopped; it is started again[/] ({log})")
            elif len(stops) == OFTEN:
                self._say(f"[red]{program.what} keeps stopping[/]; {log} says why")
        elif state == RUNNING != before and len(stops) < OFTEN:
            self._say(f"[green]{program.what} runs again[/]")

    def _end_if_hung(self, program: Program, state: str) -> None:
        hanging = self._hanging.get(program.name)
        if hanging is not None and state == RUNNING and hanging.look():
            log = self.supervisor.log / f"{program.name}.log"
            self._say(f"[yellow]{program.what} does not answer; it is ended[/] ({log})")
            self.supervisor.kill(program.name)

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
        if program.port or program.name == "postgres":
            return answers(program, self.settings)
        return self.supervisor.states()[program.name][0] == RUNNING


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Holds the lock of this installation; raises :class:`Unavailable` when it runs already."""
    settings.var.mkdir(parents=True, exist_ok=True, mode=0o700)
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
