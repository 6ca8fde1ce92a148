"""How dates, times, numbers and names sound when a receptionist says them.

Everything is written out in words, so that no speech engine has to guess. Languages:
``es-ES``, ``es-MX``, ``en``.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from babel.dates import format_date
from num2words import num2words

from ivr.errors import InvalidInput

_HE = {"doctor": "el", "enfermero": "el", "fisioterapeuto": "el", "licenciado": "el"}
_SHE = {"doctora": "la", "enfermera": "la", "licenciada": "la"}
_ENGLISH_TITLES = {"doctor": "Doctor", "doctora": "Doctor"}


def number(value: int, language: str) -> str:
    """``26`` → ``veintiséis``."""
    return str(num2words(value, lang=language[:2]))


def digits(text: str, language: str) -> str:
    """Digit by digit, with a breath after each third: ``"471 302"``."""
    words = [number(int(char), language) for char in text if char.isdigit()]
    groups = [", ".join(words[i : i + 3]) for i in range(0, len(words), 3)]
    return "; ".join(groups)


def day(moment: date, today: date, language: str) -> str:
    """``el jueves veintiséis de noviembre``; with ``hoy`` or ``mañana`` before it."""
    if language.startswith("en"):
        name = f"{format_date(moment, 'EEEE, MMMM', locale='en')} {_ordinal(moment.day)}"
        return {0: f"today, {name}", 1: f"tomorrow, {name}"}.get(
            (moment - today).days, f"on {name}"
        )
    locale = language.replace("-", "_")
    of_month = "primero" if moment.day == 1 and language == "es-MX" else number(moment.day, "es")
    name = f"{format_date(moment, 'EEEE', locale=locale)} {of_month} de " + format_date(
        moment, "MMMM", locale=locale
    )
    if moment.year != today.year and (moment - today) > timedelta(days=90):
        name += f" de {number(moment.year, 'es')}"
    return {0: f"hoy, {name}", 1: f"mañana, {name}"}.get((moment - today).days, f"el {name}")


def _ordinal(value: int) -> str:
    return str(num2words(value, lang="en", to="ordinal"))


def clock_time(moment: datetime, language: str) -> str:
    """``a las diez y media de la mañana``."""
    if language.startswith("en"):
        minutes = f" {number(moment.minute, 'en')}" if moment.minute else ""
        if 0 < moment.minute < 10:
            minutes = f" oh {number(moment.minute, 'en')}"
        part = "in the morning" if moment.hour < 12 else "in the afternoon"
        if moment.hour >= 18:
            part = "in the evening"
        return f"at {number((moment.hour - 1) % 12 + 1, 'en')}{minutes} {part}"
    hour, minute = moment.hour, moment.minute
    part = _part(hour, language)
    if minute == 45 and language == "es-ES":
        hour += 1
        tail = " menos cuarto"
    else:
        tail = {0: "", 15: " y cuarto", 30: " y media"}.get(minute, f" y {number(minute, 'es')}")
    face = (hour - 1) % 12 + 1
    spoken = "la una" if face == 1 else f"las {number(face, 'es')}"
    return f"a {spoken}{tail} {part}"


def _part(hour: int, language: str) -> str:
    if hour < 6:
        return "de la madrugada"
    if hour < 12:
        return "de la mañana"
    if hour == 12:
        return "del mediodía"
    evening = 19 if language == "es-MX" else 21
    return "de la tarde" if hour < evening else "de la noche"


def one_of(items: Sequence[str], language: str, *, word: str = "") -> str:
    """``uno, dos o tres``; ``word`` replaces the ``o``."""
    joint = word or ("or" if language.startswith("en") else "o")
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {joint} {items[-1]}"


def all_of(items: Sequence[str], language: str) -> str:
    """``uno, dos y tres``."""
    return one_of(items, language, word="and" if language.startswith("en") else "y")


def phone_number(e164: str, language: str) -> str:
    """A Spanish number as 3+2+2+2, a Mexican one in pairs; others digit by digit."""
    national, sizes = e164.lstrip("+"), (3, 3, 3, 3, 3)
    if e164.startswith("+34") and len(e164) == 12:
        national, sizes = e164[3:], (3, 2, 2, 2, 0)
    elif e164.startswith("+52") and len(e164) == 13:
        national, sizes = e164[3:], (2, 2, 2, 2, 2)
    groups = []
    for size in sizes:
        if size and national:
            groups.append(" ".join(number(int(c), language) for c in national[:size]))
            national = national[size:]
    return ", ".join(groups)


def money(cents: int, currency: str, language: str) -> str:
    """``4550, "EUR"`` → ``cuarenta y cinco euros con cincuenta``. EUR and MXN."""
    units = {
        "EUR": ("euro", "euros"),
        "MXN": ("peso", "pesos"),
    }
    if currency not in units:
        raise InvalidInput(f"no words for the currency {currency}: use EUR or MXN")
    whole, rest = divmod(cents, 100)
    one, many = units[currency]
    english = language.startswith("en")
    count = number(whole, language)
    if not english:
        count = re.sub(r"uno$", "ún" if count.endswith("veintiuno") else "un", count)
    text = f"{count} {one if whole == 1 else many}"
    if rest:
        text += f" {'and' if english else 'con'} {number(rest, language)}"
    return text


def professional(title: str, given: str, family: str, language: str) -> str:
    """``la doctora Ruiz``; without a title that tells the gender, the full name."""
    if language.startswith("en"):
        english = _ENGLISH_TITLES.get(title)
        return f"{english} {family}" if english else f"{given} {family}".strip()
    article = _HE.get(title) or _SHE.get(title)
    first_family = family.split()[0] if family else ""
    return f"{article} {title} {first_family}" if article else f"{given} {family}".strip()


def slowly(text: str) -> str:
    """The same words with a longer breath between phrases."""
    return re.sub(r"(?<=\w)[,;:] ", "... ", text)


def week_hours(hours: Mapping[int, Sequence[tuple[time, time]]], language: str) -> str:
    """``de lunes a viernes, de nueve de la mañana a ocho de la tarde; …``: days with the
    same hours are said together. ``hours``: weekday (0 Monday) → stretches."""
    english = language.startswith("en")
    groups: list[tuple[int, int, tuple[tuple[time, time], ...]]] = []
    for weekday in range(7):
        stretches = tuple(sorted(hours.get(weekday, ())))
        if not stretches:
            continue
        if groups and groups[-1][1] == weekday - 1 and groups[-1][2] == stretches:
            groups[-1] = (groups[-1][0], weekday, stretches)
        else:
            groups.append((weekday, weekday, stretches))
    said = []
    for first, last, stretches in groups:
        names = [_weekday(day, language) for day in (first, last)]
        if first == last:
            days = names[0]
        else:
            days = f"{names[0]} to {names[1]}" if english else f"de {names[0]} a {names[1]}"
        spans = []
        for opens, closes in stretches:
            from_, to = (
                clock_time(datetime.combine(_MONDAY, moment), language).split(" ", 1)[1]
                for moment in (opens, closes)
            )
            spans.append(f"from {from_} to {to}" if english else f"de {from_} a {to}")
        said.append(f"{days}, {all_of(spans, language)}")
    return "; ".join(said)


_MONDAY = date(2026, 1, 5)


def _weekday(weekday: int, language: str) -> str:
    locale = "en" if language.startswith("en") else "es"
    return str(format_date(_MONDAY + timedelta(days=weekday), "EEEE", locale=locale))
