"""Whatever breaks, the caller reaches a person and nothing stays held."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.actions import base
from ivr.actions.base import Action, ActionContext
from ivr.actions.call import CallHandler
from ivr.actions.connect import connect
from ivr.actions.simulation import NoRecorder
from ivr.cli import build
from ivr.config import PROJECT, settings
from ivr.database import Database, Limits
from ivr.errors import CallerHungUp, InvalidInput
from ivr.flow.events import EVENT
from ivr.flow.simulate import TextPhone
from tests.actions.conftest import BORN, LUCIA
from tests.conftest import stuck
from tests.simulator import Caller


def test_a_step_that_breaks_hands_the_caller_to_a_person(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(context: ActionContext) -> str:
        raise ValueError("14031988 Lucía")

    booking = base.REGISTRY["book_appointment"]
    monkeypatch.setitem(base.REGISTRY, "book_appointment", Action(booking.spec, broken))
    played = caller.call("dtmf:2", "dtmf:1", number=LUCIA)
    assert played.of("flow.failed")[0]["error"] == "ValueError"
    assert played.of("call.transferred")[0]["name"] == "recepcion"
    assert "Lucía" not in capsys.readouterr().out


def test_when_even_the_way_to_a_person_breaks_the_switch_takes_the_caller_to_the_queue(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(context: ActionContext) -> str:
        raise ValueError

    for name in ("book_appointment", "check_opening"):
        monkeypatch.setitem(base.REGISTRY, name, Action(base.REGISTRY[name].spec, broken))
    played = caller.call("dtmf:2", number=LUCIA)
    (transferred,) = played.of("call.transferred")
    assert (transferred["kind"], transferred["name"]) == ("queue", "recepcion")


def test_a_database_that_takes_no_event_any_more_costs_the_caller_one_wait_and_gives_a_person(
    caller: Caller,
) -> None:
    database = Database(caller.database.url, Limits(lock_s=0.2))
    services = connect(database, caller.clock)
    heard: list[str] = []
    with contextlib.ExitStack() as stack:

        def lines() -> Iterator[str]:
            yield "dtmf:2"
            stack.enter_context(stuck(database))
            yield "dtmf:1"

        phone = TextPhone(lines(), heard.append)
        ending = CallHandler(services, caller.library, NoRecorder(services)).handle(
            phone, flow="recepcion", call_id=str(uuid.uuid4()), ani=LUCIA
        )
    database.dispose()
    assert ending.handed_on
    assert phone.transferred is not None and phone.transferred.name == "recepcion"
    assert "recepción" in heard[-1]


def test_a_line_that_breaks_hands_the_caller_to_the_queue(caller: Caller) -> None:
    class BrokenLine(TextPhone):
        def say(self, text: str, *, interruptible: bool = True) -> None:
            raise OSError("no prompt")

    from ivr.actions.simulation import play

    phone = BrokenLine(iter(()))
    call_id, ending = play(caller.services, caller.library, iter(()), number=LUCIA, phone=phone)
    assert ending.handed_on
    assert phone.transferred is not None and phone.transferred.name == "recepcion"
    assert caller.played(call_id, phone).of("flow.failed")


def test_a_line_that_is_gone_before_it_is_answered_is_an_abandoned_call(caller: Caller) -> None:
    class Gone(TextPhone):
        def answer(self) -> None:
            raise CallerHungUp

    from ivr.actions.simulation import play

    phone = Gone(iter(()))
    call_id, _ = play(caller.services, caller.library, iter(()), number=LUCIA, phone=phone)
    assert caller.played(call_id, phone).outcome == "abandoned"


@pytest.mark.parametrize(
    "junk",
    [
        "dtmf:99999999999999999999", "dtmf:####", "dtmf:*#*#", "${EXTEN}", "';DROP TABLE call;--",
        "ñ" * 4096, "\x00", "{clinic}", "«»", "dtmf:00000000", "dtmf:31021990", "{", "%s",
    ],
)  # fmt: skip
def test_nonsense_at_every_question_is_only_nonsense(caller: Caller, junk: str) -> None:
    for before in ((), ("dtmf:2",), ("dtmf:2", "dtmf:1"), ("dtmf:2", "dtmf:1", BORN)):
        played = caller.call(*before, junk, "hangup", number=LUCIA)
        assert not played.of("flow.failed"), before


def test_a_flow_changed_for_the_worse_is_not_taken(caller: Caller, tmp_path: Path) -> None:
    import shutil

    from ivr.actions.connect import library

    folder = tmp_path / "callflows"
    shutil.copytree(PROJECT / "callflows", folder)
    flows = library(folder)
    before = flows.flow("recepcion")
    path = folder / "recepcion.yaml"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("next: grabacion", "next: grabación", 1), encoding="utf-8")
    assert flows.flow("recepcion") is before
    assert any("grabación" in str(problem) for problem in flows.problems)
    path.write_text(good.replace("retry: 2", "retry: 1", 1), encoding="utf-8")
    after = flows.flow("recepcion")
    assert after.version != before.version
    with pytest.raises(InvalidInput, match="cannot be used"):
        (folder / "nuevo.yaml").write_text("flow: nuevo\n")
        flows.flow("nuevo")


def test_simulate_prints_one_numbered_event_a_line(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", caller.database.url)
    settings.cache_clear()
    try:
        result = CliRunner().invoke(
            build(),
            ["simulate", "--from", LUCIA, "--now", "2026-11-23T10:00:00+01:00", "--json"],
            input="dtmf:2\ndtmf:4\ndtmf:2\n",
        )
    finally:
        settings.cache_clear()
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    for line in lines:
        del line["seq"], line["at"]
        EVENT.validate_python(line)
    assert lines[-1]["type"] == "call.ended"
    assert lines[-1]["outcome"] == "completed"


def test_an_unknown_moment_is_heard_in_plain_words() -> None:
    result = CliRunner().invoke(build(), ["simulate", "--now", "mañana"])
    assert isinstance(result.exception, InvalidInput)
    assert "2026-11-23T10:00:00+01:00" in str(result.exception)
