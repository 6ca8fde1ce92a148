"""Where the threads of calls run, and those that compute speech for them."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import pytest

from ivr.adapters.asterisk import phone, processors
from ivr.adapters.asterisk.agi import AgiSession
from ivr.adapters.asterisk.fastagi import FastAgiServer
from tests.adapters.asterisk.switch_wire import ENVIRONMENT

pytestmark = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor only")


def test_calls_share_a_processor_and_the_voices_they_wait_for_have_all() -> None:
    seen: SimpleQueue[tuple[set[int], set[int]]] = SimpleQueue()

    def call(_session: AgiSession) -> None:
        rendering = phone._renderers.submit(os.sched_getaffinity, 0)
        seen.put((os.sched_getaffinity(0), rendering.result(10)))

    server = FastAgiServer(call, port=0)
    server.start()
    try:
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", server.port)) as asterisk:
                asterisk.sendall(ENVIRONMENT.encode())
                assert asterisk.recv(1) == b""
        calls, voices = zip(*(seen.get(timeout=10) for _ in range(2)), strict=True)
    finally:
        server.stop(1)
    assert calls[0] == calls[1]
    assert len(calls[0]) == 1
    assert all(one == os.sched_getaffinity(0) for one in voices)


def test_a_thread_that_shared_a_processor_can_have_all_again() -> None:
    def go_and_return() -> tuple[int, int]:
        processors.share_one()
        shared = len(os.sched_getaffinity(0))
        processors.use_all()
        return shared, len(os.sched_getaffinity(0))

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(go_and_return).result() == (1, len(os.sched_getaffinity(0)))
