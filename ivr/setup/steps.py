"""What must be there before the programs start; each step does nothing when it is done."""

import re
import shlex
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from ivr.adapters.asterisk import config, launch
from ivr.config import PROJECT, Settings
from ivr.errors import Unavailable
from ivr.setup.terminal import StepFailed, Terminal


@lru_cache
def versions() -> dict[str, str]:
    """What ``scripts/versions.env`` says."""
    pairs = re.findall(r"^(\w+)=(.*)$", (PROJECT / "scripts/versions.env").read_text(), re.M)
    return {name: " ".join(shlex.split(value)) for name, value in pairs}


def asterisk(terminal: Terminal, settings: Settings) -> None:
    """Asterisk and its sounds, unpacked in the cache (or installed, as in its container)."""
    packages = versions()["ASTERISK_PACKAGES"].split()
    root = settings.cache / "asterisk"
    if not _complete(root, packages):
        try:
            found = launch.find_root()
        except Unavailable:
            found = root
        if found == root.resolve() or found == root:
            terminal.run(
                "Fetching Asterisk and its Spanish voices",
                ["scripts/debian-root", str(root.resolve()), *packages],
                cwd=PROJECT,
                remedy="Asterisk could not be fetched; the lines above say why.",
            )
    present = launch.version()
    if present.split(".")[0] != versions()["ASTERISK_MAJOR"]:
        raise StepFailed(
            f"Asterisk {versions()['ASTERISK_MAJOR']} is needed, this is {present}. Set "
            f"AURICULA_ASTERISK_ROOT to another one, or delete {root} and try again."
        )


def auricula(*arguments: str) -> list[str]:
    """The command line of ``auricula <arguments>`` in this environment."""
    return [sys.executable, "-m", "ivr", *arguments]


def models(terminal: Terminal) -> None:
    """The speech models."""
    terminal.show(
        auricula("models"),
        cwd=PROJECT,
        remedy="The speech models could not be fetched. Is the network up? Try again: it goes "
        "on from where it was.",
    )


def database(terminal: Terminal) -> None:
    """The schema, and the demo clinic in an empty database."""
    terminal.run(
        "Preparing the database",
        auricula("migrate"),
        cwd=PROJECT,
        remedy="The database could not be prepared; var/log/postgres.log may say more. With "
        "DATABASE_URL set: is that server up, and may this user make tables?",
    )
    terminal.run(
        "Making sure there is a clinic (the demo, in an empty database)",
        auricula("demo"),
        cwd=PROJECT,
        remedy="The demo clinic could not be made; var/log/setup.log has the whole story.",
    )


def prompts(terminal: Terminal) -> None:
    """Everything that can be spoken ahead."""
    terminal.show(
        auricula("prompts"),
        cwd=PROJECT,
        remedy="The prompts could not be spoken. `auricula say hola --out /dev/null` says more.",
    )


def switch(terminal: Terminal, settings: Settings, agents: Sequence[str]) -> config.Paths:
    """Asterisk's configuration."""
    from ivr import secrets

    with terminal.step("Writing Asterisk's configuration"):
        return config.render(settings, secrets.load(settings.var), agents=agents)


def _complete(root: Path, packages: Sequence[str]) -> bool:
    listed = root / "packages.txt"
    if not listed.exists():
        return False
    present = {line.split()[0] for line in listed.read_text().splitlines()}
    return set(packages) <= present
