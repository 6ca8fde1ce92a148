"""Keys pressed too early, too many, and by families who share a telephone."""

from datetime import date

import pytest

from tests.calls_over_sip.callers import booking, patient, press
from tests.telephone_network.clinic import new_patient
from tests.telephone_network.player import Player
from tests.telephone_network.system import ClinicSystem
from tests.telephone_network.together import Together

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]
together = Together()


@together.test
def test_whoever_knows_the_menu_by_heart_types_ahead(calm: ClinicSystem) -> None:
    who = patient(calm)
    person, watch = calm.call(who.number)
    watch.wait_for("prompt.said", key="pide_grabacion")
    person.press("21" + who.birth_keys)
    watch.wait_for("patient.identified", patient_id=who.id)
    watch.wait_for("prompt.said", key="cita_servicio_teclas")
    person.hang_up()
    watch.wait_for_end()


@together.test
def test_a_child_who_plays_with_the_keys_breaks_nothing(calm: ClinicSystem) -> None:
    person, watch = calm.call("+34600100998")
    person.wait_for_sound()
    person.press("#*78#9*#5578899#*#87" * 2, gap_s=0.15)
    watch.wait_for("prompt.said", key="menu_principal")
    person.hang_up()
    assert watch.wait_for_end().outcome == "abandoned"
    mistakes = [seen for seen in watch.events() if seen.data["type"] == "turn.not_understood"]
    assert len(mistakes) <= 2
    assert not watch.has("flow.failed")


@together.test
def test_a_wrong_date_of_birth_tells_nothing_and_is_asked_again(calm: ClinicSystem) -> None:
    who = patient(calm)
    person, watch = calm.call(who.number)
    player = Player(person, watch)
    player.go_on(press("2", "3", "01011990"))
    watch.wait_for("prompt.said", key="fecha_no_coincide")
    assert not watch.has("patient.identified")
    player.go_on(press(who.birth_keys))
    watch.wait_for("patient.identified", patient_id=who.id)
    person.hang_up()
    watch.wait_for_end()


@together.test
def test_a_mother_books_for_the_child_who_shares_her_telephone(calm: ClinicSystem) -> None:
    mother = patient(calm, "Rosa", "Marco León")
    born = date(2015, 2, 9)
    child = new_patient(calm.database, "Hugo", "Paz Marco", number=mother.number, born=born)
    person, watch = calm.call(mother.number, calm.branch())
    Player(person, watch).play(
        booking(type(mother)(id=child, number=mother.number, born=born), record="2")
    )
    assert watch.wait_for_end().patient_id == child
    assert watch.has("appointment.changed", change="booked", patient_id=child)


@together.test
def test_twins_who_share_telephone_and_birthday_are_asked_who_it_is_for(
    calm: ClinicSystem,
) -> None:
    first = patient(calm, "Lucas", "Rey Mora")
    second = new_patient(calm.database, "Martina", "Rey Mora", number=first.number, born=first.born)
    person, watch = calm.call(first.number)
    player = Player(person, watch)
    player.go_on(press("2", "1", first.birth_keys))
    asked = watch.wait_for("prompt.said", key="quien_de_los_dos").data["text"]
    key = "2" if asked.index("Martina") > asked.index("Lucas") else "1"
    player.go_on(press(key))
    watch.wait_for("patient.identified", patient_id=second)
    person.hang_up()
    watch.wait_for_end()
