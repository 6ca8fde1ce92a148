"""The whole of `make up`, once, on ports and folders of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from ivr.config import PROJECT, settings
from ivr.setup import console_build
from ivr.setup.ports import PORTS
from tests.setup.switch import free_ports
from tests.setup.test_set_up import processes_of, until

READY = "Ctrl-C stops everything"


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as page:
            return bool(page.status == 200)
    except OSError:
        return False


def supervised(root: int, *last: str) -> psutil.Process:
    """The program under that process whose arguments end like this."""
    lines = {}
    for process in psutil.Process(root).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # gone, or a zombie that nobody has waited for
            lines[process] = process.cmdline()
    (found,) = [
        process
        for process, line in lines.items()
        if "ivr.supervised" in line and tuple(line[-len(last) :]) == last
    ]
    return found


@pytest.mark.network
@pytest.mark.timeout(600)
@pytest.mark.skipif(not console_build.built(), reason="the console is not built: make up")
def test_everything_comes_up_survives_kills_and_a_hang_and_leaves_nothing(place: Path) -> None:
    names = [name for name, *_ in PORTS]
    chosen = dict(zip(names, free_ports(len(names)), strict=True))
    environment = {
        **os.environ,
        "AURICULA_VAR": str(place / "var"),
        "AURICULA_CACHE": str(settings().cache.resolve()),
        "AURICULA_RECORDINGS": str(place / "recordings"),
        "AURICULA_RTP_FIRST": "23000",
        "AURICULA_RTP_LAST": "23100",
        **{f"AURICULA_{name.upper()}": str(port) for name, port in chosen.items()},
        "COLUMNS": "120",
    }
    environment.pop("DATABASE_URL", None)
    said = place / "terminal.txt"
    with said.open("w") as output:
        up = subprocess.Popen(
            [sys.executable, "-m", "ivr", "up"],
            cwd=PROJECT,
            env=environment,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )
    try:
        until(lambda: READY in said.read_text() or up.poll() is not None, 400)
        assert up.poll() is None, said.read_text()
        base = f"http://127.0.0.1:{chosen['http_port']}"
        assert f"{base}/telefono" in said.read_text()
        assert re.search(r"supervisora +\S{10,}", said.read_text())
        assert answers(f"{base}/health")
        assert answers(f"{base}/telefono")

        supervised(up.pid, "agi", "--only", "jobs").kill()
        until(lambda: "the application stopped; it is started again" in said.read_text())
        until(lambda: answers(f"{base}/health"))

        supervised(up.pid, "--only", "api").kill()
        until(lambda: "the console stopped; it is started again" in said.read_text())
        until(lambda: answers(f"{base}/health") and answers(f"{base}/telefono"))

        until(lambda: said.read_text().count("the console runs again") == 1)
        hung = supervised(up.pid, "--only", "api")
        hung.suspend()
        until(lambda: "the console does not answer; it is ended" in said.read_text(), 90)
        until(lambda: not hung.is_running())
        until(lambda: answers(f"{base}/health") and answers(f"{base}/telefono"))

        for last, what in ((("jobs",), "the application"), (("speech",), "the recognizer")):
            hung = supervised(up.pid, *last)
            hung.suspend()
            ended = f"{what} does not answer; it is ended"
            until(partial(lambda words: words in said.read_text(), ended), 90)
            psutil.wait_procs([hung], 10)
            assert not hung.is_running()
        until(lambda: said.read_text().count("the recognizer runs again") == 1, 90)
        until(lambda: answers(f"{base}/health"))

        family = psutil.Process(up.pid).children(recursive=True)
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(90)
    assert "Stopped." in said.read_text()
    _gone, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
    assert processes_of(place) == []
    for port in chosen.values():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
