"""Callers are recorded only after they said yes."""

import pytest
from sqlalchemy import select

from ivr.actions.simulation import play
from ivr.consent.model import Consent
from ivr.flow.simulate import TextPhone
from tests.actions.conftest import LUCIA
from tests.simulator import Caller


@pytest.mark.parametrize("answer", ["sí", "dtmf:1", "sí, de acuerdo", "claro que sí", "vale"])
def test_a_yes_by_key_or_word_starts_the_recording(caller: Caller, answer: str) -> None:
    played = caller.call(answer, "adiós", number=LUCIA)
    kinds = [event["type"] for event in played.events]
    assert kinds.index("consent.decided") < kinds.index("recording.started")
    assert len(played.phone.recordings) == 1
    with caller.database.transaction() as session:
        consent = session.scalars(select(Consent)).one()
        assert consent.decision == "granted"
        assert consent.how == ("key" if answer.startswith("dtmf") else "voice")
        assert len(consent.wording_version) == 16
        assert consent.call_id == played.call_id


@pytest.mark.parametrize(
    ("answer", "decision", "how"),
    [
        ("no", "refused", "voice"),
        ("dtmf:2", "refused", "key"),
        ("prefiero que no", "refused", "voice"),
        ("silence", "unanswered", "silence"),
        ("noise", "unanswered", "unclear"),
        ("mmm", "unanswered", "unclear"),
        ("dtmf:7", "unanswered", "unclear"),
        ("sí ~0.3", "unanswered", "unclear"),
        ("quiero pedir una cita", "unanswered", "unclear"),
        ("quiero hablar con una persona", "unanswered", "unclear"),
    ],
)
def test_anything_but_a_yes_goes_on_unrecorded(
    caller: Caller, answer: str, decision: str, how: str
) -> None:
    played = caller.call(answer, "adiós", number=LUCIA)
    (decided,) = played.of("consent.decided")
    assert (decided["decision"], decided["how"]) == (decision, how)
    assert not played.of("recording.started")
    assert not played.phone.recordings


def test_a_key_pressed_before_the_question_is_no_consent(caller: Caller) -> None:
    fresh: list[bool] = []
    phone = TextPhone(
        iter(("dtmf:1", "hangup")), on_listen=lambda expect: fresh.append(expect.fresh)
    )
    play(caller.services, caller.library, iter(()), number=LUCIA, phone=phone)
    assert fresh == [True, False]


def test_the_recording_is_asked_about_before_anything_else(caller: Caller) -> None:
    played = caller.call("hangup", number=LUCIA)
    assert played.prompts == ["bienvenida", "pide_grabacion"]
    assert "asistente automático" in played.said[0].partition(".")[0]


def test_who_says_at_once_what_they_want_is_not_asked_again(caller: Caller) -> None:
    played = caller.call("quiero pedir una cita", "hangup", number=LUCIA)
    assert played.prompts[-1] == "pide_fecha_nacimiento"


def test_hanging_up_ends_the_recording(caller: Caller) -> None:
    played = caller.call("sí", "hangup", number=LUCIA)
    assert len(played.of("recording.stopped")) == 1
