"""Sentences that callers say, with what the machine would have expected of each.

Put together at random from many ways of saying a thing, names and numbers; nothing here
comes from the spoken corpus on which hearing is judged (``avoiding`` sees to that). Numbers
are written as words: figures lose how they were grouped.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz

from ivr.bench.language import CORPUS, cases
from ivr.config import settings
from ivr.flow.plain import plain
from ivr.ports import Expectation
from ivr.training.dictated import (
    MONTHS,
    Sentence,
    as_a_sentence,
    birth_date,
    document,
    minutes,
    number,
    phone,
    sentence,
    words,
)

LANGUAGES = ("es-ES", "es-MX")
_MENU_ES = ("pedir cita", "urgencia", "mis citas", "horario", "hablar con una persona")
_TOO_ALIKE = 88.0
_WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado")
_HOURS = ["la una", "las dos", "las tres", "las cuatro", "las cinco", "las seis", "las siete", "las ocho", "las nueve", "las diez", "las once", "las doce"]  # fmt: skip
_SERVICES = {
    "es-ES": ("limpieza", "revisión", "ortodoncia", "empaste", "endodoncia", "fisioterapia",
              "dermatología", "implantes", "análisis de sangre", "ginecología", "pediatría",
              "medicina general", "oftalmología", "traumatología", "podología", "psicología",
              "nutrición", "medicina estética", "radiografía", "ecografía", "vacuna",
              "extracción", "blanqueamiento", "férula", "alergia", "cardiología", "urología",
              "logopedia", "osteopatía", "revisión del niño"),
    "es-MX": ("limpieza dental", "consulta general", "ortodoncia", "brackets", "resina",
              "endodoncia", "ultrasonido", "ginecología", "cardiología", "nutrición",
              "dermatología", "pediatría", "traumatología", "ortopedia", "vacuna",
              "estudios de laboratorio", "rayos equis", "terapia física", "oftalmología",
              "psicología", "química sanguínea", "chequeo", "extracción de muela",
              "blanqueamiento", "papanicolaou", "mastografía", "control prenatal"),
}  # fmt: skip


def sentences(seed: int) -> Iterator[Sentence]:
    """Without end, always the same for a ``seed``."""
    chance = random.Random(seed)
    written = _written()
    makers = list(_MAKERS.items())
    while True:
        language = chance.choice(LANGUAGES)
        if chance.random() < 0.34:
            country = "mx" if language == "es-MX" else "es"
            text, kind = chance.choice(written[country])
            made = Sentence(text, language, Expectation(_asked(kind), hints=_menu(kind)))
        else:
            [(make, _)] = chance.choices(makers, [weight for _, weight in makers])
            made = make(chance, language)
        if not _judged(made.text):
            yield made


def _asked(kind: str) -> tuple[str, ...]:
    return {"intent": ("choice", "intent"), "urgency": ("choice", "intent")}.get(kind, (kind,))


def _menu(kind: str) -> tuple[str, ...]:
    return _MENU_ES if kind in {"intent", "urgency"} else ()


@lru_cache(maxsize=1)
def _written() -> dict[str, list[tuple[str, str]]]:
    """The written corpus: what many kinds of callers say, with the kind it was written for."""
    found: dict[str, list[tuple[str, str]]] = {"es": [], "mx": []}
    for case in cases():
        if re.search(r"\d", case.text) or len(case.text) > 160:
            continue
        found[case.context.country].append((as_a_sentence(case.text), case.kind))
    return found


@lru_cache(maxsize=1)
def _corpus() -> tuple[str, ...]:
    """The spoken corpus, plain: nothing of it may be taught."""
    found: set[str] = set()
    for path in (CORPUS.parent / "spoken").glob("*.yaml"):
        data = yaml.safe_load(path.read_text())
        for kinds in data.get("turns", {}).values():
            for said in kinds.values():
                found.update(plain(str(text)) for text in said)
    return tuple(found)


def _judged(text: str) -> bool:
    """Whether this is a sentence of the spoken corpus, or nearly one; answers of a word or
    two ("sí", "la primera") are everybody's."""
    folded = plain(text)
    if len(folded.split()) < 3:
        return False
    return any(
        abs(len(folded) - len(known)) < 12 and fuzz.ratio(folded, known) >= _TOO_ALIKE
        for known in _corpus()
    )


