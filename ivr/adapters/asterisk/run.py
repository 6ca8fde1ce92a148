"""Running Asterisk as a child, with what it writes cleaned of callers' data."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from ivr.adapters.asterisk import launch
from ivr.process import die_with_parent, raise_file_limit

_NUMBER = re.compile(r"\+?\d{6,}")
_ADDRESS = re.compile(r"(sips?:)[^@>\s;]+@", re.IGNORECASE)
_DISPLAY = re.compile(r'"[^"]*"(\s*<)')
_TIMESTAMP = re.compile(r"^\[[^\]]*\] \w+\[\d+\](\[[^\]]*\])?: \S+:\d+ ")


def redact(line: str) -> str:
    """``line`` of Asterisk's log without telephone numbers, SIP users and display names."""
    head = match.group() if (match := _TIMESTAMP.match(line)) else ""
    rest = _DISPLAY.sub(r'"…"\1', line[len(head) :])
    return head + _NUMBER.sub("…", _ADDRESS.sub(r"\1…@", rest))


def run(config: Path) -> int:
    """Run Asterisk with ``config`` until it ends; returns its exit code.

    SIGTERM and SIGINT are passed on; should this process be killed, Asterisk ends too.
    """
    os.umask(0o077)
    raise_file_limit()
    child = subprocess.Popen(
        launch.command(config),
        env=launch.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=die_with_parent,
    )

    def pass_on(number: int, _frame: object) -> None:
        child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    assert child.stdout is not None
    for line in child.stdout:
        sys.stdout.write(redact(line))
        sys.stdout.flush()
    return child.wait()
