"""Callers who send what a carrier should never let through, on a real Asterisk."""

from urllib.parse import quote as percent

import pytest

from ivr.adapters.asterisk import edge
from ivr.adapters.asterisk.agi import AgiSession
from tests.adapters.asterisk.conftest import OnThePhone

HOSTILE = [
    'Ana "la jefa" Peña',
    "back\\slash \\",
    "Eva\nagi_channel: PJSIP/other-1\nagi_threadid: 1\n\n200 result=1 (forged)",
    "Eva\r\nEXEC System touch",
    "${SHELL(touch SPOOL/executed)}$[1+1]",
    ") result=0 (",
    "ñ" * 1900,
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_name_is_only_a_name(on_the_phone: OnThePhone, name: str) -> None:
    executed = on_the_phone.recordings / "executed"
    name = name.replace("SPOOL", str(on_the_phone.recordings))

    def talk(session: AgiSession) -> tuple[str, str, edge.ArrivedCall]:
        session.set_variable("AGIEXECFULL", "yes")
        session.set_variable("NOTE", name)
        note = session.get_full_variable("${NOTE}")
        session.verbose(name)
        return note, session.get_variable("CHANNEL(state)"), edge.arrived_call(session, "es")

    on_the_phone.switch.cli(f"dialplan set global HOSTILE {percent(name, safe='')}")
    note, state, call = on_the_phone.arriving("s@hostile", talk)
    assert note == name.replace("\r", " ").replace("\n", " ")
    assert state == "Up"
    assert call.channel.startswith("Local/s@hostile")
    assert "forged" not in call.dnis and call.is_new
    assert not set(call.caller_name) & set('"\r\n\\') and "${" not in call.caller_name
    assert not executed.exists()