@lru_cache(maxsize=1)
def _names() -> tuple[list[str], list[str]]:
    data = yaml.safe_load((Path(settings().callflows) / "words" / "es.names.yaml").read_text())
    return data["given"].split(), data["family"].split()


def _given(c: random.Random) -> str:
    given = _names()[0]
    return c.choice(given) if c.random() < 0.7 else f"{c.choice(given)} {c.choice(given)}"


def _family(c: random.Random) -> str:
    return c.choice(_names()[1])


def _full(c: random.Random) -> str:
    return f"{_given(c)} {_family(c)}" + (f" {_family(c)}" if c.random() < 0.6 else "")


def _opened(c: random.Random, *ways: str) -> str:
    """One of the ways a sentence may begin; most begin with nothing."""
    return c.choice(ways) if c.random() < 0.45 else ""


def _polite(c: random.Random, text: str) -> str:
    before = _opened(
        c, "Sí, ", "A ver, ", "Pues ", "Mire, ", "Eh, ", "Bueno, ", "Perdone, ", "Oiga, "
    )
    after = (
        c.choice((", por favor", ", gracias", ", si puede ser", ", si es posible"))
        if c.random() < 0.3
        else ""
    )
    return as_a_sentence(f"{before}{text[0].lower() + text[1:] if before else text}{after}.")


def _yes_or_no(c: random.Random, language: str) -> Sentence:
    mx = language == "es-MX"
    yes = ["Sí", "Sí", "Sí, claro", "Sí, por favor", "Vale", "Claro", "De acuerdo", "Sí, sí", "Correcto", "Eso es", "Sí, confírmela", "Perfecto", "Sí, me viene bien", "Por supuesto", "Está bien", "Sí, adelante", "Sí, allí estaré", "Exacto", "Sí, muy bien", "Venga, sí"]  # fmt: skip
    no = ["No", "No", "No, gracias", "No, no", "Mejor no", "Qué va", "No, no puedo", "No, déjelo", "No me viene bien", "Pues no", "No, prefiero otra", "De momento no", "No, así está bien", "No, para nada"]  # fmt: skip
    if mx:
        yes += ["Sí, ándele", "Sale", "Órale", "Sí, cómo no", "Sí, está bien", "Así es", "Simón", "Claro que sí", "Sí, señorita", "Sí, agéndela"]  # fmt: skip
        no += ["No, fíjese que no", "No, ahorita no", "Nel", "No, muchas gracias", "No, señorita", "No se va a poder"]  # fmt: skip
    text = c.choice(yes if c.random() < 0.55 else no)
    kinds = c.choice((("yesno",), ("yesno",), ("yesno", "datetime"), ("yesno", "choice", "intent")))
    return sentence(text + ("." if c.random() < 0.9 else ""), language, *kinds)


def _name(c: random.Random, language: str) -> Sentence:
    ways = ("{}.", "{}.", "{}.", "Me llamo {}.", "Soy {}.", "A nombre de {}.", "Mi nombre es {}.", "Es para mi hijo, {}.", "Es para mi madre, {}.", "La paciente es {}.", "{}, para servirle.", "Póngalo a nombre de {}.", "Habla {}.")  # fmt: skip
    return sentence(c.choice(ways).format(_full(c)), language, "name", dictation=True)


def _clinic(c: random.Random, language: str) -> tuple[list[str], list[str]]:
    """A clinic's own professionals and services, as they would be hinted."""
    people = [f"{c.choice(('doctor', 'doctora'))} {_family(c)}" for _ in range(c.randint(2, 7))]
    services = c.sample(_SERVICES[language], c.randint(3, 8))
    return people, services


def _person(c: random.Random, people: Sequence[str]) -> str:
    one = c.choice(people)
    article = "el" if one.startswith("doctor ") else "la"
    return c.choice((one, f"{article} {one}", one.split(maxsplit=1)[1]))


def _professional(c: random.Random, language: str) -> Sentence:
    people, services = _clinic(c, language)
    ways = ("Con {}.", "{}.", "Quiero que me vea {}.", "Con {}, si puede ser.", "Me lleva {}.", "La última vez me atendió {}.", "Prefiero con {}.")  # fmt: skip
    text = as_a_sentence(c.choice(ways).format(_person(c, people)))
    kinds = c.choice((("professional",), ("datetime", "professional")))
    return sentence(text, language, *kinds, hints=(*services, *people))


