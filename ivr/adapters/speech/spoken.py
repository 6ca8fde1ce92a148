"""A written Spanish text as it is read aloud: figures, phones, hours, money, abbreviations.

Engines read figures each in its own way; here they become words before any engine sees
them, so that all engines say the same and the cache has one entry for it.
"""

import re
from collections.abc import Callable
from datetime import date

from babel.dates import get_month_names
from num2words import num2words

_ABBREVIATIONS = {
    r"Dras\.": "doctoras",
    r"Dres\.": "doctores",
    r"Dra\.": "doctora",
    r"Dr\.": "doctor",
    r"Sras\.": "señoras",
    r"Sres\.": "señores",
    r"Srta\.": "señorita",
    r"Sra\.": "señora",
    r"Sr\.": "señor",
    r"D\.ª|Dña\.": "doña",
    r"D\.": "don",
    r"Lic\.": "licenciado",
    r"Uds?\.": "usted",
    r"Avda\.|Av\.": "avenida",
    r"C/": "calle",
    r"Pza\.|Plza\.": "plaza",
    r"P\.º": "paseo",
    r"Ctra\.": "carretera",
    r"Col\.": "colonia",
    r"[Nn]\.º|[Nn]º|[Nn]úm\.": "número",
    r"[Tt]el\.|[Tt]fno\.|[Tt]lf\.": "teléfono",
    r"[Aa]prox\.": "aproximadamente",
    r"[Ee]tc\.": "etcétera",
    r"[Mm]in\.|mins?\b": "minutos",
    r"dcha\.": "derecha",
    r"izq\.|izda\.": "izquierda",
    r"c\.p\.|C\.P\.": "código postal",
}
_ABBREVIATION = [
    (re.compile(rf"(?<![\w.])(?:{pattern})(?!\w)" if pattern != "C/" else r"(?<!\w)C/\s*"), words)
    for pattern, words in _ABBREVIATIONS.items()
]
_LETTERS: dict[str, str] = dict(
    re.findall(
        r"(.)=(\w+)",
        "A=a B=be C=ce D=de E=e F=efe G=ge H=hache I=i J=jota K=ca L=ele M=eme N=ene Ñ=eñe "
        "O=o P=pe Q=cu R=erre S=ese T=te U=u V=uve W=uve_doble X=equis Y=i_griega Z=zeta",
    )
)
_EMERGENCY = {"112": "uno uno dos", "911": "nueve uno uno", "061": "cero seis uno"}
_PARTS_OF_DAY = (
    (6, "de la madrugada"),
    (12, "de la mañana"),
    (13, "del mediodía"),
    (21, "de la tarde"),
    (24, "de la noche"),
)
_NOUN = re.compile(
    r"\s+(?!(?:y|o|u|a|de|del|al|con|en|por|para|hasta|que|es|pulse|diga|marque)\b)"
    r"(?P<noun>[a-záéíóúñ]+)",
    re.IGNORECASE,
)
_FEMININE = re.compile(
    r"(?!d[ií]as?$|.*[mp]as?$).*as?$|.*ciones$|veces|tardes|noches", re.IGNORECASE
)


def spoken(text: str, language: str) -> str:
    """``text`` as words; languages other than Spanish only lose extra white space."""
    text = re.sub(r"\s+", " ", text).strip()
    if not language.lower().startswith("es"):
        return text
    for pattern, words in _ABBREVIATION:
        text = pattern.sub(f"{words} " if pattern.pattern.endswith(r"C/\s*") else words, text)
    for pattern, say in _RULES:
        text = pattern.sub(say, text)
    return re.sub(r"\s+", " ", text).strip()


def digits(figures: str) -> str:
    """Figures one by one: ``cero seis uno``."""
    return " ".join(_cardinal(int(figure)) for figure in figures)


def _cardinal(number: int) -> str:
    return str(num2words(number, lang="es"))


def _grouped(figures: str, sizes: tuple[int, ...]) -> str:
    groups, start = [], 0
    for size in sizes:
        groups.append(digits(figures[start : start + size]))
        start += size
    return ", ".join(group for group in groups if group)


