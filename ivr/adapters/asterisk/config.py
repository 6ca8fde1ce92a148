"""Asterisk's configuration, rendered from ``asterisk-config/`` into ``var/asterisk``.

The same templates serve production, Docker and the tests: everything that differs (ports,
addresses, folders) comes from :class:`ivr.config.Settings`.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from ivr.adapters.asterisk import launch
from ivr.config import PROJECT, Settings
from ivr.errors import InvalidInput, Unavailable
from ivr.secrets import Secrets

TEMPLATES = PROJECT / "asterisk-config"
GENERATED = "Rendered from asterisk-config/ by `make up`: change the template, not this file."
USERNAME = re.compile(r"[a-z0-9_-][a-z0-9._-]{0,63}")
ADDRESS = re.compile(r"[A-Za-z0-9.:\[\]_/-]+")
AGENTS = "pjsip_agents.conf"
SOCKET_PATH_MAX = 107
"""Longest path of a Unix socket (unix(7))."""


@dataclass(frozen=True)
class QueueSettings:
    """One queue of the switch; seconds throughout."""

    name: str = "recepcion"
    strategy: str = "longest_idle"
    """``longest_idle`` or ``ring_all``."""
    ring_s: int = 20
    overflow_s: int = 600
    """After so long the caller goes on to ``overflow_to``."""
    overflow_to: str = ""
    """Another queue; empty: voicemail."""


@dataclass(frozen=True)
class Paths:
    """Where one Asterisk keeps its things; every folder exists after :func:`render`."""

    home: Path
    modules: Path
    sbin: Path
    music: Path
    run: Path

    @property
    def etc(self) -> Path:
        return self.home / "etc"

    @property
    def lib(self) -> Path:
        """Its small database: registrations and queue members."""
        return self.home / "lib"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def sounds(self) -> Path:
        """Spanish sounds; the project's own are in ``auricula/`` below it."""
        return self.home / "data/sounds/es"

    @property
    def prompts(self) -> Path:
        """What the dialplan says by itself, written by ``auricula prompts``."""
        return self.home / "sounds/auricula"

    @property
    def spool(self) -> Path:
        return self.home / "spool"

    @property
    def messages(self) -> Path:
        """Voicemail messages nobody has made a ticket of yet."""
        return self.spool / "messages"

    @property
    def monitor(self) -> Path:
        """Recordings in progress, before they are sealed."""
        return self.spool / "monitor"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def local(self) -> Path:
        """The clinic's own additions, kept as they are (see asterisk-config/README.md)."""
        return self.home / "local"

    @property
    def config(self) -> Path:
        """What ``asterisk -C`` is given."""
        return self.etc / "asterisk.conf"


def paths(settings: Settings) -> Paths:
    """The folders of the Asterisk that ``settings`` describe."""
    root = launch.find_root()
    home = settings.var.resolve() / "asterisk"
    run = home / "run"
    if len(str(run / "asterisk.ctl")) > SOCKET_PATH_MAX:
        short = hashlib.sha256(str(home).encode()).hexdigest()[:12]
        run = Path(tempfile.gettempdir()) / f"auricula-{os.getuid()}-{short}"
    return Paths(
        home=home,
        modules=launch.module_dir(root),
        sbin=root / "usr/sbin",
        music=launch.data_dir(root) / "moh",
        run=run,
    )


