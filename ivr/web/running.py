"""The web application on a port of its own, in a thread: for pictures, tests, benchmarks."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from ivr.web.lines import ScreenProtocol

STARTS_WITHIN_S = 20.0


@contextmanager
def running(app: FastAPI, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve ``app`` while the block runs; gives its address. Port 0: any free one."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            ws=ScreenProtocol,
            ws_max_size=64 * 1024,
            ws_per_message_deflate=False,
        )
    )
    thread = threading.Thread(target=server.run, args=([listener],), name="web")
    thread.start()
    deadline = time.monotonic() + STARTS_WITHIN_S
    try:
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise RuntimeError("the web application did not start")
            time.sleep(0.02)
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
