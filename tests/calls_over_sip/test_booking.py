"""Patients book over the telephone network: by keys, by voice, against each other."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from ivr.clinic.model import Appointment
from ivr.consent.model import Consent
from ivr.recordings.model import Recording
from tests.calls_over_sip.callers import Patient, Turn, booking, patient, press
from tests.telephone_network import voices
from tests.telephone_network.player import Player
from tests.telephone_network.system import ClinicSystem
from tests.telephone_network.together import Together
from tests.telephone_network.watch import CallWatch

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]
together = Together()
KEY_S = 0.1
"""A pressed key is an event on the line (RFC 4733), not a sound, and the recorder leaves out
the four frames it takes the place of: 0.08 s measured, on calls with 13 keys."""
BOOKING = (
    "Sí, de acuerdo.",
    "Quería pedir cita para una limpieza dental.",
    "Veintiuno de junio de mil novecientos setenta y nueve.",
    "El primer hueco que tengan.",
    "La primera.",
    "Sí, confírmela.",
    "No, nada más, gracias.",
)
for voice in voices.VOICES:
    voices.will_say(BOOKING, voice=voice)


def appointments(system: ClinicSystem, who: Patient) -> list[Appointment]:
    with system.database.transaction() as session:
        query = select(Appointment).where(Appointment.patient_id == who.id)
        return list(session.scalars(query))


def recordings(system: ClinicSystem, watch: CallWatch) -> list[Recording]:
    with system.database.transaction() as session:
        return list(session.scalars(select(Recording).where(Recording.call_id == watch.call_id)))


def missing(watch: CallWatch, recording: Recording) -> float:
    """Seconds between the start of the recording and the caller's hang-up that have no audio."""
    began, ended = watch.wait_for("recording.started"), watch.wait_for("leg.ended")
    return (ended.at - began.at).total_seconds() - (recording.duration_s or 0)


def consents(system: ClinicSystem, watch: CallWatch) -> list[tuple[str, str]]:
    with system.database.transaction() as session:
        rows = session.scalars(select(Consent).where(Consent.call_id == watch.call_id))
        return [(row.decision, row.how) for row in rows]


@together.test
def test_a_yes_by_key_records_the_call_and_keeps_it_encrypted(calm: ClinicSystem) -> None:
    who = patient(calm)
    person, watch = calm.call(who.number, calm.branch())
    Player(person, watch).play(booking(who, record="1"))
    assert watch.wait_for_end().outcome == "completed"
    assert [one.status for one in appointments(calm, who)] == ["booked"]
    assert consents(calm, watch) == [("granted", "key")]
    [recording] = recordings(calm, watch)
    assert recording.status == "sealed"
    began = person.moment(watch.wait_for("recording.started").at)
    keys = sum(at > began for at, _ in person.keys)
    assert 10 <= keys < len(person.keys)
    assert recording.duration_s is not None
    assert missing(watch, recording) < keys * KEY_S + 0.4


@together.test
def test_a_recording_is_as_long_as_what_was_recorded_of_the_call(calm: ClinicSystem) -> None:
    who = patient(calm)
    person, watch = calm.call(who.number, calm.branch())
    player = Player(person, watch)
    player.go_on([Turn("press", "1"), Turn("hear", "menu_principal"), Turn("wait", "4")])
    person.hang_up()
    watch.wait_for_end()
    [recording] = recordings(calm, watch)
    assert recording.duration_s is not None
    assert recording.duration_s > 4
    assert abs(missing(watch, recording)) < 0.4


@together.test
def test_a_no_goes_on_and_nothing_is_recorded(calm: ClinicSystem) -> None:
    who = patient(calm)
    person, watch = calm.call(who.number, calm.branch())
    Player(person, watch).play(booking(who, record="2"))
    assert watch.wait_for_end().outcome == "completed"
    assert [one.status for one in appointments(calm, who)] == ["booked"]
    assert consents(calm, watch) == [("refused", "key")]
    assert recordings(calm, watch) == []


def by_voice(calm: ClinicSystem, voice: str) -> None:
    who = patient(calm)
    person, watch = calm.call(who.number, calm.branch())
    Player(person, watch, voice=voice).play([Turn("say", words) for words in BOOKING])
    assert watch.wait_for_end().outcome == "completed"
    assert [one.status for one in appointments(calm, who)] == ["booked"]
    assert consents(calm, watch) == [("granted", "voice")]


@together.test
def test_a_woman_books_by_voice(calm: ClinicSystem) -> None:
    by_voice(calm, "ef_dora")


@together.test
def test_a_man_books_by_voice(calm: ClinicSystem) -> None:
    by_voice(calm, "em_alex")


@together.test
def test_two_callers_race_for_one_time_and_the_loser_is_offered_another(
    calm: ClinicSystem,
) -> None:
    branch, both = calm.branch(), (patient(calm, "Ana"), patient(calm, "Berta"))
    players = [Player(*calm.call(who.number, branch)) for who in both]

    def until_the_offer(player: Player, who: Patient) -> None:
        player.go_on(press("2", "1", who.birth_keys, "1", "1"))
        player.go_on([Turn("hear", "huecos_tres_teclas")])

    def take_the_first(player: Player) -> None:
        for _ in range(4):
            player.go_on(press("1"))
            if player.watch.has("appointment.changed", change="booked"):
                break
        player.play(press("2"))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(until_the_offer, players, both))
        list(pool.map(take_the_first, players))
    for player in players:
        assert player.watch.wait_for_end().outcome == "completed"
    [first], [second] = (appointments(calm, who) for who in both)
    assert {first.status, second.status} == {"booked"}
    assert (first.professional_id, first.during) != (second.professional_id, second.during)
    losers = [one for one in players if one.watch.has("prompt.said", key="hueco_ocupado")]
    assert len(losers) == 1
