"""What must be there before the programs start; each step does nothing when it is done."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from ivr import secrets
from ivr.adapters.asterisk import config, launch
from ivr.adapters.speech.catalogue import MODELS
from ivr.adapters.speech.flow_prompts import DIALPLAN_PROMPTS
from ivr.adapters.speech.models import installed
from ivr.agents.service import Accounts
from ivr.clinic import demo
from ivr.clock import SystemClock
from ivr.config import PROJECT, Settings
from ivr.database import Database, database_url
from ivr.errors import Unavailable
from ivr.migrations import migrate
from ivr.process import die_with_parent, give_way
from ivr.queues.service import Queues
from ivr.setup import console_build
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


def fetch(terminal: Terminal, settings: Settings, *, proofs: bool = False) -> None:
    """Asterisk, speech models and the built console; ``proofs``: see :func:`models`."""
    asterisk(terminal, settings)
    node = console_build.find_node(terminal, settings.cache)
    models(terminal, settings, node, proofs=proofs)
    console_build.build(terminal, node)


def models(
    terminal: Terminal, settings: Settings, node: console_build.Node, *, proofs: bool = False
) -> None:
    """The speech models; ``proofs``: also those with which tests prove an engine."""
    needed = [model for model in MODELS if proofs or not model.proof]
    missing = [model.name for model in needed if not installed(model, settings.cache)]
    if not missing:
        return
    terminal.show(
        auricula("models", *missing),
        cwd=PROJECT,
        environment=node.environment,
        remedy="The speech models could not be fetched. Is the network up? Try again: it goes "
        "on from where it was.",
    )


def database(terminal: Terminal, settings: Settings) -> None:
    """The schema, and the demo clinic in an empty database."""
    url = database_url(settings)
    with terminal.step("Preparing the database"):
        try:
            migrate(url)
            has_clinic = demo.exists(Database(url))
        except (SQLAlchemyError, psycopg.Error) as error:
            raise StepFailed(
                f"The database could not be prepared: {error}\nvar/log/postgres.log may say more. "
                "With DATABASE_URL set: is that server up, and may this user make tables?"
            ) from error
    if not has_clinic:
        terminal.run(
            "Making the demo clinic",
            auricula("demo"),
            cwd=PROJECT,
            remedy="The demo clinic could not be made; var/log/setup.log has the whole story.",
        )


def prompts(terminal: Terminal, settings: Settings) -> None:
    """What the dialplan says by itself and what calls begin with; the rest of the flows'
    prompts is spoken while calls run."""
    spoken = config.paths(settings).prompts / ".spoken"
    texts = json.dumps(DIALPLAN_PROMPTS)
    if spoken.exists() and spoken.read_text() == texts:
        return
    terminal.run(
        "Speaking what a call begins with",
        auricula("prompts", "--opening"),
        cwd=PROJECT,
        remedy="The prompts could not be spoken. `auricula say hola --out hola.wav` says more.",
    )
    spoken.write_text(texts)


def all_prompts(settings: Settings) -> subprocess.Popen[bytes]:
    """Everything else that can be spoken ahead, with less right to the CPU than calls."""
    log = (settings.var / "log/prompts.log").open("w")
    return subprocess.Popen(
        auricula("prompts"),
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=_beside_the_calls,
    )


def _beside_the_calls() -> None:
    die_with_parent()
    give_way()


def switch(terminal: Terminal, settings: Settings) -> config.Paths:
    """Asterisk's configuration, with a phone for each account of the console."""
    with terminal.step("Writing Asterisk's configuration"):
        return switch_config(settings)


def switch_config(settings: Settings) -> config.Paths:
    """Write Asterisk's configuration with the phones and queues of the database."""
    database = Database(database_url(settings))
    try:
        users = Accounts(database, SystemClock()).phones()
        queues = [
            config.QueueSettings(
                queue.name, queue.strategy, queue.ring_s, queue.overflow_s, queue.overflow_to
            )
            for queue in Queues(database).all()
        ]
    finally:
        database.dispose()
    return config.render(settings, secrets.load(settings.var), agents=users, queues=queues)


def _complete(root: Path, packages: Sequence[str]) -> bool:
    listed = root / "packages.txt"
    if not listed.exists():
        return False
    present = {line.split()[0] for line in listed.read_text().splitlines()}
    return set(packages) <= present