def render(
    settings: Settings,
    secrets: Secrets,
    *,
    agents: Sequence[str] = (),
    queues: Sequence[QueueSettings] = (QueueSettings(),),
    queue_wait_s: int | None = None,
    return_s: int = 45,
    demo_number: str = "+34600000000",
) -> Paths:
    """Write every ``.conf``, the folders and the sounds' links; answer where they are.

    ``agents`` are user names of the console, each gets the endpoint ``agent-<username>``.
    The first of ``queues`` takes callers whose queue is not known. ``queue_wait_s`` replaces
    every queue's patience.
    ``return_s``: how long the phone of an agent who vanished in mid-call is rung again.
    ``demo_number`` is shown as the caller of the demo's phones (E.164). Raises
    :class:`InvalidInput` for a value that does not belong into a configuration file.
    """
    where = paths(settings)
    for folder in (
        where.etc,
        where.lib / "keys",
        where.messages,
        where.monitor,
        where.log,
        where.local,
    ):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    where.run.mkdir(parents=True, exist_ok=True, mode=0o700)
    _link_sounds(where)
    _check(settings, demo_number)
    for queue in queues:
        if not USERNAME.fullmatch(queue.name):
            raise InvalidInput(f"The queue {queue.name!r}: small letters, digits, - and _ only.")
        if queue.overflow_to and queue.overflow_to not in {other.name for other in queues}:
            raise InvalidInput(f"The queue {queue.name}: there is no queue {queue.overflow_to!r}.")
    known = {path.stem for path in where.prompts.glob("*.wav")}
    values = {
        "generated": GENERATED,
        "s": settings,
        "secrets": secrets,
        "dirs": where,
        "prompts": known,
        "queues": queues,
        "queue_wait_s": queue_wait_s,
        "return_s": int(return_s),
        "demo_number": demo_number,
        "agents": _usernames(agents),
    }
    for template in sorted(TEMPLATES.glob("*.conf.j2")):
        _write(where.etc / template.stem, _environment().get_template(template.name), values)
    return where


def render_agents(settings: Settings, secrets: Secrets, agents: Sequence[str]) -> Path:
    """Write the agents' endpoints again; Asterisk reads them at the next ``pjsip reload``."""
    target = paths(settings).etc / AGENTS
    values = {"generated": GENERATED, "secrets": secrets, "agents": _usernames(agents)}
    _write(target, _environment().get_template(f"{AGENTS}.j2"), values)
    return target


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - configuration, not HTML; values are checked
        trim_blocks=True,
        keep_trailing_newline=True,
    )


def _write(target: Path, template: jinja2.Template, values: dict[str, object]) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(template.render(values))
    temporary.replace(target)


def _usernames(agents: Sequence[str]) -> list[str]:
    for name in agents:
        if not USERNAME.fullmatch(name):
            raise InvalidInput(
                f"The user name {name!r} cannot be a phone's name: use up to 64 small letters, "
                "digits, dots, hyphens or underscores."
            )
    return sorted(set(agents))


def _check(settings: Settings, demo_number: str) -> None:
    for name in ("agi_host", "speech_host", "sip_host", "trunk_match", "trunk_contact"):
        value = getattr(settings, name)
        if not ADDRESS.fullmatch(value):
            raise InvalidInput(f"AURICULA_{name.upper()}: {value!r} is not an address.")
    if not re.fullmatch(r"\+?[0-9]{3,15}", demo_number):
        raise InvalidInput(f"The demo phone's number {demo_number!r} is not a number.")
    for folder in (settings.var, TEMPLATES):
        if re.search(r"[;\s\"\\${}]", str(folder.resolve())):
            raise Unavailable(
                f"Asterisk cannot read files below {folder}: move the project to a folder whose "
                "name has no spaces, quotes or semicolons."
            )


def _link_sounds(where: Paths) -> None:
    """Asterisk's own sounds and documents by link, beside the project's prompts."""
    source = launch.data_dir(launch.find_root())
    where.sounds.mkdir(parents=True, exist_ok=True)
    where.prompts.mkdir(parents=True, exist_ok=True)
    _link(where.sounds / "auricula", where.prompts)
    for entry in source.iterdir():
        if entry.name not in ("sounds", "keys"):
            _link(where.data / entry.name, entry)
    for entry in (source / "sounds/es_MX_f_Allison").iterdir():
        _link(where.sounds / entry.name, entry)
    _link(where.data / "sounds/en", source / "sounds/en_US_f_Allison")


def _link(link: Path, target: Path) -> None:
    if link.is_symlink():
        if link.readlink() == target:
            return
        link.unlink()
    link.symlink_to(target)
