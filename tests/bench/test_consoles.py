"""What a page far from the server would have shown: the benchmark's own arithmetic."""

import json

from ivr.bench.consoles import Received

REASONS = {"a": {"reason": "connected"}, "c": {"reason": "abandoned"}}


def message(*events: tuple[str, str]) -> str:
    told = [
        {"call_id": call, "data": {"type": kind, **REASONS.get(call, {})}} for call, kind in events
    ]
    return json.dumps({"kind": "events", "events": told})


KEPT = Received(
    [
        (1000.0, json.dumps({"kind": "snapshot", "calls": []})),
        (1100.0, message(("a", "call.started"), ("a", "queue.joined"))),
        (1250.0, message(("a", "queue.left"), ("c", "queue.left"), ("b", "queue.joined"))),
        (1300.0, message(("a", "call.ended"))),
    ]
)


def test_the_moment_an_event_arrived_is_that_of_its_message() -> None:
    assert KEPT.arrived() == {
        "a": {"queued": 1100.0, "talking": 1250.0, "ended": 1300.0},
        "b": {"queued": 1250.0},
    }


def test_what_the_page_takes_is_added_to_the_moment_of_arrival() -> None:
    sent = [9000.0, 9100.0, 9251.0, 9300.0]  # the second message was sent a little late
    seen = {"a": {"queued": 9107.0, "talking": 9260.0}, "b": {"queued": 9261.0}}
    assert KEPT.shown(sent, seen) == {
        "a": {"queued": 1107.0, "talking": 1259.0},
        "b": {"queued": 1260.0},
    }


def test_what_the_page_never_showed_is_not_shown() -> None:
    assert KEPT.shown([0.0, 1.0, 2.0, 3.0], {}) == {"a": {}, "b": {}}
