"""Callers who book with the keys of their telephone alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ivr.clinic.model import Appointment, Patient, WaitingListEntry
from ivr.clinic.schemas import SlotQuery
from ivr.clock import FixedClock
from ivr.errors import SlotTaken
from tests.actions.conftest import BORN, FAMILY, HELLO, LUCIA
from tests.simulator import Caller, Played

CHECK, FIRST_FREE, NEXT_WEEK, MORNING = "dtmf:1", "dtmf:1", "dtmf:3", "dtmf:1"
BOOKING = (*HELLO, BORN, CHECK, NEXT_WEEK, MORNING, "dtmf:2", "dtmf:1")
"""A whole booking: the second of three times of next week's mornings, confirmed."""


def statuses(caller: Caller, call_id: str) -> list[str]:
    with caller.database.transaction() as session:
        query = select(Appointment.status).where(Appointment.call_id == call_id)
        return sorted(session.scalars(query))


def changes(played: Played) -> list[str]:
    return [event["change"] for event in played.of("appointment.changed")]


def test_a_patient_books_and_hears_the_reference_only_after_it_is_written(caller: Caller) -> None:
    played = caller.call(*BOOKING, "dtmf:2", number=LUCIA)
    assert statuses(caller, played.call_id) == ["booked"]
    assert played.outcome == "completed"
    kinds = [(e["type"], e.get("change") or e.get("key")) for e in played.events]
    assert kinds.index(("appointment.changed", "booked")) < kinds.index(
        ("prompt.said", "cita_confirmada")
    )
    reference = played.of("appointment.changed")[-1]["reference"]
    digits = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"]
    spoken = played.said[played.prompts.index("cita_confirmada")]
    told = [word.strip(",;.") for word in spoken.partition("referencia es")[2].split()]
    assert told == [digits[int(char)] for char in reference]


def test_the_time_read_back_is_the_time_booked(caller: Caller) -> None:
    played = caller.call(*BOOKING, "dtmf:2", number=LUCIA)
    offered = played.said[played.prompts.index("huecos_tres_teclas")]
    second = offered.partition("pulse uno. ")[2].partition(": pulse dos")[0]
    assert second
    assert second in played.said[played.prompts.index("cita_leer")]
    assert "mañana" in second


@pytest.mark.parametrize("turns", range(len(BOOKING) + 1))
def test_hanging_up_anywhere_leaves_nothing_held(caller: Caller, turns: int) -> None:
    played = caller.call(*BOOKING[:turns], "hangup", number=LUCIA)
    assert "held" not in statuses(caller, played.call_id)
    booked = turns == len(BOOKING)
    assert ("booked" in statuses(caller, played.call_id)) is booked
    assert played.outcome == ("completed" if booked else "abandoned")


def test_more_times_are_others(caller: Caller) -> None:
    played = caller.call(
        *HELLO, BORN, CHECK, NEXT_WEEK, MORNING, "dtmf:4", "dtmf:1", "dtmf:1", number=LUCIA
    )
    first, second = (
        text
        for key, text in zip(played.prompts, played.said, strict=True)
        if key == "huecos_tres_teclas"
    )
    assert first != second
    assert changes(played) == ["held", "booked"]


def test_saying_no_to_the_time_read_back_lets_it_go_and_offers_another(caller: Caller) -> None:
    played = caller.call(
        *HELLO, BORN, CHECK, FIRST_FREE, "dtmf:1", "dtmf:2", "dtmf:1", NEXT_WEEK, MORNING,
        "dtmf:1", "dtmf:1", number=LUCIA,
    )  # fmt: skip
    assert changes(played) == ["held", "released", "held", "booked"]


def test_a_caller_who_wants_no_time_after_all_books_nothing(caller: Caller) -> None:
    played = caller.call(
        *HELLO, BORN, CHECK, FIRST_FREE, "dtmf:1", "dtmf:2", "dtmf:2", "dtmf:2", number=LUCIA
    )
    assert changes(played) == ["held", "released"]
    assert "cita_no_reservada" in played.prompts
    assert "despedida" in played.prompts


def test_the_star_key_goes_back_a_question(caller: Caller) -> None:
    played = caller.call(
        *HELLO, BORN, CHECK, FIRST_FREE, "dtmf:1", "dtmf:*", "dtmf:*", NEXT_WEEK, MORNING,
        "dtmf:1", "dtmf:1", number=LUCIA,
    )  # fmt: skip
    assert changes(played) == ["held", "released", "held", "booked"]
    assert played.prompts.count("cita_preferencia_teclas") == 2


def test_a_professional_is_chosen_by_key(caller: Caller) -> None:
    played = caller.call(
        *HELLO, BORN, CHECK, "dtmf:5", "dtmf:2", FIRST_FREE, "dtmf:1", "dtmf:1", number=LUCIA
    )
    assert "el doctor Soto" in played.said[played.prompts.index("cita_leer")]
    assert changes(played) == ["held", "booked"]


def test_the_preparation_is_told_after_the_booking(caller: Caller) -> None:
    played = caller.call(*HELLO, BORN, "dtmf:2", FIRST_FREE, "dtmf:1", "dtmf:1", number=LUCIA)
    assert "Recuerde: Venga con los dientes cepillados." in played.said


