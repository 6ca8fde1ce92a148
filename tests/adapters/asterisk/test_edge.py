"""What is let in from the carrier, and what is let out to the switch."""

import uuid
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.asterisk import edge
from ivr.adapters.asterisk.edge import Country
from ivr.errors import InvalidInput


@pytest.mark.parametrize(
    ("raw", "country", "number"),
    [
        ("600111222", "es", "+34600111222"),
        ("+34 600 111 222", "es", "+34600111222"),
        ("0034600111222", "es", "+34600111222"),
        ("34600111222", "es", "+34600111222"),
        ("910 000 001", "es", "+34910000001"),
        ("5512345678", "mx", "+525512345678"),
        ("+5215512345678", "mx", "+525512345678"),
        ("5215512345678", "mx", "+525512345678"),
        ("005215512345678", "es", "+525512345678"),
        ("+525512345678", "es", "+525512345678"),
        ("+14155552671", "es", "+14155552671"),
        ("anonymous", "es", ""),
        ("Anonymous", "es", ""),
        ("unknown", "es", ""),
        ("restricted", "es", ""),
        ("", "es", ""),
        ("12", "es", ""),
        ("+", "es", ""),
        ("600111222;ext=1", "es", ""),
        ("600111222\r\nAction: Originate", "es", ""),
        ("${SHELL(id)}", "es", ""),
        ("６００１１１２２２", "es", ""),
        ("6" * 4000, "es", ""),
        ("112", "es", ""),
    ],
)
def test_the_callers_number(raw: str, country: Country, number: str) -> None:
    assert edge.caller_number(raw, country) == number


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Lucía Peña", "Lucía Peña"),
        ("O'Brien-García, Aña", "O'Brien-García, Aña"),
        ('"Eva" <sip:x>', "Eva sip:x"),
        ("Eva\r\nAction: Originate", "Eva Action: Originate"),
        ("${SHELL(rm -rf)}", "SHELL(rm -rf)"),
        ("$[1+1]", "1+1"),
        ("Eva\u202eanitraM", "EvaanitraM"),
        ("Eva\u2028Context: x", "Eva Context: x"),
        ("Eva\x00\x07\x1b[31m", "Eva31m"),
        ("Pen\u0303a", "Peña"),
        ("unknown", ""),
        ("Anonymous", ""),
        ("   ", ""),
    ],
)
def test_the_callers_name(raw: str, name: str) -> None:
    assert edge.caller_name(raw) == name


@given(st.text(max_size=5000))
def test_no_caller_name_carries_anything_the_dialplan_or_a_log_would_read(raw: str) -> None:
    name = edge.caller_name(raw)
    assert len(name) <= edge.NAME_LIMIT
    assert not set(name) & set('"<>{}[]\\`|&;\r\n\0') and "${" not in name
    assert name == edge.caller_name(name)


@given(st.text(max_size=60))
def test_no_caller_number_is_anything_but_e164(raw: str) -> None:
    for country in ("es", "mx"):
        number = edge.caller_number(raw, country)
        assert number == "" or (number[0] == "+" and number[1:].isdigit() and number.isascii())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOTE", "a,b"),
        ("NOTE", 'a"b'),
        ("NOTE", "a'b"),
        ("NOTE", "a&b"),
        ("NOTE", "a\r\nb"),
        ("NOTE", "a\0b"),
        ("NOTE", "${X}"),
        ("NOTE", "$[1]"),
        ("NOTE", "x" * 600),
        ("SHELL(id)", "x"),
        ("note", "x"),
        ("A\r\nB", "x"),
    ],
)
def test_a_variable_that_could_be_read_as_more_is_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidInput):
        edge.variable(name, value)


def test_ordinary_variables_pass() -> None:
    assert edge.variable("__AURICULA_CALL", str(uuid.UUID(int=5)))[0] == "__AURICULA_CALL"
    assert edge.variable("NOTE", "Peña $5") == ("NOTE", "Peña $5")


@pytest.mark.parametrize("raw", ["", "+", "12", "+34 600", "600&PJSIP/1", "6001@x", "١٢٣٤"])
def test_what_is_no_number_is_not_dialled(raw: str) -> None:
    with pytest.raises(InvalidInput):
        edge.digits_to_dial(raw)


def test_an_e164_number_is_dialled_without_its_plus() -> None:
    assert edge.digits_to_dial("+34600111222") == "34600111222"


@pytest.mark.parametrize("raw", ["", "PJSIP", "PJSIP/a\r\nAction: x", "PJSIP/a b", "PJSIP/${X}"])
def test_what_is_no_channel_is_refused(raw: str) -> None:
    with pytest.raises(InvalidInput):
        edge.channel(raw)


@dataclass
class Variables:
    env: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)

    def get_variable(self, name: str) -> str:
        return self.values.get(name, "")


def test_a_hostile_invite_arrives_as_an_unknown_caller_with_a_call_of_its_own() -> None:
    call = edge.arrived_call(
        Variables(
            env={
                "agi_channel": "PJSIP/trunk-0000002a",
                "agi_uniqueid": "1763768400.42",
                "agi_callerid": "600111222'; DROP TABLE call",
                "agi_calleridname": '"${SHELL(id)}" \r\n' + "ñ" * 4000,
                "agi_dnid": "${EXTEN}",
            },
            values={
                "AURICULA_CALL": "not a uuid",
                "AURICULA_FLOW": "../../etc/passwd",
                "AURICULA_ATTEMPT": "1 OR 1=1",
                "CHANNEL(linkedid)": "1763768400.42",
            },
        ),
        "es",
    )
    assert uuid.UUID(call.call_id).version == 4 and call.is_new
    assert (call.ani, call.dnis, call.flow, call.attempt_id) == ("", "", "", None)
    assert call.caller_name.startswith("SHELL(id) ñññ") and len(call.caller_name) == 80
    assert (call.unique_id, call.linked_id) == ("1763768400.42", "1763768400.42")


def test_an_answered_reminder_keeps_its_call_flow_and_attempt() -> None:
    known = str(uuid.uuid4())
    call = edge.arrived_call(
        Variables(
            env={"agi_channel": "PJSIP/trunk-1", "agi_callerid": "34600111222"},
            values={
                "AURICULA_CALL": known.upper(),
                "AURICULA_FLOW": "recordatorio",
                "AURICULA_ATTEMPT": "17",
            },
        ),
        "es",
    )
    assert (call.call_id, call.is_new) == (known, False)
    assert (call.flow, call.attempt_id, call.ani) == ("recordatorio", 17, "+34600111222")
