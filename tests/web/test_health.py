"""What whoever watches over the server learns from ``/health``."""

import time

import httpx

from tests.conftest import stuck
from tests.web.conftest import Console


def test_the_server_says_that_events_cannot_be_stored_while_a_session_keeps_their_lock(
    console: Console,
) -> None:
    def health() -> httpx.Response:
        return httpx.get(f"{console.url}/health", trust_env=False, timeout=20)

    while (answer := health()).status_code != 200:
        time.sleep(0.1)
    assert answer.json() == {"status": "ok", "database": True, "stream": True, "events": True}
    with stuck(console.database):
        answer = health()
        assert answer.status_code == 503
        assert "lock" in answer.json()["detail"]
        alive = httpx.get(f"{console.url}/alive", trust_env=False, timeout=20)
        assert alive.status_code == 204, "starting it again would mend nothing"
    assert health().status_code == 200