def test_a_family_phone_tells_the_child_from_the_mother_by_birth_date(caller: Caller) -> None:
    played = caller.call(
        *HELLO, "dtmf:02022015", CHECK, FIRST_FREE, "dtmf:1", "dtmf:1", number=FAMILY
    )
    assert "Hugo" in played.said[played.prompts.index("cita_leer")]
    with caller.database.transaction() as session:
        booked = session.scalars(
            select(Appointment).where(Appointment.call_id == played.call_id)
        ).one()
        assert booked.patient is not None and booked.patient.given == "Hugo"


def test_twins_are_told_apart_by_name(caller: Caller) -> None:
    played = caller.call(
        *HELLO, "dtmf:01052018", "dtmf:2", CHECK, FIRST_FREE, "dtmf:1", "dtmf:1", number=FAMILY
    )
    assert "quien_de_los_dos" in played.prompts
    assert "Eva" in played.said[played.prompts.index("cita_leer")]


def test_a_wrong_birth_date_is_asked_again_and_names_nobody(caller: Caller) -> None:
    played = caller.call(*HELLO, "dtmf:01011990", BORN, "hangup", number=LUCIA)
    assert played.prompts.count("fecha_no_coincide") == 1
    before = played.said[: played.prompts.index("fecha_no_coincide")]
    assert not any("Lucía" in text for text in before)
    assert played.of("patient.identified")


def test_a_new_caller_with_keys_alone_is_booked_as_a_first_visit(caller: Caller) -> None:
    played = caller.call(
        *HELLO, "dtmf:1", "dtmf:1", "dtmf:05051990", "dtmf:3", FIRST_FREE, "dtmf:1", "dtmf:1",
        "dtmf:2", number="+34611222333",
    )  # fmt: skip
    assert "aviso_datos" in played.prompts
    assert "primera_visita" in played.prompts
    with caller.database.transaction() as session:
        booked = session.scalars(
            select(Appointment).where(Appointment.call_id == played.call_id)
        ).one()
        assert booked.patient is not None and booked.patient.provisional
        assert booked.service.first_visit
        assert [phone.number for phone in booked.patient.phones] == ["+34611222333"]


def test_a_withheld_number_is_asked_for(caller: Caller) -> None:
    played = caller.call(
        *HELLO, "dtmf:2", "dtmf:600100200", BORN, CHECK, FIRST_FREE, "dtmf:1", "dtmf:1"
    )
    assert changes(played) == ["held", "booked"]


def test_who_loses_the_race_hears_so_and_gets_the_next_free_time(caller: Caller) -> None:
    def somebody_is_faster() -> None:
        agenda = caller.services.agenda
        service = caller.services.directory.services()[0]
        for slot in agenda.find_slots(SlotQuery(service.id, limit=3)):
            agenda.hold(slot, call_id=None, seconds=600)

    played = caller.call(
        *HELLO, BORN, CHECK, FIRST_FREE, somebody_is_faster, "dtmf:1", "dtmf:1", "dtmf:1",
        number=LUCIA,
    )  # fmt: skip
    assert "hueco_ocupado" in played.prompts
    assert changes(played) == ["held", "booked"]


def test_a_hold_that_ran_out_while_thinking_is_taken_anew(
    caller: Caller, clock: FixedClock
) -> None:
    def think() -> None:
        clock.moment += timedelta(minutes=3)
        caller.services.agenda.expire_holds()

    played = caller.call(
        *HELLO, BORN, CHECK, NEXT_WEEK, MORNING, "dtmf:1", think, "dtmf:1", number=LUCIA
    )
    assert statuses(caller, played.call_id) == ["booked", "expired"]


def test_a_hold_that_ran_out_and_was_taken_is_never_confirmed(
    caller: Caller, clock: FixedClock
) -> None:
    def too_slow() -> None:
        clock.moment += timedelta(minutes=3)
        agenda = caller.services.agenda
        agenda.expire_holds()
        service = caller.services.directory.services()[0]
        taken = 0
        for slot in agenda.find_slots(SlotQuery(service.id, limit=400, spread=False)):
            try:
                agenda.hold(slot, call_id=None, seconds=600)
                taken += 1
            except SlotTaken:
                continue
        assert taken

    played = caller.call(
        *HELLO, BORN, CHECK, FIRST_FREE, "dtmf:1", too_slow, "dtmf:1", "hangup", number=LUCIA
    )
    assert "hueco_ocupado" in played.prompts
    assert "cita_confirmada" not in played.prompts
    assert "booked" not in statuses(caller, played.call_id)


def test_with_nothing_free_the_caller_may_wait(caller: Caller) -> None:
    with caller.database.transaction() as session:
        for shift in session.execute(select(Appointment)).all():
            session.delete(shift)
        session.connection().exec_driver_sql("DELETE FROM professional_hours")
    caller.services.directory.forget()
    played = caller.call(*HELLO, BORN, CHECK, FIRST_FREE, "dtmf:1", "dtmf:2", number=LUCIA)
    assert "en_lista_de_espera" in played.prompts
    with caller.database.transaction() as session:
        entry = session.scalars(select(WaitingListEntry)).one()
        patient = session.get_one(Patient, entry.patient_id)
        assert patient.given == "Lucía"


def test_zero_is_a_person_in_every_question(caller: Caller) -> None:
    for turns in range(1, len(BOOKING)):
        played = caller.call(*BOOKING[:turns], "dtmf:0", number=LUCIA)
        assert played.of("person.requested") or turns == 1, turns
        transferred = played.of("call.transferred")
        assert [(e["kind"], e["name"]) for e in transferred] == [("queue", "recepcion")], turns
        assert "held" not in statuses(caller, played.call_id)
