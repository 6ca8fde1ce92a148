"""What a person sees while things are set up: one line a step, moving while it lasts."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from ivr.errors import AuriculaError
from ivr.setup.supervision import TAIL_LINES

Tell = Callable[[str], None]
"""Shows what a running step is at."""


class StepFailed(AuriculaError):
    """A step of the set-up failed; the message says what to do."""

    code = "setup_failed"


class Terminal:
    """Prints steps; ``log`` keeps everything the programs said."""

    def __init__(self, log: Path, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        log.write_text("")

    def line(self, text: str = "") -> None:
        """One line as it is (rich markup)."""
        self.console.print(text, soft_wrap=True)

    @contextmanager
    def step(self, title: str) -> Iterator[Tell]:
        """A step that is shown moving, then as done with its time, or as failed."""
        began = time.monotonic()
        try:
            with self.console.status(title) as status:
                yield lambda text: status.update(f"{title} [dim]{escape(text[:100])}[/]")
        except BaseException:
            self.line(f"[red]✘[/] {title}")
            raise
        took = time.monotonic() - began
        self.line(f"[green]✔[/] {title}" + (f" [dim]({took:.0f} s)[/]" if took >= 2 else ""))

    def run(
        self,
        title: str,
        command: Sequence[str],
        *,
        cwd: Path,
        remedy: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Run a program as a step; raises :class:`StepFailed` with its last lines."""
        with self.step(title) as tell, self.log.open("a") as log:
            log.write(f"$ {' '.join(command)}\n")
            child = subprocess.Popen(
                command,
                cwd=cwd,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
            last: list[str] = []
            assert child.stdout is not None
            try:
                for line in child.stdout:
                    log.write(line)
                    if text := line.strip():
                        last = [*last[1 - TAIL_LINES :], text]
                        tell(text)
                code = child.wait()
            except BaseException:
                child.terminate()
                child.wait()
                raise
            if code:
                raise StepFailed("\n".join([*(f"  {line}" for line in last), remedy]))

    def show(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        remedy: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Run a program that shows its own progress."""
        merged = {**os.environ, **(environment or {})}
        if subprocess.run(command, cwd=cwd, env=merged, stdin=subprocess.DEVNULL).returncode:
            raise StepFailed(remedy)
