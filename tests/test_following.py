"""What the switch tells and what the call log keeps of it."""

import uuid

from ivr.actions.connect import connect
from ivr.adapters.asterisk.ami_packets import parse
from ivr.adapters.asterisk.tracker import Tracker
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.flow.events import CallStarted
from ivr.following import CallsInFlow, SwitchFollower


def test_the_leg_of_a_patient_whose_phone_rang_long_is_in_the_log(
    database: Database, clock: FixedClock
) -> None:
    services = connect(database, clock)
    tracker = Tracker(SwitchFollower(services, CallsInFlow(), lambda: None))
    call_id, now = str(uuid.uuid4()), [0.0]
    tracker.clock = lambda: now[0]

    def heard(event: str, **fields: str) -> None:
        packet = {"Uniqueid": "1.1", "Channel": "PJSIP/trunk-00000001", **fields}
        lines = "".join(f"\r\n{name}: {value}" for name, value in packet.items())
        tracker.handle(parse(f"Event: {event}{lines}".encode()))

    heard("Newchannel", Linkedid="1.1", ChannelState="0")
    heard("VarSet", Variable="AURICULA_CALL", Value=call_id)
    assert services.stream.of_call(call_id) == []
    now[0] = 28.0
    services.calls.start(
        CallStarted(direction="outbound", flow="f", flow_version="1", language="es-ES"),
        call_id=call_id,
    )
    heard("Newstate", ChannelState="6")
    heard("Hangup", Cause="16")

    (leg,) = services.calls.get(call_id).legs
    assert (leg.kind, leg.cause) == ("caller", 16)
    assert leg.answered_at is not None
    assert [event.type for event in services.stream.of_call(call_id)] == [
        "call.started",
        "leg.started",
        "leg.answered",
        "leg.ended",
        "call.ended",
    ]
