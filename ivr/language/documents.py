"""National ids: Spain's DNI and NIE, Mexico's CURP, checked and repaired.

Sources: DNI letter, RD 1553/2005 (number modulo 23); NIE, Orden INT/2058/2008 (X, Y, Z
stand for 0, 1, 2); CURP, Instructivo normativo para la asignación de la CURP (DOF
2021-10-18), with its check digit over base 37.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import islice, product

from ivr.language import dictation
from ivr.language.model import Context, Understood
from ivr.language.spelling import Speller
from ivr.language.tokens import Line
from ivr.language.words import Words

DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_NIE_DIGIT = {"X": "0", "Y": "1", "Z": "2"}
_CURP = re.compile(
    r"[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX]"
    r"(?:AS|BC|BS|CC|CS|CH|CL|CM|DF|DG|GT|GR|HG|JC|MC|MN|MS|NT|NL|OC|PL|QT|QR|SP|SL|SR|TC|TL"
    r"|TS|VZ|YN|ZS|NE)[B-DF-HJ-NP-TV-Z]{3}[A-Z\d]\d"
)
_CURP_ALPHABET = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_DIGIT_PLACES = frozenset({4, 5, 6, 7, 8, 9, 17})
_AS_DIGIT = {"O": "0", "I": "1", "L": "1", "S": "5", "Z": "2", "B": "8"}
_AS_LETTER = {"0": "O", "1": "I", "5": "S", "8": "B"}


def check_letter(number: str) -> str:
    """The letter of a DNI's eight digits or an NIE's first letter and seven digits."""
    digits = _NIE_DIGIT.get(number[0], number[0]) + number[1:]
    return DNI_LETTERS[int(digits) % 23]


def is_curp(text: str) -> bool:
    """Whether a CURP has its form, a real date and its check digit."""
    if not _CURP.fullmatch(text):
        return False
    century = 1900 if text[16].isdecimal() else 2000
    try:
        date(century + int(text[4:6]), int(text[6:8]), int(text[8:10]))
    except ValueError:
        return False
    total = sum(_CURP_ALPHABET.index(char) * (18 - at) for at, char in enumerate(text[:17]))
    return text[17] == str(-total % 10)


def read(line: Line, context: Context, words: Words) -> Understood:
    """The document, normalised; None when no reading passes its check."""
    speller = _speller(words)
    curps = list(dict.fromkeys(_curps(line, speller)))
    if len(curps) == 1:
        return Understood("national_id", line.text, curps[0], 0.95)
    spoken = list(_spanish(line, speller, words))
    exact = list(dict.fromkeys(n + letter for n, letter in spoken if letter == check_letter(n)))
    if exact:
        confidence = 0.95 if len(exact) == 1 else 0.7
        return Understood("national_id", line.text, exact[0], confidence)
    if context.country == "mx":
        return Understood("national_id", line.text)
    known = _on_file(spoken, context.documents)
    if known:
        return Understood("national_id", line.text, known, 0.75)
    mended = list(dict.fromkeys(_mended(spoken, words["spelling.confused"])))
    if len(mended) == 1:
        return Understood("national_id", line.text, mended[0], 0.7)
    if any(line.glued(i) and t.is_word and len(t.text) > 1 for i, t in enumerate(line.tokens)):
        return Understood("national_id", line.text)
    bare = {n for n, letter in spoken if not letter and len(n) == 8}
    if len(bare) == 1 and not any(letter for _, letter in spoken):
        number = bare.pop()
        return Understood("national_id", line.text, number + check_letter(number), 0.6)
    return Understood("national_id", line.text)


def _spanish(line: Line, speller: Speller, words: Words) -> Iterator[tuple[str, str]]:
    """Number and letter of every DNI or NIE the line may say; the letter may be empty."""
    parts = speller.string(line)
    starts = [at for text, at in parts if text.isdecimal()]
    if not starts:
        return
    first, last = starts[0], starts[-1]
    before = [text for text, at in parts if at < first and text in _NIE_DIGIT]
    after = [text for text, at in parts if at > last and len(text) == 1 and text.isalpha()]
    end = min((at for text, at in parts if at > last and text.isalpha()), default=len(line))
    ahead = [text for text, at in parts if at < first and len(text) == 1 and text.isalpha()]
    letters = list(dict.fromkeys(after or ([] if before else ahead))) or [""]
    digits_line = _slice(line, first, end)
    figures = words["spelling.figures"]
    for digits in islice(dictation.readings(digits_line, words), 400):
        if letters == [""] and not before and len(digits) == 9 and digits[-1] in figures:
            yield digits[:-1], figures[digits[-1]]
        for letter in letters:
            if before and len(digits) <= 7:
                yield before[-1] + digits.zfill(7), letter
            elif not before and 6 <= len(digits) <= 8 and (letter or len(digits) == 8):
                yield digits.zfill(8), letter


def _slice(line: Line, first: int, last: int) -> Line:
    end = line.tokens[last - 1].end if last <= len(line) else len(line.source)
    return Line(line.source[line.tokens[first].start : end])


def _mended(spoken: Iterable[tuple[str, str]], confused: list[str]) -> Iterator[str]:
    """Those whose letter was misheard: the right one sounds like the one heard."""
    for number, letter in spoken:
        right = check_letter(number)
        if letter and any(letter in group and right in group for group in confused):
            yield number + right


def _on_file(spoken: Iterable[tuple[str, str]], documents: tuple[str, ...]) -> str | None:
    """The one document on file that differs from what was heard in a single character."""
    heard = {number + letter for number, letter in spoken}
    near = {
        document
        for document in documents
        for said in heard
        if len(said) in {len(document), len(document) - 1}
        and sum(a != b for a, b in zip(said, document, strict=False)) <= 1
    }
    return near.pop() if len(near) == 1 else None


def _curps(line: Line, speller: Speller) -> Iterator[str]:
    """Every valid CURP written or spelled in the line."""
    joined = re.sub(r"[^A-Z0-9Ñ]", "", line.source.upper())
    spelled = "".join(text for text, _ in speller.string(line))
    mixed = "".join(
        token.raw.upper() for token in line.tokens if token.is_digits or len(token.text) <= 4
    )
    for text in (joined, spelled, mixed, _written(line, speller)):
        for start in range(max(0, len(text) - 17) if len(text) < 80 else 0):
            yield from _curp_at(text[start : start + 18])


def _written(line: Line, speller: Speller) -> str:
    """Letters spelled or written in short runs, digits said or written."""
    parts: list[str] = []
    index = 0
    while index < len(line):
        token = line.tokens[index]
        letter = speller.letter(line, index)
        number = speller.numbers.cardinal(line, index)
        if token.is_digits:
            parts.append(token.text)
            index += 1
        elif letter:
            parts.append(letter[0])
            index = letter[1]
        elif number:
            parts.append(str(number[0]))
            index = number[1]
        else:
            if token.raw.isupper() and token.is_word:
                parts.append(token.raw)
            index += 1
    return "".join(parts)


def _curp_at(text: str) -> Iterator[str]:
    """The text as a CURP, letters and digits that look alike exchanged where they must be."""
    if len(text) != 18:
        return
    choices: list[tuple[str, ...]] = []
    for at, char in enumerate(text):
        if at in _DIGIT_PLACES:
            fixed = char if char.isdecimal() else _AS_DIGIT.get(char, "")
            choices.append((fixed,) if fixed else ())
        elif at == 16:
            choices.append((char,))
        else:
            fixed = char if char.isalpha() else _AS_LETTER.get(char, "")
            choices.append((fixed,) if fixed else ())
    for candidate in product(*choices):
        if is_curp("".join(candidate)):
            yield "".join(candidate)


@lru_cache(maxsize=16)
def _speller(words: Words) -> Speller:
    return Speller(words)