def _service(c: random.Random, language: str) -> Sentence:
    people, services = _clinic(c, language)
    ways = ("{}.", "Una {}.", "Para {}.", "Es para {}.", "Quería {}.", "Necesito {}.", "Sería para {}.", "Vengo por {}.", "Me toca {}.", "Creo que {}.", "Pues {}, supongo.")  # fmt: skip
    text = as_a_sentence(c.choice(ways).format(c.choice(services)))
    return sentence(text, language, "service", "intent", hints=(*services, *people))


def _hour(c: random.Random, language: str) -> str:
    hour = c.choice(_HOURS)
    after = c.choice(
        (
            "",
            "",
            "",
            " y media",
            " y media",
            " y cuarto",
            " y diez",
            " y veinte",
            " en punto",
            " y cinco",
        )
    )
    if c.random() < 0.15:
        return (f"{c.choice(('un cuarto para', 'cuarto para', 'diez para', 'veinte para', 'cinco para'))} {hour}" if language == "es-MX" else f"{hour} menos {c.choice(('cuarto', 'diez', 'veinte', 'cinco', 'veinticinco'))}")  # fmt: skip
    part = c.choice(("", "", "", " de la tarde", " de la mañana", " de la noche"))
    return f"{hour}{after}{part}"


def _time_words(c: random.Random, language: str) -> str:
    morning = ("en la mañana", "en la tarde", "en la noche") if language == "es-MX" else ("por la mañana", "por la tarde", "por la noche")  # fmt: skip
    at = _hour(c, language)
    other = _hour(c, language)
    return c.choice((
        f"a {at}", f"a {at}", f"a {at}", f"sobre {at}", f"a eso de {at}", f"como a {at}",
        f"a partir de {at}", f"después de {at}", f"antes de {at}", f"de {at} a {other}",
        f"entre {at} y {other}", c.choice(morning), c.choice(morning), "a mediodía",
        "a primera hora", "a última hora", "temprano", "lo más tarde posible", "a media mañana",
        "después de comer", "saliendo del trabajo", "me da igual la hora", "cualquier hora",
    ))  # fmt: skip


def _date_words(c: random.Random) -> str:
    day, month = c.choice(_WEEKDAYS), c.choice(MONTHS)
    number = words(c.randint(2, 31))
    other = c.choice(_WEEKDAYS)
    return c.choice((
        f"el {day}", f"el {day}", f"el {day}", f"este {day}", f"el próximo {day}",
        f"el {day} que viene", f"el {day} de la semana que viene", f"el {number}",
        f"el {number} de {month}", f"el {day} {number}", f"el {day} {number} de {month}",
        "mañana", "pasado mañana", "hoy", "hoy mismo", "la semana que viene",
        "la próxima semana", "esta semana", f"a finales de {month}", f"a principios de {month}",
        "a finales de mes", "dentro de dos semanas", "en quince días", "el mes que viene",
        "de hoy en ocho", "cuanto antes", "lo antes posible", f"el {day} no, el {other}",
        f"cualquier día menos el {day}", f"que no sea {day}", f"el {day} o el {other}",
        f"del {day} en adelante", f"entre el {day} y el {other}", f"el primer {day} de {month}",
        f"el último {day} del mes", f"el {day} que entra", "el primer hueco que tengan",
        f"a partir del {number}", f"el {day}, no, perdón, el {other}",
    ))  # fmt: skip


def _date(c: random.Random, language: str) -> Sentence:
    return sentence(_polite(c, _date_words(c)), language, "date", dictation=c.random() < 0.5)


def _time(c: random.Random, language: str) -> Sentence:
    return sentence(_polite(c, _time_words(c, language)), language, "time")


def _moment(c: random.Random, language: str) -> Sentence:
    people, services = _clinic(c, language)
    text = c.choice(("{d} {t}", "{d} {t}", "{d}, {t}", "{t}, {d}", "para {d} {t}", "{d} {t} con {p}", "mejor {d} {t}", "¿podría ser {d} {t}?", "¿tiene algo {d} {t}?", "{d}"))  # fmt: skip
    text = text.format(d=_date_words(c), t=_time_words(c, language), p=_person(c, people))
    text = as_a_sentence(text if text.endswith("?") else f"{text}.")
    kinds = c.choice((("datetime", "professional"), ("datetime",), ("yesno", "datetime")))
    return sentence(text, language, *kinds, hints=(*services, *people))


