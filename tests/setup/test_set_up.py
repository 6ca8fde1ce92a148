"""The pieces of `make up`, each on real processes, ports and files."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from fastapi import FastAPI
from rich.console import Console

from ivr import secrets
from ivr.adapters.asterisk.fastagi import FastAgiServer
from ivr.adapters.asterisk.run import redact
from ivr.config import PROJECT, Settings
from ivr.errors import AuriculaError, Unavailable
from ivr.process import give_way
from ivr.setup import console_build, ports, ready
from ivr.setup.hanging import LOOKS, Hanging
from ivr.setup.installation import only_one
from ivr.setup.programs import PROGRAMS, wanted
from ivr.setup.supervision import RUNNING, Supervisor
from ivr.setup.terminal import StepFailed, Terminal
from ivr.web.running import running
from tests.adapters.asterisk.manager_wire import Manager, event


def until(happens: Callable[[], object], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def processes_of(folder: Path) -> list[psutil.Process]:
    """Whatever still runs with ``folder`` on its command line."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(folder) in line and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def test_a_port_that_is_taken_is_named_with_its_holder_and_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (line,) = [
            line
            for line in ports.busy(Settings(var=tmp_path, http_port=port))
            if f"Port {port} " in line
        ]
    assert "the console" in line
    assert f"(process {os.getpid()})" in line
    assert f"AURICULA_HTTP_PORT={port + 1000} make up" in line


def test_a_second_start_in_the_same_place_says_who_runs_already(tmp_path: Path) -> None:
    here = Settings(var=tmp_path)
    again = pytest.raises(Unavailable, match=f"process {os.getpid()}")
    with only_one(here), again, only_one(here):
        pass
    with only_one(here):
        pass


@pytest.fixture
def database_only(place: Path, monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    monkeypatch.setenv("AURICULA_VAR", str(place / "var"))
    return Supervisor(Settings(var=place / "var"), [PROGRAMS[0]])


def started_by(supervisor: Supervisor) -> int:
    """The database's process, once it runs."""
    supervisor.start("postgres")
    until(lambda: supervisor.states()["postgres"][0] == RUNNING)
    return supervisor.states()["postgres"][1]


def test_what_dies_is_started_again_and_stopping_leaves_nothing(
    place: Path, database_only: Supervisor
) -> None:
    database_only.open()
    try:
        first = started_by(database_only)
        os.kill(first, signal.SIGKILL)
        until(lambda: database_only.states()["postgres"][1] not in (0, first))
        until(lambda: database_only.states()["postgres"][0] == RUNNING)
    finally:
        database_only.close()
    until(lambda: not processes_of(place))


def test_a_program_that_hangs_is_ended_with_what_it_has_started(
    place: Path, database_only: Supervisor
) -> None:
    database_only.open()
    try:
        first = started_by(database_only)
        started = psutil.Process(first).children(recursive=True)
        assert started
        for one in started:
            one.suspend()
        database_only.kill("postgres")
        until(lambda: database_only.states()["postgres"][1] not in (0, first))
        until(lambda: not any(one.is_running() for one in started))
    finally:
        database_only.close()
    until(lambda: not processes_of(place))


def test_a_killed_supervisor_takes_its_programs_with_it(
    place: Path, database_only: Supervisor
) -> None:
    database_only.open()
    started_by(database_only)
    assert database_only._process is not None
    database_only._process.kill()
    until(lambda: not database_only.alive())
    until(lambda: not processes_of(place))
    database_only.close()


def test_a_database_elsewhere_needs_no_database_here(tmp_path: Path) -> None:
    elsewhere = Settings(var=tmp_path, DATABASE_URL="postgresql://db/clinic")
    names = [program.name for program in wanted(elsewhere)]
    assert "postgres" not in names
    assert set(names) | {"postgres"} == {program.name for program in PROGRAMS}


def test_the_console_hangs_when_it_takes_a_request_and_says_nothing_not_when_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "WITHIN_S", 0.2)
    (web,) = [program for program in PROGRAMS if program.name == "web"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        here = Settings(var=tmp_path, http_port=silent.getsockname()[1])
        assert ready.hangs(web, here)
        assert not ready.answers(web, here)
    assert not ready.hangs(web, here)
    assert not ready.answers(web, here)
    bare = FastAPI()
    with running(bare) as url:
        there = Settings(var=tmp_path, http_port=urlsplit(url).port or 0)
        assert not ready.hangs(web, there), "any answer is one"
        assert ready.answers(web, there)


def test_the_application_hangs_when_it_lets_the_switch_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "WITHIN_S", 0.2)
    (application,) = [program for program in PROGRAMS if program.name == "serve"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        here = Settings(var=tmp_path, agi_port=silent.getsockname()[1])
        assert ready.hangs(application, here)
    assert not ready.hangs(application, here)
    server = FastAgiServer(lambda _: None, port=0)
    server.start()
    try:
        assert not ready.hangs(application, Settings(var=tmp_path, agi_port=server.port))
    finally:
        server.stop()


def test_the_switch_hangs_when_its_list_of_channels_does_not_come_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "WITHIN_S", 0.2)
    (switch,) = [program for program in PROGRAMS if program.name == "asterisk"]
    manager = Manager()
    here = Settings(var=tmp_path, ami_port=manager.port)
    begun = b"Response: Success\r\nEventList: start\r\n\r\n"
    whole = begun + event("CoreShowChannelsComplete", "EventList: Complete")
    lists = {"whole": whole, "stuck": begun, "refused": b"Response: Error\r\n\r\n"}
    told = ["whole"]
    manager.answers = lambda action: (
        lists[told[0]] if action["Action"] == "CoreShowChannels" else None
    )
    for told[0], hangs in (("whole", False), ("stuck", True), ("refused", False)):
        assert ready.hangs(switch, here) == hangs
    [login, *_] = manager.actions("Login")
    assert login["Secret"] == secrets.load(tmp_path).ami_watchdog
    manager.close()
    assert not ready.hangs(switch, here), "one that is gone does not hang"
    assert not ready.answers(switch, here)


