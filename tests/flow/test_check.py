"""A manager who writes a mistake into a flow is told where it is and how to mend it."""

from pathlib import Path

import pytest

from ivr.actions import catalogue
from ivr.actions.connect import INTENTS
from ivr.config import PROJECT
from ivr.flow.catalogue import ActionSpec
from ivr.flow.check import check
from ivr.flow.document import parse
from ivr.flow.library import load
from ivr.flow.problems import Problem
from ivr.flow.texts import CONVERSATION_PROMPTS, UNIVERSAL_CHOICES, load_texts
from ivr.language import KINDS

GOOD = """\
flow: prueba
language: es-ES
start: hola
person: persona
urgency: urgencia
intents: {book: cita}
steps:
  hola:
    say: hola
    next: menu
  menu:
    menu: menu
    choices:
      "1": {heard: cita, next: cita}
      "0": {heard: persona, next: persona}
    silence: {retry: 2, next: persona}
    not_understood: {retry: 2, next: persona}
  cita:
    do: book
    with: {kind: short}
    booked: adios
    failed: persona
  preguntar:
    ask: dia
    kind: date
    save: day
    next: adios
    silence: {next: persona}
    not_understood: {next: persona}
  adios:
    hangup: adios
  persona:
    transfer: recepcion
  urgencia:
    transfer: recepcion
    urgent: true
"""
CATALOGUE = {
    "book": ActionSpec(
        "book", "Books.", ("booked",), {"leer": frozenset({"when"})}, {"kind": ("short", "long")}
    )
}
PROMPTS = """\
hola: Hola, le atiende {clinic}.
menu: Para pedir cita, pulse uno. Para una persona, cero.
dia: ¿Qué día?
adios: Hasta pronto.
leer: "Su cita: {when}."
"""
CHOICES = "cita: [cita]\npersona: [persona]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A callflows folder with one good flow in two languages."""
    for language in ("es-ES", "es-MX"):
        write(tmp_path, "prompts", language, PROMPTS + extra_prompts())
        write(tmp_path, "choices", language, CHOICES + extra_choices())
    (tmp_path / "prueba.yaml").write_text(GOOD.replace("  preguntar:", "  preguntar:"))
    return tmp_path


def extra_prompts() -> str:
    return "".join(f"{key}: Vale.\n" for key in CONVERSATION_PROMPTS)


def extra_choices() -> str:
    return "".join(f'"{name}": [{name}x]\n' for name in UNIVERSAL_CHOICES if name != "persona")


def write(folder: Path, kind: str, language: str, text: str) -> None:
    (folder / kind).mkdir(exist_ok=True)
    (folder / kind / f"{language}.yaml").write_text(text, encoding="utf-8")


def problems(folder: Path, text: str) -> list[Problem]:
    """Everything found in ``text`` as the folder's flow."""
    path = folder / "prueba.yaml"
    path.write_text(text, encoding="utf-8")
    flows, texts, found = load(folder, [path])
    for flow in flows.values():
        found += check(flow, CATALOGUE, texts, kinds=KINDS, intents=INTENTS)
    return found


REACHABLE = GOOD.replace("    booked: adios\n", "    booked: preguntar\n")


def test_a_good_flow_has_no_mistakes(folder: Path) -> None:
    assert problems(folder, REACHABLE) == []


@pytest.mark.parametrize(
    ("good", "bad", "line", "message", "mend"),
    [
        ("start: hola", "start: hola\nstrat: x", 4, "unknown key “strat”", "“start”"),
        ("person: persona\n", "", 1, "“person:” is missing", "0 and “persona”"),
        ("start: hola", "start: holla", 3, "“holla”, which does not exist", "“hola”"),
        ("say: hola", "sya: hola", 8, "needs exactly one verb", "“say”"),
        ("say: hola", "say: hola\n    goto: menu", 8, "“say” and “goto”", "The verbs are"),
        ("    next: menu\n", "", 8, "“next:” is missing in step “hola”", "next: STEP"),
        ("next: menu", "next: menus", 10, "“menus”, which does not exist", "“menu”"),
        ("say: hola", "say: ola", 8, "prompt “ola” is missing in es-ES", "“hola”"),
        ('"1": {heard', '"12": {heard', 14, "not a key of a telephone", "0 to 9"),
        ("heard: cita", "heard: citas", 14, "“citas” has no words in es-ES", "choices"),
        ('"1": {heard: cita, next: cita}', '"1": {heard: cita}', 14, "needs “heard” and “next”",
         "WORDS"),
        ("    silence: {retry: 2, next: persona}\n", "", 11, "“silence:” is missing",
         "Nobody is hung up on"),
        ("silence: {retry: 2", "silence: {retry: muchas", 16, "“retry”", "0 to 5"),
        ("silence: {retry: 2", "silence: {retries: 2", 16, "unknown key “retries”", "“retry”"),
        ("do: book", "do: bok", 18, "no action “bok”", "“book”"),
        ("    booked: preguntar\n", "", 18, "outcome “booked” of book leads nowhere",
         "booked: STEP"),
        ("booked: preguntar", "boked: preguntar", 21, "“boked” is neither", "“booked”"),
        ("with: {kind: short}", "with: {size: short}", 18, "no parameter “size”", "kind"),
        ("with: {kind: short}", "with: {kind: sort}", 18, "“kind: sort” means nothing", "“short”"),
        ("kind: date", "kind: dates", 23, "unknown kind “dates”", "“date”"),
        ("intents: {book: cita}", "intents: {bok: cita}", 6, "unknown intent “bok”", "“book”"),
        ("urgent: true", "urgent: si", 36, "“urgent”", "true or false"),
        ("hangup: adios", "hangup: adios\n    next: menu", 32, "unknown key “next”", ""),
        ("booked: preguntar", "booked: adios", 23, "no call can reach step “preguntar”", "Lead"),
        ("next: menu", "next: hola", 8, "without ever listening", "menu or a question"),
        ("say: hola", "say: [hola]", 9, "must be a single word", "one line"),
        ("  hola:\n    say: hola\n    next: menu", "  hola: say", 8, "must be a list", "Indent"),
        ("steps:\n", "steps:\n  menu:\n    goto: hola\n", 13, "written twice", "Keep one"),
        ("language: es-ES", "language: fr", 1, "no prompts in “fr”", "es-ES"),
        ("transfer: recepcion\n  urgencia", "transfer: recepcion\n    to: cola\n  urgencia", 32,
         "“to: cola”", "queue or extension"),
    ],
)  # fmt: skip
def test_each_mistake_is_shown_with_its_line_and_its_cure(
    folder: Path, good: str, bad: str, line: int, message: str, mend: str
) -> None:
    assert good in REACHABLE
    found = problems(folder, REACHABLE.replace(good, bad, 1))
    assert any(p.line == line and message in p.message and mend in p.mend for p in found), [
        str(p) for p in found
    ]


