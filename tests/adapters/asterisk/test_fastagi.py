"""The FastAGI server over real connections."""

import logging
import socket
import threading
from collections.abc import Iterator

import pytest

from ivr.adapters.asterisk.agi import AgiSession
from ivr.adapters.asterisk.fastagi import FastAgiServer
from tests.adapters.asterisk.switch_wire import ENVIRONMENT, SwitchEnd


class Desk:
    """A server whose calls say hello and then wait to be let go."""

    def __init__(self, max_calls: int = 3) -> None:
        self.let_go = threading.Event()
        self.ended = threading.Semaphore(0)
        self.server = FastAgiServer(self.call, port=0, max_calls=max_calls, patience_s=1)
        self.server.start()

    def call(self, session: AgiSession) -> None:
        try:
            session.verbose("hello")
            self.let_go.wait(10)
            session.set_variable("AURICULA_DONE", "1")
        finally:
            self.ended.release()

    def dial(self, greeting: str = ENVIRONMENT) -> SwitchEnd:
        connection = socket.create_connection(("127.0.0.1", self.server.port))
        connection.settimeout(10)
        connection.sendall(greeting.encode())
        return SwitchEnd(connection)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.let_go.set()
    desk.server.stop(grace_s=0.1)


def test_every_caller_is_served_at_the_same_time(desk: Desk) -> None:
    ends = [desk.dial() for _ in range(3)]
    assert [end.read() for end in ends] == ['VERBOSE "hello" "1"'] * 3
    assert desk.server.calls == 3


def test_health_is_answered_while_every_call_is_busy(desk: Desk) -> None:
    busy = [desk.dial() for _ in range(3)]
    assert all(end.read() for end in busy)
    ping = desk.dial("agi_network: yes\nagi_network_script: health\n")
    assert ping.read() == "200 result=1 (healthy)"
    assert ping.read() == ""
    assert desk.server.calls == 3


def test_a_call_too_many_goes_back_to_the_dialplan_at_once(desk: Desk) -> None:
    busy = [desk.dial() for _ in range(3)]
    assert all(end.read() for end in busy)
    assert desk.dial().read() == ""


def test_a_caller_who_hangs_up_leaves_no_thread_behind(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    end = desk.dial()
    end.answer("HANGUP\n511 dead\n")
    assert desk.ended.acquire(timeout=5)
    desk.let_go.set()
    desk.server.stop()
    assert desk.server.calls == 0
    assert not caplog.records


def test_a_connection_that_says_nothing_is_dismissed(desk: Desk) -> None:
    assert desk.dial("agi_network: yes\n").read() == ""


def test_a_connection_that_never_finishes_its_variables_is_dismissed(desk: Desk) -> None:
    assert desk.dial("agi_network: yes\nagi_request: agi://x/call\n").read() == ""


def test_stopping_lets_a_call_finish_and_takes_no_more(desk: Desk) -> None:
    end = desk.dial()
    end.answer("200 result=1\n")
    stopping = threading.Thread(target=desk.server.stop, args=(5,))
    stopping.start()
    desk.let_go.set()
    end.answer("200 result=1\n")
    stopping.join()
    assert end.commands[-1] == 'SET VARIABLE "AURICULA_DONE" "1"'
    with pytest.raises(OSError):
        desk.dial()


def test_stopping_cuts_a_call_that_does_not_end(desk: Desk) -> None:
    end = desk.dial()
    end.read()
    desk.server.stop(grace_s=0.05)
    assert end.read() == ""
    assert desk.server.calls == 0


def test_a_failed_call_is_logged_without_what_the_patient_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failed = threading.Event()
    said = "Lucía Peña"

    def call(session: AgiSession) -> None:
        failed.set()
        raise RuntimeError(said + session.env["agi_callerid"])

    server = FastAgiServer(call, port=0)
    server.start()
    with caplog.at_level(logging.INFO):
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(ENVIRONMENT.encode())
        assert failed.wait(5)
        assert connection.recv(10) == b""
        server.stop()
    assert "RuntimeError" in caplog.text
    assert said not in caplog.text and "600111222" not in caplog.text
