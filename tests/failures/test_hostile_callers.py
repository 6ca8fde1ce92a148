"""Callers whose names and numbers were made to break something."""

import re
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ivr.calls.model import Call
from tests.telephone_network.raw_sip import RawCall
from tests.telephone_network.system import CLINIC_NUMBER, ClinicSystem
from tests.telephone_network.watch import last_number, started_calls

pytestmark = pytest.mark.network

HOST = b"@127.0.0.2>"
HOSTILE = {
    "quotes in the name": rb'"Ana \"la\" \\\"Reina\"" <sip:+34600666001' + HOST,
    "an expression in the name": b'"${SHELL(touch MARKER)}" <sip:+34600666002' + HOST,
    "an expression in the number": b'"Ana" <sip:${SHELL(touch%20MARKER)}' + HOST,
    "an encoded line break": b'"Ana" <sip:+34600666004%0d%0aAction:%20Originate' + HOST,
    "a folded line in the name": b'"Ana\r\n Action: Command\r\n Command: core stop now" '
    b"<sip:+34600666005" + HOST,
    "4 KB of UTF-8": b'"' + ("ñ€😀" * 455).encode() + b'" <sip:+34600666006' + HOST,
    "broken UTF-8": b'"\xc3\x28\xff\xfe" <sip:+34600666007' + HOST,
    "separators": b'"a&b,c|d;e(f)" <sip:1&2,3' + HOST,
    "a NUL": b'"Ana%00" <sip:+34600666009%00' + HOST,
    "a number of eighty digits": b"<sip:" + b"9" * 80 + HOST,
    "letters for a number": b'"Ana" <sip:no-es-un-numero' + HOST,
    "no user at all": b'"Ana" <sip:127.0.0.2>',
    "anonymous": b'"Anonymous" <sip:anonymous@anonymous.invalid>',
}
REFUSED = {0, 400, 403, 404, 416, 484}
"""What a switch may answer to a request it cannot read; 0: nothing at all."""


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_caller_is_answered_or_refused_and_nothing_is_executed(
    clinic_system: ClinicSystem, tmp_path: Path, kind: str
) -> None:
    marker = tmp_path / "executed"
    sender = HOSTILE[kind].replace(b"MARKER", str(marker).encode())
    before = last_number(clinic_system.database)
    with RawCall(clinic_system.sip_address, sender, to=CLINIC_NUMBER) as call:
        status = call.invite()
        assert status == 200 or status in REFUSED
        if status == 200:
            [started] = started_calls(clinic_system.database, after=before, count=1)
            assert re.fullmatch(r"\+\d{4,15}|", started["ani"])
            assert not re.search(r'[\r\n\0"&<>;{}]', started["caller_name"])
            assert len(started["caller_name"]) <= 200
    clinic_system.assert_nothing_left_open()
    assert not marker.exists()
    assert clinic_system.is_whole()


def test_a_withheld_number_is_a_caller_like_any_other(clinic_system: ClinicSystem) -> None:
    person, watch = clinic_system.call("+34600666010", withheld=True)
    watch.wait_for("prompt.said", key="pide_grabacion")
    person.hang_up()
    assert watch.wait_for_end().ani == ""
    clinic_system.assert_nothing_left_open()


def test_no_log_holds_what_callers_are_called_or_have_said(clinic_system: ClinicSystem) -> None:
    person, watch = clinic_system.call("+34600666011", name="Eustaquia Quintanilla")
    watch.wait_for("prompt.said", key="pide_grabacion")
    person.press("2")
    watch.wait_for("turn.keys")
    person.press("46371982#")
    person.hang_up()
    watch.wait_for_end()
    clinic_system.assert_nothing_left_open()
    with clinic_system.database.transaction() as session:
        found = session.scalar(select(func.count()).where(Call.ani == "+34600666011"))
    assert found == 1
    for text in ("600666011", "Eustaquia", "Quintanilla", "46371982"):
        assert clinic_system.logs_with(text) == []
