"""No event tells anybody what is not theirs: every type there is, all of it filled in."""

import json
from typing import Any, get_args

from ivr.flow import events as e
from ivr.web.audience import COUNTED, OF_BRANCH
from tests.web.conftest import MADRID, Console, OpenScreen
from tests.web.permissions.conftest import SECRET_NAME, SECRET_NUMBER, Madrid


def test_no_event_of_a_call_carries_anything_of_it_to_an_agent_of_the_branch_who_is_not_in_it(
    console: Console, madrid: Madrid, screen: OpenScreen
) -> None:
    """Every type of event there is, with every personal field filled. The branch's agenda,
    files and tasks are hers, whichever call changes them."""
    with screen("lucia") as lucia:
        assert SECRET_NUMBER not in json.dumps(lucia.message("snapshot"))
        call = console.call(SECRET_NUMBER, caller_name=SECRET_NAME)
        last = 0
        for kind in get_args(get_args(e.Event)[0]):
            if kind in (e.CallStarted, e.CallEnded):
                continue
            event = kind.model_validate({**_filled(kind, madrid), **_by_mario(kind)})
            last = console.stream.publish(event, call_id=call, branch_id=MADRID)
        last = console.stream.publish(e.AttemptChanged(attempt_id=1, status="x"))
        got = lucia.events(last)
    for event in got:
        assert "Irrepetible" not in json.dumps(event), event
        assert SECRET_NUMBER not in json.dumps(event), event
    assert {event["data"]["type"] for event in got} <= COUNTED | OF_BRANCH | {"attempt.changed"}


def _by_mario(kind: type[e.EventBase]) -> dict[str, str]:
    return {name: "mario" for name in ("agent", "to", "by") if name in kind.model_fields}


def test_no_event_of_another_branch_carries_anything_of_its_patients(
    console: Console, madrid: Madrid, screen: OpenScreen
) -> None:
    """Every type of event there is, with every personal field filled."""
    with screen("diego") as diego:
        assert SECRET_NUMBER not in json.dumps(diego.message("snapshot"))
        call = console.call(SECRET_NUMBER, caller_name=SECRET_NAME)
        last = 0
        for kind in get_args(get_args(e.Event)[0]):
            if kind in (e.CallStarted, e.CallEnded):
                continue
            event = kind.model_validate(_filled(kind, madrid))
            last = console.stream.publish(event, call_id=call, branch_id=MADRID)
        last = console.stream.publish(e.AttemptChanged(attempt_id=1, status="x"))
        got = diego.events(last)
    for event in got:
        for secret in ("Irrepetible", SECRET_NUMBER, "patient_id", "starts_at"):
            assert secret not in json.dumps(event), event
    assert {event["data"]["type"] for event in got} <= COUNTED | {"attempt.changed"}


def _filled(kind: type[e.EventBase], madrid: Madrid) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, info in kind.model_fields.items():
        if name == "type" or (not info.is_required() and not info.metadata):
            continue
        first = (get_args(info.annotation) or (None,))[0]
        if any(isinstance(mark, e.PersonalMark) for mark in info.metadata):
            found[name] = [SECRET_NAME] if info.annotation == list[str] else SECRET_NAME
        elif info.annotation in (int, float):
            found[name] = madrid.value(name) or 1
        else:
            found[name] = first if isinstance(first, str) else str(madrid.value(name) or "x")
    return found