def test_who_gives_way_does_so_as_a_session_too() -> None:
    grouped = Path("/proc/self/autogroup")
    told = subprocess.run(
        ["sh", "-c", f"nice; cat {grouped} 2>/dev/null || true"],
        preexec_fn=lambda: give_way(7),
        start_new_session=True,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert told[0] == str(os.nice(0) + 7)
    if grouped.exists():
        assert told[1].endswith("nice 7")


def test_a_moment_without_an_answer_ends_no_program() -> None:
    answers = iter([True] * (LOOKS - 1) + [False] + [True] * LOOKS + [True])
    hanging = Hanging(lambda: next(answers))
    assert [hanging.look() for _ in range(2 * LOOKS + 1)] == [
        *[False] * (2 * LOOKS - 1),
        True,
        False,
    ]


def test_a_failing_step_shows_its_last_lines_and_what_to_do(tmp_path: Path) -> None:
    shown = StringIO()
    terminal = Terminal(tmp_path / "log/setup.log", Console(file=shown))
    with pytest.raises(StepFailed, match=r"(?s)no disk left.*Free some disk\."):
        terminal.run(
            "Filling the disk",
            [sys.executable, "-c", "import sys; print('a [b] line'); sys.exit('no disk left')"],
            cwd=tmp_path,
            remedy="Free some disk.",
        )
    assert "✘ Filling the disk" in shown.getvalue()
    assert "a [b] line" in (tmp_path / "log/setup.log").read_text()


@pytest.mark.parametrize(
    ("line", "cleaned"),
    [
        (
            '[2026-11-22T10:00:00] WARNING[123]: res_pjsip.c:12345 x: from \'"Ana" '
            "<sip:+34600111222@10.0.0.1>' failed",
            '[2026-11-22T10:00:00] WARNING[123]: res_pjsip.c:12345 x: from \'"…" '
            "<sip:…@10.0.0.1>' failed",
        ),
        ("Unable to call PJSIP/34600111222@trunk", "Unable to call PJSIP/…@trunk"),
        ("Asterisk Ready.", "Asterisk Ready."),
    ],
)
def test_the_switchs_log_names_no_caller(line: str, cleaned: str) -> None:
    assert redact(line) == cleaned


@pytest.mark.skipif(not shutil.which("apt-get"), reason="Debian's apt-get is not here")
@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ("deb http://mirror.example/debian trixie main", "http://mirror.example/debian forky main"),
        ("", "no Debian mirror is known here: AURICULA_DEBIAN_MIRROR="),
    ],
)
def test_debians_mirror_is_found_where_apt_has_no_lists_yet(
    sources: str, said: str, tmp_path: Path
) -> None:
    # As in a container: apt knows its sources and nothing more. All but asking for addresses
    # is answered by what it was asked with.
    (tmp_path / "lists").mkdir()
    (tmp_path / "sources.list").write_text(f"{sources}\n")
    (tmp_path / "apt.conf").write_text(
        f'Dir::State::Lists "{tmp_path}/lists";\nDir::Etc::SourceParts "{tmp_path}/none";\n'
        f'Dir::Etc::SourceList "{tmp_path}/sources.list";\n'
    )
    stub = tmp_path / "bin/apt-get"
    stub.parent.mkdir()
    stub.write_text(
        f"""#!/bin/sh
[ "$1" != --print-uris ] || exec {shutil.which("apt-get")} "$@"
for option; do case $option in Dir::Etc::SourceList=*) cat "${{option#*=}}";; esac; done
exit 1
"""
    )
    stub.chmod(0o755)
    tried = subprocess.run(
        ["scripts/debian-root", str(tmp_path / "root"), "hello"],
        cwd=PROJECT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("AURIC")},
            "APT_CONFIG": str(tmp_path / "apt.conf"),
            "PATH": f"{stub.parent}:{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
    )
    assert tried.returncode == 1
    assert said in tried.stderr


def test_the_console_is_built_again_when_a_source_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_build, "SOURCE", tmp_path)
    (tmp_path / "src").mkdir()
    page = tmp_path / "src/page.tsx"
    page.write_text("one")
    before = console_build.fingerprint()
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules/other.js").write_text("not ours")
    assert console_build.fingerprint() == before
    page.write_text("two")
    assert console_build.fingerprint() != before


def test_passwords_between_switch_and_application_stay_the_same(tmp_path: Path) -> None:
    first = secrets.load(tmp_path)
    assert secrets.load(tmp_path) == first
    assert first.sip_password("agent-ana") != first.sip_password("agent-luis")
    assert secrets.load(tmp_path / "other").ami != first.ami


def test_damaged_passwords_are_reported_with_the_way_out(tmp_path: Path) -> None:
    secrets.load(tmp_path)
    (tmp_path / "secrets/switch.json").write_text("{")
    with pytest.raises(AuriculaError, match="Delete it"):
        secrets.load(tmp_path)


def test_lock_files_carry_hashes_and_no_address() -> None:
    for path in [*PROJECT.glob("requirements*.txt"), *PROJECT.glob("scripts/requirements*.txt")]:
        text = path.read_text()
        assert "://" not in text, path
        assert text.count("==") <= text.count("--hash=sha256:"), path
    assert '"resolved"' not in (PROJECT / "agents_ui/package-lock.json").read_text()
