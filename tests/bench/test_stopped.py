"""A benchmark that is stopped leaves nothing running, whatever stopped it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from ivr.config import PROJECT
from tests.telephone_network.ports import take

INSTALLATION = """
import sys, time
from pathlib import Path
from ivr.bench.installation import Installation

clinic = Installation(Path(sys.argv[1]), first_port=int(sys.argv[2]))
print(clinic.start("watchdog").pid, flush=True)
time.sleep(300)
"""
BENCHMARK = """
import signal, sys, time
from ivr.bench import language
from ivr.cli import main

# As in a terminal: who runs the tests may ignore some, as a shell does for what it puts behind.
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)

def run():
    try:
        print("begun", flush=True)
        time.sleep(300)
    finally:
        print("stopping", flush=True)
        time.sleep(1)
        print("stopped", flush=True)

language.run = run
sys.argv[1:] = ["bench", "language"]
main()
"""


@contextmanager
def running(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_what_a_killed_benchmark_started_ends(tmp_path: Path) -> None:
    with running(INSTALLATION, str(tmp_path), str(take(430))) as bench:
        watchdog = psutil.Process(int(said(bench)))
        server = psutil.Process(
            int((tmp_path / "var/postgres/postmaster.pid").read_text().split()[0])
        )
        bench.kill()
        _, alive = psutil.wait_procs([watchdog, server], 30)
    for process in alive:
        process.kill()
    assert not alive


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_benchmark_told_to_end_twice_stops_what_it_started(number: signal.Signals) -> None:
    with running(BENCHMARK) as bench:
        assert said(bench) == "begun"
        bench.send_signal(number)
        assert said(bench) == "stopping"
        bench.send_signal(signal.SIGTERM)
        assert said(bench) == "stopped"
        assert bench.wait(20) == 128 + number
