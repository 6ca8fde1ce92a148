"""What the switch tells and what the call log keeps of it."""

import time
import uuid
from pathlib import Path

from ivr.actions.connect import connect
from ivr.actions.services import Services
from ivr.adapters.asterisk.ami_packets import parse
from ivr.adapters.asterisk.tracker import Tracker
from ivr.calls.writer import RETRY_S
from ivr.clinic.agenda import Agenda
from ivr.clinic.schemas import SlotQuery
from ivr.clock import FixedClock
from ivr.config import Settings
from ivr.database import Database, Limits
from ivr.flow.events import CallStarted, QueueJoined
from ivr.following import CallsInFlow, SwitchFollower
from tests.clinic.conftest import world
from tests.clinic.world import World
from tests.conftest import stuck
from tests.tickets.test_messages import spoken

__all__ = ["world"]


def test_the_leg_of_a_patient_whose_phone_rang_long_is_in_the_log(
    database: Database, clock: FixedClock
) -> None:
    services = connect(database, clock)
    follower = SwitchFollower(services, CallsInFlow(), lambda: None)
    tracker = Tracker(follower)
    call_id = str(uuid.uuid4())

    def heard(event: str, **fields: str) -> None:
        packet = {"Uniqueid": "1.1", "Channel": "PJSIP/trunk-00000001", **fields}
        lines = "".join(f"\r\n{name}: {value}" for name, value in packet.items())
        tracker.handle(parse(f"Event: {event}{lines}".encode()))

    heard("Newchannel", Linkedid="1.1", ChannelState="0")
    heard("VarSet", Variable="AURICULA_CALL", Value=call_id)
    time.sleep(2 * RETRY_S)
    assert services.stream.of_call(call_id) == []
    services.calls.start(
        CallStarted(direction="outbound", flow="f", flow_version="1", language="es-ES"),
        call_id=call_id,
    )
    heard("Newstate", ChannelState="6")
    heard("Hangup", Cause="16")
    follower.stop()

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


def test_a_caller_who_waits_and_leaves_a_message_has_not_given_up(
    database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    config = Settings(var=tmp_path / "var", recordings=tmp_path / "recordings")
    services = connect(database, clock, config)
    follower = SwitchFollower(services, CallsInFlow(), lambda: None)
    call_id = services.calls.start(
        CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
    )
    file = tmp_path / "left" / f"1800000000_{call_id}_1800000000.16.wav"
    spoken(file, 4)

    follower.publish(call_id, QueueJoined(queue="recepcion", position=1, priority=0))
    follower.message_left(call_id, str(file))
    follower.call_over(call_id)
    follower.stop()
    assert len(services.messages.collect(file.parent)) == 1

    assert services.calls.get(call_id).outcome == "voicemail"
    types = [event.type for event in services.stream.of_call(call_id)]
    assert types.count("message.left") == 1


def started(services: Services) -> str:
    return services.calls.start(
        CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
    )


def test_a_call_whose_end_could_not_be_written_is_closed_as_soon_as_the_database_is_back(
    database: Database, clock: FixedClock, agenda: Agenda, world: World
) -> None:
    limited = Database(database.url, Limits(lock_s=0.2))
    services = connect(limited, clock)
    follower = SwitchFollower(services, CallsInFlow(), lambda: None)
    call_id = started(services)
    slot = agenda.find_slots(SlotQuery(service_id=world.check, branch_id=world.madrid))[0]
    held = agenda.hold(slot, call_id=call_id)
    with stuck(database):
        follower.call_over(call_id)
        follower.stop()
    assert [call.id for call in services.calls.live()] == [call_id]

    follower.look(())
    assert services.calls.live() != [], "whoever writes its end may be about to"
    follower.look(())
    assert services.calls.live() == []
    assert agenda.hold(slot, call_id=None).id != held.id
    limited.dispose()


def test_what_a_call_held_is_free_once_its_end_is_written(
    database: Database, clock: FixedClock, agenda: Agenda, world: World
) -> None:
    services = connect(database, clock)
    follower = SwitchFollower(services, CallsInFlow(), lambda: None)
    call_id = started(services)
    slot = agenda.find_slots(SlotQuery(service_id=world.check, branch_id=world.madrid))[0]
    held = agenda.hold(slot, call_id=call_id)
    follower.call_over(call_id)
    follower.stop()
    assert services.calls.live() == []
    assert agenda.hold(slot, call_id=None).id != held.id


def test_calls_with_a_line_or_a_thread_stay_open_however_often_one_looks(
    database: Database, clock: FixedClock
) -> None:
    services, in_flow = connect(database, clock), CallsInFlow()
    follower = SwitchFollower(services, in_flow, lambda: None)
    waiting, talking, arriving = (started(services) for _ in range(3))
    in_flow.enter(talking)
    follower.look({waiting})
    for _ in range(3):
        follower.look({waiting, arriving})
    assert {call.id for call in services.calls.live()} == {waiting, talking, arriving}


def test_the_switchs_events_wait_for_a_stuck_database_and_who_follows_them_does_not(
    database: Database, clock: FixedClock
) -> None:
    limited = Database(database.url, Limits(lock_s=0.2))
    services = connect(limited, clock)
    call_id = services.calls.start(
        CallStarted(direction="inbound", flow="f", flow_version="1", language="es-ES")
    )
    follower = SwitchFollower(services, CallsInFlow(), lambda: None)
    with stuck(database):
        follower.publish(call_id, QueueJoined(queue="recepcion", position=1, priority=0))
        time.sleep(0.5)
    follower.publish(call_id, QueueJoined(queue="recepcion", position=2, priority=0))
    follower.stop()
    limited.dispose()
    joined = [x for x in services.stream.of_call(call_id) if x.type == "queue.joined"]
    assert [x.data["position"] for x in joined] == [1, 2]


def test_a_caller_whose_line_is_still_there_is_not_taken_for_gone() -> None:
    calls = CallsInFlow()
    calls.enter("one")
    assert not calls.wait_over("one", 0.05)
    calls.ended("one")
    assert calls.wait_over("one", 0.05)
    assert calls.leave("one")
