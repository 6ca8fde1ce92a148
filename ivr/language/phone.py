"""Phone numbers in E.164, from words or digits.

National plans: Spain, nine digits beginning with 6–9 (Plan nacional de numeración
telefónica, RD 2296/2004); Mexico, ten digits since 2019-08-03 (IFT, Plan Técnico
Fundamental de Numeración), the former 1 after +52 and the prefixes 01, 044, 045 gone.
"""

import re

from ivr.language import dictation, numbers
from ivr.language.model import Context, Understood
from ivr.language.tokens import Line
from ivr.language.words import Words

_SPAIN = re.compile(r"(?:(?:00)?34)?([6-9]\d{8})")
_MEXICO = re.compile(r"(?:(?:00)?521?|01|044|045)?([2-9]\d{9})")
_SYLLABLE = re.compile(r"[^aeiou]*[aeiou]{1,2}[^aeiou]*")
_FIRST = "6789"
_LIKELY = 0.6
_PLANS = {"es": (("+34", _SPAIN), ("+52", _MEXICO)), "mx": (("+52", _MEXICO), ("+34", _SPAIN))}


def national(digits: str, context: Context) -> str | None:
    """The E.164 number of dialled digits in the context's country, or None."""
    (own, own_plan), (other, other_plan) = _PLANS[context.country]
    if match := own_plan.fullmatch(digits):
        return own + match[1]
    prefix = digits.removeprefix("00").startswith(other[1:])
    if prefix and (match := other_plan.fullmatch(digits)):
        return other + match[1]
    return None


def international(digits: str) -> str | None:
    """The E.164 number of digits said after a plus sign, or None."""
    for prefix, plan in _PLANS["es"]:
        if digits.startswith(prefix[1:]):
            match = plan.fullmatch(digits)
            return prefix + match[1] if match else None
    if not 8 <= len(digits) <= 15:
        return None
    import phonenumbers

    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return None
    return "+" + digits if phonenumbers.is_valid_number(number) else None


def read(line: Line, context: Context, words: Words) -> Understood:
    """The phone number the line dictates; several possible ones lower the confidence."""
    plus = words.patterns("dictation.plus").search(line.plain) or line.word(0) == "+"
    plus = plus or any(token.text == "+" for token in line.tokens)
    found: list[str] = []
    said = list(dictation.readings(line, words))
    for digits in said:
        number = (international(digits) if plus else None) or national(digits, context)
        if number and number not in found:
            found.append(number)
    if not found:
        lost = said and said[0][0] not in _FIRST and _lost_six(line, context, words)
        likely = national(f"6{said[0]}", context) if lost else None
        return Understood("phone", line.text, likely, _LIKELY if likely else 0.0)
    return Understood(
        "phone",
        line.text,
        found[0],
        0.95 if len(found) == 1 else 0.7,
        alternatives=tuple(found[1:]),
    )


def _lost_six(line: Line, context: Context, words: Words) -> bool:
    """Whether a lone syllable stands where the first figure should: "el cinco cinco…". Of
    the figures that a Spanish number begins with only "seis" is one syllable."""
    first = next((start for _, start, _ in numbers.of(words).spans(line)), 0)
    letter = len(line.tokens[-1].text) == 1 and line.tokens[-1].is_word
    if context.country != "es" or first != 1 or letter:
        return False
    return _SYLLABLE.fullmatch(line.word(0)) is not None