@pytest.mark.parametrize(
    ("kind", "good", "bad", "line", "message"),
    [
        ("prompts", "hola: Hola, le atiende {clinic}.", "", 8, "prompt “hola” is missing in es-MX"),
        ("prompts", "Su cita: {when}.", "Su cita.", 5, "leaves out {when}"),
        ("prompts", "Su cita: {when}.", "Su cita: {when} {who}.", 5, "{who}, which nobody fills"),
        ("prompts", "Hasta pronto.", "Hasta {pronto", 4, "expected '}'"),
        ("prompts", "Hasta pronto.", '""', 4, "has no text"),
        ("prompts", "adios: Hasta pronto.", "adios: a\nadios: b", 5, "written twice"),
        ("prompts", "pulse uno", "pulse la tecla", 2, "never says key 1"),
        ("choices", "cita: [cita]", "cita: [persona]", 15, "means both key 1 and key 0"),
        ("choices", "cita: [cita]", "cita: []", 1, "“cita” has no words"),
        ("choices", "cita: [cita]", "cita: [", 3, "this is not YAML"),
    ],
)
def test_each_mistake_in_the_texts_is_shown_with_its_line(
    folder: Path, kind: str, good: str, bad: str, line: int, message: str
) -> None:
    path = folder / kind / "es-MX.yaml"
    text = path.read_text()
    assert good in text
    path.write_text(text.replace(good, bad, 1))
    found = problems(folder, REACHABLE)
    assert any(p.line == line and message in p.message for p in found), [str(p) for p in found]


def test_a_file_that_is_no_yaml_is_shown_with_its_line(folder: Path) -> None:
    (problem,) = problems(folder, "flow: [a\nstart: b\n")
    assert "not YAML" in problem.message
    assert problem.line == 2


def test_a_flow_that_never_ends_is_refused(folder: Path) -> None:
    text = REACHABLE.replace("hangup: adios", "goto: menu")
    text = text.replace("transfer: recepcion\n", "goto: menu\n").replace("    urgent: true\n", "")
    assert any("never ends" in p.message for p in problems(folder, text))


def test_the_flows_that_come_with_the_product_have_no_mistakes() -> None:
    flows, texts, found = load(PROJECT / "callflows")
    assert set(flows) >= {"recepcion", "recordatorio"}
    for flow in flows.values():
        found += check(flow, catalogue(), texts, kinds=KINDS, intents=INTENTS)
    assert [str(problem) for problem in found] == []


def test_every_prompt_is_there_in_every_language_with_the_same_placeholders() -> None:
    folder = PROJECT / "callflows"
    spain, _ = load_texts(folder, "es-ES")
    for language in ("es-MX", "en"):
        other, _ = load_texts(folder, language)
        assert other.prompts.keys() == spain.prompts.keys()
        assert other.choices.keys() == spain.choices.keys()
        for key, text in spain.prompts.items():
            assert other.prompts[key].placeholders == text.placeholders, key


def test_a_flow_s_version_is_its_content() -> None:
    one, _ = parse(GOOD, Path("a.yaml"))
    other, _ = parse(GOOD, Path("b.yaml"))
    changed, _ = parse(GOOD.replace("retry: 2", "retry: 1", 1), Path("a.yaml"))
    assert one and other and changed
    assert one.version == other.version
    assert one.version != changed.version
