"""What runs: one table, read by the supervisor, by ``make up`` and by the tests of Docker."""

import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.config import PROJECT, Settings
from ivr.setup.hanging import LOOKS

AGI = "agi"
"""Asked as the switch would ask: the FastAGI server's own ``/health``."""
AMI = "ami"
"""Asked for its channels, over the switch's manager port."""


@dataclass(frozen=True)
class Program:
    """One supervised process."""

    name: str
    what: str
    """For a person, in the lines ``make up`` prints."""
    arguments: tuple[str, ...] = ()
    """What it is, as arguments of ``auricula``; empty: its name."""
    port: str = ""
    """Setting with the TCP port it answers on once it is ready; empty: it has none."""
    alive: str = ""
    """What it answers at once on that port unless it hangs: an HTTP path, :data:`AGI`
    or :data:`AMI`; empty: not asked."""
    looks: int = LOOKS
    """So many times in a row it may leave that unanswered."""
    essential: bool = True
    """Without it nothing can be shown: starting gives up."""
    without: str = ""
    """What it means when one that is not essential is missing."""
    stop: signal.Signals = signal.SIGTERM
    stop_wait_s: int = 10

    @property
    def command(self) -> tuple[str, ...]:
        """Arguments of ``auricula``."""
        return self.arguments or (self.name,)


PROGRAMS = (
    Program("postgres", "the database", stop=signal.SIGINT, stop_wait_s=30),
    # All calls end with it: it is given longer than the others.
    Program("asterisk", "the switch", port="ami_port", alive=AMI, looks=2 * LOOKS),
    Program(
        "speech",
        "the recognizer",
        port="speech_port",
        alive="/health",
        essential=False,
        without="Calls go by keys until it does.",
    ),
    Program(
        "serve",
        "the application",
        ("serve", "--only", "agi", "--only", "jobs"),
        port="agi_port",
        alive=AGI,
        stop_wait_s=20,
    ),
    Program(
        "web",
        "the console",
        ("serve", "--only", "api"),
        port="http_port",
        alive="/alive",
        stop_wait_s=20,
    ),
    Program(
        "watchdog", "the watchdog", essential=False, without="Nobody notices a hung application."
    ),
)
"""In the order in which they start; they stop in the reverse order."""


def wanted(settings: Settings) -> list[Program]:
    """The programs of this installation: a database elsewhere needs none here."""
    return [p for p in PROGRAMS if p.name != "postgres" or not settings.database_url]


def supervisor_config(programs: Sequence[Program], *, run: Path, log: Path, user: str) -> str:
    """supervisord's configuration: nothing starts by itself, what dies is started again."""
    sections = [
        f"""[supervisord]
nodaemon = true
silent = true
umask = 077
user = {_plain(user)}
directory = {_plain(PROJECT)}
pidfile = {_plain(run)}/supervisord.pid
logfile = {_plain(log)}/supervisord.log
logfile_maxbytes = 5MB
logfile_backups = 3

[unix_http_server]
file = {_plain(run)}/supervisor.sock
chmod = 0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
    ]
    for number, program in enumerate(programs):
        sections.append(f"""
[program:{program.name}]
command = "{_plain(sys.executable)}" -m ivr.supervised {" ".join(program.command)}
priority = {number + 1}
autostart = false
autorestart = true
startsecs = 2
startretries = 5
stopsignal = {program.stop.name.removeprefix("SIG")}
stopwaitsecs = {program.stop_wait_s}
killasgroup = true
redirect_stderr = true
stdout_logfile = {_plain(log)}/{program.name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 5
""")
    return "".join(sections)


def _plain(value: object) -> str:
    """Supervisor expands ``%``."""
    return str(value).replace("%", "%%")
