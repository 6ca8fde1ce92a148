"""A hung application must not keep its callers: the watchdog on a real Asterisk."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.asterisk.ami import AmiClient
from ivr.adapters.asterisk.ami_packets import Packet
from ivr.adapters.asterisk.watchdog import Watchdog, absent, answers
from ivr.config import PROJECT
from ivr.errors import Unavailable
from tests.adapters.asterisk.conftest import OnThePhone
from tests.adapters.asterisk.manager_wire import Manager, event, until


@pytest.fixture
def manager(on_the_phone: OnThePhone) -> Iterator[AmiClient]:
    switch = on_the_phone.switch
    client = AmiClient(port=switch.ami_port, username="watchdog", secret=switch.secret)
    client.connect()
    assert client.wait_connected(5)
    yield client
    client.disconnect()
    switch.cli(f"dialplan set global APPLICATION {on_the_phone.url}")
    switch.cli("channel request hangup all")


def test_callers_of_a_hung_application_are_taken_to_a_person_and_nobody_else_is(
    on_the_phone: OnThePhone, manager: AmiClient
) -> None:
    switch = on_the_phone.switch
    switch.cli("channel request hangup all")
    with socket.create_server(("127.0.0.1", 0)) as hung:
        port = hung.getsockname()[1]
        switch.cli(f"dialplan set global APPLICATION agi://127.0.0.1:{port}/call")
        for _ in range(2):
            switch.cli("channel originate Local/s@application extension s@talk")
        switch.cli("channel originate Local/silent@caller extension s@talk")

        def executing(application: str) -> int:
            channels = manager.list_action("CoreShowChannels")
            return sum(1 for c in channels if c.get("Application") == application)

        until(lambda: executing("AGI") == 2)
        watchdog = Watchdog(manager, lambda: answers("127.0.0.1", port, within_s=0.1), patience=1)
        assert watchdog.look() == 2
        until(lambda: executing("AGI") == 0)
        rescued = [
            c for c in manager.list_action("CoreShowChannels") if c.get("Context") == "rescue"
        ]
        assert len(rescued) == 2
        assert watchdog.look() == 0


class Recorded:
    """A manager session that writes down what it is asked."""

    def __init__(self) -> None:
        self.redirected: list[object] = []
        self.available = True

    def action(self, name: str, fields: dict[str, object], /) -> Packet:
        self.redirected.append(fields["Channel"])
        return Packet()

    def list_action(self, name: str, /) -> list[Packet]:
        if not self.available:
            raise Unavailable("down")
        return [Packet(Channel="PJSIP/trunk-1", Application="AGI")]


def test_a_moment_without_an_answer_alarms_nobody() -> None:
    alive = [True]
    watchdog = Watchdog(Recorded(), lambda: alive[0])
    for alive[0], taken in (
        (True, 0),
        (False, 0),
        (False, 0),
        (False, 0),
        (True, 0),
        (False, 0),
        (False, 0),
        (False, 0),
        (False, 1),
        (False, 1),
        (True, 0),
        (False, 0),
    ):
        assert watchdog.look() == taken


def test_callers_of_a_dead_application_are_taken_away_at_once() -> None:
    watchdog = Watchdog(Recorded(), lambda: False, is_absent=lambda: absent("127.0.0.1", 1))
    assert watchdog.look() == 1


def test_a_switch_that_is_down_too_does_not_end_the_watch() -> None:
    manager = Recorded()
    manager.available = False
    assert Watchdog(manager, lambda: False, patience=1).look() == 0


def test_a_server_that_takes_the_line_and_says_nothing_is_not_alive() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hung:
        assert not answers("127.0.0.1", hung.getsockname()[1], within_s=0.1)
    assert not answers("127.0.0.1", 1, within_s=0.1)


def test_the_application_answers_the_watchdog(on_the_phone: OnThePhone) -> None:
    assert answers("127.0.0.1", on_the_phone.server.port)


def test_the_command_rescues_a_caller_and_stops_when_told(tmp_path: Path) -> None:
    manager = Manager()
    manager.answers = lambda action: (
        b"Response: Success\r\nACTIONID\r\nEventList: start\r\n\r\n"
        + event(
            "CoreShowChannel",
            f"ActionID: {action['ActionID']}",
            "Channel: PJSIP/trunk-00000001",
            "Application: AGI",
        )
        + event(
            "CoreShowChannelsComplete", f"ActionID: {action['ActionID']}", "EventList: Complete"
        )
        if action["Action"] == "CoreShowChannels"
        else None
    )
    with socket.create_server(("127.0.0.1", 0)) as hung:
        settings = {
            "AURICULA_VAR": str(tmp_path),
            "AURICULA_AMI_PORT": str(manager.port),
            "AURICULA_AGI_PORT": str(hung.getsockname()[1]),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "ivr", "watchdog"], cwd=PROJECT, env={**os.environ, **settings}
        )
        try:
            until(lambda: manager.actions("Redirect"), 60)
            assert manager.actions("Redirect")[0]["Context"] == "rescue"
            process.terminate()
            assert process.wait(20) == 0
        finally:
            process.kill()
            manager.close()