def _phone(match: re.Match[str]) -> str:
    """Spain says 3-2-2-2, Mexico 2-4-4 (both figure by figure)."""
    figures = re.sub(r"\D", "", match[0])
    country = ""
    if match[0].lstrip().startswith("+"):
        length = 3 if figures[:2] not in ("34", "52") and len(figures) > 12 else 2
        country = f"más {_cardinal(int(figures[:length]))}, "
        figures = figures[length:]
    if len(figures) == 9:
        return country + _grouped(figures, (3, 2, 2, 2))
    if len(figures) == 10:
        return country + _grouped(figures, (2, 4, 4))
    return country + _grouped(figures, (3,) * (-(-len(figures) // 3)))


def _reference(match: re.Match[str]) -> str:
    """A booking reference, sign by sign, in groups of three."""
    signs = [
        digits(sign) if sign.isdigit() else _LETTERS.get(sign.upper(), sign).replace("_", " ")
        for sign in match[0]
        if sign.isalnum()
    ]
    return ", ".join(" ".join(signs[start : start + 3]) for start in range(0, len(signs), 3))


def _hour(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match.groupdict().get("minute") or 0)
    if hour > 23 or minute > 59:
        return match[0]
    unclear = len(match["hour"]) == 1 and hour < 8
    part = "" if unclear else next(name for until, name in _PARTS_OF_DAY if hour < until)
    if hour == 0 and minute == 0:
        return "doce de la noche"
    shown = hour % 12 or 12
    words = "una" if shown == 1 else _cardinal(shown)
    past = {0: "", 15: " y cuarto", 30: " y media"}.get(minute, f" y {_cardinal(minute)}")
    return f"{words}{past} {part}".strip()


def _money(match: re.Match[str]) -> str:
    whole = int(re.sub(r"[.\s]", "", match["whole"]))
    cents = int((match["cents"] or "0").ljust(2, "0"))
    unit = "euro" if "€" in match[0] or "EUR" in match[0] else "peso"
    words = f"{_apocope(_cardinal(whole))} {unit}{'' if whole == 1 else 's'}"
    return f"{words} con {_cardinal(cents)}" if cents else words


def _date(match: re.Match[str]) -> str:
    try:
        day = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return match[0]
    first = "uno" if day.day == 1 else _cardinal(day.day)
    return f"{first} de {get_month_names('wide', locale='es')[day.month]} de {_cardinal(day.year)}"


def _ordinal(match: re.Match[str]) -> str:
    words = str(num2words(int(match[1]), lang="es", to="ordinal"))
    return words[:-1] + "a" if match[2] == "ª" else words


def _number(match: re.Match[str]) -> str:
    figures = match[0].replace(".", "").replace("\u00a0", "")
    if figures in _EMERGENCY:
        return _EMERGENCY[figures]
    if len(figures) > 1 and figures[0] == "0":
        return digits(figures)
    words = _cardinal(int(figures))
    noun = _NOUN.match(match.string, match.end())
    if noun is None:
        return words
    if _FEMININE.fullmatch(noun["noun"]):
        return re.sub(r"uno$", "una", words).replace("cientos", "cientas")
    return _apocope(words)


def _apocope(words: str) -> str:
    """``veintiuno`` before a noun is ``veintiún``."""
    return re.sub(r"veintiuno$", "veintiún", re.sub(r"\buno$", "un", words))


_WHOLE = r"(?P<whole>\d{1,3}(?:\.\d{3})+|\d+)(?:,(?P<cents>\d{1,2}))?"
_RULES: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    (re.compile(r"\b(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})\b"), _date),
    (re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b"), _date),
    (re.compile(r"\b(?P<hour>\d{1,2})[:.](?P<minute>\d{2})\s*(?:h\.?|horas|hrs?\.?)(?!\w)"), _hour),
    (re.compile(r"\b(?P<hour>\d{1,2}):(?P<minute>\d{2})\b"), _hour),
    (re.compile(r"\b(?P<hour>[01]?\d|2[0-3])\s*h\b\.?"), _hour),
    (re.compile(rf"{_WHOLE}\s*(?:€|EUR\b|MXN\b)"), _money),
    (re.compile(rf"\$\s*{_WHOLE}(?:\s*MXN\b)?"), _money),
    (re.compile(r"(?<!\w)\+\d[\d \-]{7,16}\d"), _phone),
    (re.compile(r"(?<![\w,.])\d{2,3}(?:[ \-]\d{2,4}){2,4}(?![\w])"), _phone),
    (re.compile(r"(?<![\w,.])\d{9,10}(?![\w])"), _phone),
    (re.compile(r"\b(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-Z0-9]{2,}(?:-[A-Z0-9]+)*\b"), _reference),
    (re.compile(r"\b[A-Z]{1,4}-\d+\b"), _reference),
    (re.compile(r"\b(\d{1,2})\.?([ºª])"), _ordinal),
    (re.compile(r"(?<=\d)\s*%"), " por ciento"),
    (re.compile(r"(?<=\d),(?=\d)"), " coma "),
    (re.compile(r"\d{1,3}(?:\.\d{3})+(?!\d)|\d{1,15}"), _number),
]