def _choice(c: random.Random, language: str) -> Sentence:
    people, services = _clinic(c, language)
    ways = ("La primera.", "La segunda.", "La tercera.", "La última.", "La primera, por favor.", "La segunda, por favor.", "La de {t}.", "El {d}.", "La del {d}.", "La del {d} a {h}.", "La de en medio.", "La de {p}.", "Ninguna.", "Ninguna me viene bien.", "La más temprana.", "La opción dos.", "La uno.", "La tres.", "Deme la primera.", "Me quedo con la segunda.", "La que ha dicho primero.", "A {h}.", "La de la tarde.", "La de la mañana.", "Otra, por favor.", "¿No tiene nada más tarde?", "Prefiero la del {d}.")  # fmt: skip
    text = c.choice(ways).format(t=_hour(c, language), d=c.choice(_WEEKDAYS), h=_hour(c, language), p=_person(c, people))  # fmt: skip
    return sentence(text, language, "choice", "datetime", hints=(*services, *people))


def _wish(c: random.Random, language: str) -> Sentence:
    people, services = _clinic(c, language)
    mx = language == "es-MX"
    book: tuple[str, ...] = ("Quería pedir cita para {s} {d} {t}", "Quiero una cita para {s} con {p}", "Necesito cita con {p} {d}", "Me gustaría reservar hora para {s} {d} {t}", "¿Me puede dar cita para {s}?", "Llamaba para coger cita {d} {t}", "¿Tienen hueco {d} para {s}?", "Quería que me viera {p} {d}", "Cita para mi hija con {p} {d}", "Quería pedir hora para mi padre {d} {t}")  # fmt: skip
    if mx:
        book += ("Quisiera agendar una cita para {s} {d} {t}", "¿Me agenda con {p} {d}?", "Quiero sacar cita para {s}", "Me urge una cita con {p}", "¿Tendrá espacio {d} {t}?", "Buenas, quiero agendar {s} para mi mamá")  # fmt: skip
    other = ("Quería cambiar la cita del {w} al {x} {t}", "Necesito mover mi cita a {d}", "Tengo que anular la cita del {w}", "Quiero cancelar la cita con {p}", "¿Cuándo tengo cita?", "¿A qué hora es mi cita del {w}?", "¿Cuánto cuesta {s}?", "¿Trabajan con Adeslas?", "¿A qué hora cierran los {w}?", "¿Dónde están ustedes?", "Quiero hablar con una persona", "Páseme con recepción", "Necesito una factura", "¿Están ya mis resultados?", "Necesito una receta", "Quiero poner una reclamación", "Voy a llegar tarde", "No me llamen más", "Apúnteme en la lista de espera", "Llamo de parte de mi madre", "Me duele mucho una muela", "Se me ha caído un empaste", "No puedo respirar bien", "Me sangra la encía y no para", "Tengo fiebre desde ayer", "Se me ha hinchado la cara", "Nada más, gracias", "Eso es todo, adiós", "¿Puedo comer después de la extracción?", "¿Aceptan mi seguro?", "¿Hay aparcamiento cerca?", "¿Qué documentos tengo que llevar?")  # fmt: skip
    text = c.choice(book if c.random() < 0.55 else other)
    text = text.format(s=c.choice(services), d=_date_words(c), t=_time_words(c, language), p=_person(c, people), w=c.choice(_WEEKDAYS), x=c.choice(_WEEKDAYS))  # fmt: skip
    before = _opened(c, "Hola, ", "Buenos días, ", "Buenas tardes, ", "Hola, buenas, ", "Mire, ", "Oiga, ", "Hola, mire, ", "Sí, hola, ", "A ver, ")  # fmt: skip
    text = f"{before}{text[0].lower() + text[1:]}" if before else text
    if not text.endswith("?"):
        text += "."
    hints = _MENU_ES if c.random() < 0.6 else (*services, *people)
    kinds = c.choice((("choice", "intent"), ("intent",), ("service", "intent")))
    return sentence(as_a_sentence(text), language, *kinds, hints=hints)


_MAKERS: dict[Callable[[random.Random, str], Sentence], float] = {
    _yes_or_no: 7, number: 6, minutes: 3, phone: 9, birth_date: 9, document: 6, _name: 12,
    _professional: 5, _service: 4, _date: 7, _time: 7, _moment: 12, _choice: 6, _wish: 13,
}  # fmt: skip
