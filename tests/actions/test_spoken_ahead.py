"""What can be spoken before a call is spoken in the order in which a call comes to it."""

import shutil
from pathlib import Path

from ivr.actions.ahead import texts_ahead
from ivr.actions.connect import library
from ivr.clinic.directory import Directory
from ivr.clock import FixedClock
from ivr.config import PROJECT
from ivr.database import Database
from ivr.flow.library import Library

FLOWS = library(PROJECT / "callflows")
ANSWERING = {"recepcion"}


def written(flows: Library, key: str, language: str = "es-ES") -> str:
    return flows.texts(language).prompts[key].text


def test_what_a_call_begins_with_comes_first(demo_clinic: Database, clock: FixedClock) -> None:
    directory = Directory(demo_clinic, clock)
    opening = texts_ahead(FLOWS, directory, ANSWERING, opening=True)
    welcome = written(FLOWS, "bienvenida").format(clinic=directory.clinic().name)
    assert opening[0] == (welcome, "es-ES")
    spoken = [text for text, _ in opening]
    for key in ("pide_grabacion", "se_graba", "menu_principal", "menu_cerrado", "no_oido"):
        assert written(FLOWS, key) in spoken, key
    emergency = written(FLOWS, "emergencia")
    assert emergency.format(clinic="", emergency_number="112") in spoken
    assert written(FLOWS, "pide_fecha_nacimiento") not in spoken  # asked once a menu is answered
    whole = texts_ahead(FLOWS, directory, ANSWERING)
    assert whole[: len(opening)] == opening
    assert len(whole) == len(set(whole))


def test_the_languages_of_callers_come_before_the_others(
    demo_clinic: Database, clock: FixedClock
) -> None:
    directory = Directory(demo_clinic, clock)
    spoken = {"mx": "es-MX"}
    own = {spoken.get(branch.country, "es-ES") for branch in directory.branches()}
    heard = [language for _, language in texts_ahead(FLOWS, directory, ANSWERING)]
    first_other = next(at for at, language in enumerate(heard) if language not in own)
    assert set(heard[:first_other]) == own
    assert not own & set(heard[first_other:])
    assert set(heard) == set(FLOWS.languages())


def test_every_text_with_known_words_is_spoken_ahead_and_no_other(
    demo_clinic: Database, clock: FixedClock
) -> None:
    whole = [text for text, _ in texts_ahead(FLOWS, Directory(demo_clinic, clock), ANSWERING)]
    assert not [text for text in whole if "{" in text]
    for language in FLOWS.languages():
        fixed = [t.text for t in FLOWS.texts(language).prompts.values() if not t.placeholders]
        assert set(fixed) <= set(whole)


def test_a_text_that_cannot_be_filled_in_is_left_to_the_call(
    demo_clinic: Database, clock: FixedClock, tmp_path: Path
) -> None:
    folder = shutil.copytree(PROJECT / "callflows", tmp_path / "callflows")
    file = folder / "prompts" / "es-ES.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    strange = {"se_graba": "Gracias {}.", "bienvenida": "Diga {clinic:d}."}
    lines = [line for line in lines if line.partition(":")[0] not in strange]
    lines += [f'{key}: "{text}"' for key, text in strange.items()]
    file.write_text("\n".join(lines), encoding="utf-8")
    spoken = texts_ahead(library(folder), Directory(demo_clinic, clock), ANSWERING, opening=True)
    assert (written(FLOWS, "pide_grabacion"), "es-ES") in spoken
    assert not [text for text, _ in spoken if text.startswith(("Gracias {", "Diga "))]
