"""A person's own name, parted into given names and surnames, accents restored."""

from functools import lru_cache

from ivr.language.misnaming import LikeNames
from ivr.language.model import Context, Understood
from ivr.language.naming import alike
from ivr.language.spelling import Speller
from ivr.language.tokens import Line, Token, fold
from ivr.language.words import Words

_LONGEST = 7


class Names:
    """Known names and the words around them."""

    def __init__(self, words: Words) -> None:
        data = words.topic("names")
        self.given = {fold(name): name for name in data["given"].split()}
        self.family = {fold(name): name for name in data["family"].split()}
        self.known = {*self.given, *self.family, *data["particles"]}
        self.before = words.table("names.before")
        self.family_words = words.table("names.family_words")
        self.corrections = words.table("names.corrections")
        self.given_words = words.table("names.given_words")
        self.titles = frozenset(data["titles"])
        self.after = frozenset(data["after"])
        self.never = frozenset(data["never"])
        self.misheard: dict[str, str] = data["misheard"]
        self.compound = frozenset(data["compound"])
        self.particles = frozenset(data["particles"])
        self.speller = Speller(words)
        self.alike = LikeNames((*self.given.values(), *self.family.values()))

    # --- Where the name is --------------------------------------------------------------

    def read(self, line: Line) -> tuple[str, str, float] | None:
        """Given names, surnames and confidence."""
        line = self._as_corrected(self._as_named(self._as_meant(line)))
        asked = self._asked(line)
        if asked:
            return asked
        start, led = self._start(line)
        titled = line.word(start) in self.titles
        start += titled
        tokens = self._run(line, start)
        if not tokens or not self._plausible(line, tokens, led or titled):
            start, tokens = self._listed(line, start + len(tokens))
            if not tokens:
                return self._only_spelled(line)
        tokens = self._again(line, tokens)
        rest = self._after_comma(line, tokens)
        spelled = self._spelled(line, line.tokens.index(tokens[-1]) + 1)
        given, family = self._parted(tokens, rest, titled=titled)
        if spelled:
            given, family = self._respelled(given, family, spelled)
        given, family = (self._lettered(line, part) for part in (given, family))
        known = any(fold(word) in self.given for word in given.split())
        return given, family, 0.9 if known and family else 0.7

    def _as_meant(self, line: Line) -> Line:
        """With surnames that were written as everyday words put right: "Ortega Días"."""
        for index, token in enumerate(line.tokens[1:], start=1):
            meant = self.misheard.get(token.text)
            before = line.tokens[index - 1].text
            if meant and (before in self.family or before in self.given):
                return Line(line.source[: token.start] + meant + line.source[token.end :])
        return line

    def _as_named(self, line: Line, *, likely: bool = False) -> Line:
        """With words that are no name put right where they sound as one, or, ``likely``,
        where they are near one."""
        find = self.alike.likely if likely else self.alike.meant
        start, _ = self._start(line)
        for token in reversed(self._run(line, start)):
            meant = None if token.text in self.known else find(token.text)
            if meant:
                line = Line(line.source[: token.start] + meant + line.source[token.end :])
        return line

    def likely(self, text: str) -> str:
        """``text`` with what was heard badly in a name as the likeliest name."""
        return self._as_named(Line(text), likely=True).source

    def known_words(self, text: str) -> tuple[int, int]:
        """Of how many words the name in ``text`` is, and how many of them are known names."""
        line = self._as_named(self._as_meant(Line(text)))
        start, _ = self._start(line)
        said = self._run(line, start + (line.word(start) in self.titles))
        return len(said), sum(token.text in self.known for token in said)

    def _as_corrected(self, line: Line) -> Line:
        """What follows "no, perdón", when a name follows it."""
        ends = [end for _, _, end in self.corrections.find(line, 1, len(line))]
        for end in reversed(ends):
            tokens = self._run(line, end)
            if tokens and any(t.text in self.known for t in tokens):
                return Line(line.source[line.tokens[end].start :])
        return line

    def _only_spelled(self, line: Line) -> tuple[str, str, float] | None:
        """A name of which only the letters were said."""
        spelled = self._spelled(line, 0)
        if not spelled:
            return None
        name = self.given.get(fold(spelled)) or self.family.get(fold(spelled)) or spelled
        if fold(spelled) in self.family and fold(spelled) not in self.given:
            return "", name, 0.6
        return name, "", 0.6

    def _asked(self, line: Line) -> tuple[str, str, float] | None:
        """``mi nombre es Juan y mi apellido es Pérez``."""
        found = next(self.family_words.find(line, 0, len(line)), None)
        if found is None:
            return self._surname_first(line)
        _, at, end = found
        family = self._run(line, end)
        if not family and line.word(end) in self.family:  # "mi apellido es Bueno"
            family = [line.tokens[end]]
        start, _ = self._start(line, at)
        given = [t for t in self._run(line, start) if t.start < line.tokens[at].start]
        led = [t for t in line.tokens[:at] if t.text in self.given]
        given = [t for t in given if t.text in self.given] or led or given
        named = next(self.given_words.find(line, end, len(line)), None)
        if not given and named:
            given = self._run(line, named[2])
        if not family:
            before = [t for t in line.tokens[:at] if t.text in self.family or t.raw[:1].isupper()]
            family, given = ([], given) if given != before else (before, [])
        if not family:
            return None
        return self._said(given, self.given), self._said(family, self.family), 0.9

    def _surname_first(self, line: Line) -> tuple[str, str, float] | None:
        """``Ferrer, de nombre Nuria``."""
        named = next(self.given_words.find(line, 1, len(line)), None)
        given = self._run(line, named[2]) if named else []
        family = self._run(line, self._start(line, named[1])[0]) if named and given else []
        if not family or any(t.text not in {*self.family, *self.particles} for t in family):
            return None
        return self._said(given, self.given), self._said(family, self.family), 0.9

    def _start(self, line: Line, last: int | None = None) -> tuple[int, bool]:
        """Where the name begins, and whether words said that one follows."""
        last = len(line) if last is None else last
        led = [end for _, _, end in self.before.find(line, 0, last)]
        named = [end for end in led if self._run(line, self._past_title(line, end))]
        if named:
            start = named[-1]
            while line.word(start) in {",", ".", ":"} or self._article(line, start):
                start += 1
            strong = line.word(start - 1) not in {"si", "hola", "dias", "tardes", "es", "eh"}
            return start, strong
        index = 0
        while index < last and not self._nameable(line.tokens[index]):
            index += 1
        return index, False

    def _past_title(self, line: Line, index: int) -> int:
        index += self._article(line, index)
        return index + (line.word(index) in self.titles)

    def _article(self, line: Line, index: int) -> bool:
        """Whether an article stands before a title: "la señora"."""
        return line.word(index) in {"el", "la"} and line.word(index + 1) in self.titles

    def _listed(self, line: Line, start: int) -> tuple[int, list[Token]]:
        """The first run of names after a pause: "apunte, Raquel Santos"."""
        for index in range(start, len(line)):
            if line.word(index) in {",", ".", ":"}:
                tokens = self._run(line, index + 1)
                if tokens and all(t.text in self.known for t in tokens):
                    return index + 1, tokens
        return start, []

    def _nameable(self, token: Token) -> bool:
        return token.is_word and token.text not in self.never and len(token.text) > 1

    def _run(self, line: Line, start: int) -> list[Token]:
        """The words from ``start`` that may be one name."""
        while line.word(start) in {",", ":", ";"}:
            start += 1
        titled = line.word(start - 1) in self.titles
        if titled and line.word(start) == "de":
            start += 1
        tokens: list[Token] = []
        for token in line.tokens[start : start + _LONGEST + 1]:
            joined = token.text in {"y", "i"} and tokens
            if joined and self._surname_follows(line, start + len(tokens)):
                tokens.append(token)
                continue
            if token.raw == "El" and tokens and self._capital(line, start + len(tokens) + 1):
                tokens.append(token)
                continue
            if not token.is_word or token.text in self.after or token.text in self.never:
                break
            if token.text in {"la", "el"} and tokens and tokens[-1].text != "de":
                break
            if len(token.text) == 1 or (tokens and self._spelling(line, start + len(tokens))):
                break
            tokens.append(token)
        while tokens and tokens[-1].text in self.particles - {"santa", "san"}:
            tokens.pop()
        if tokens and tokens[0].text in self.particles - {"san", "santa", "de", "del"}:
            return []
        return tokens

    @staticmethod
    def _capital(line: Line, index: int) -> bool:
        return index < len(line) and line.tokens[index].raw[:1].isupper()

    def _surname_follows(self, line: Line, index: int) -> bool:
        return line.word(index + 1) in self.family and line.word(index - 1) in self.family

    def _spelling(self, line: Line, index: int) -> bool:
        """Whether letters are being spelled from here on."""
        count = 0
        while (letter := self.speller.letter(line, index)) and count < 3:
            index, count = letter[1], count + 1
        return count >= 3

    def _plausible(self, line: Line, tokens: list[Token], led: bool) -> bool:
        known = [t for t in tokens if t.text in self.given or t.text in self.family]
        if len(tokens) > _LONGEST:
            return False
        if led:
            capital = all(t.raw[:1].isupper() for t in tokens if t.text not in self.particles)
            return bool(known) or capital or len(tokens) in {2, 3}
        capital = all(t.raw[:1].isupper() for t in tokens if t.text not in self.particles)
        return bool(known) and (len(known) * 2 >= len(tokens) or (capital and len(tokens) > 1))

    def _after_comma(self, line: Line, tokens: list[Token]) -> list[Token]:
        """``García López, Antonio``: the given names after the comma."""
        index = line.tokens.index(tokens[-1]) + 1
        if line.word(index) != ",":
            return []
        rest = self._run(line, index + 1)
        surnames = tokens[0].text in self.family and all(
            t.text in self.family or t.text not in self.given for t in tokens
        )
        only_given = rest and all(t.text in self.given for t in rest)
        return rest if only_given and surnames and tokens[0].text not in self.given else []

    def _again(self, line: Line, tokens: list[Token]) -> list[Token]:
        """``Rocío, Rocío Vargas``: the fuller one after the comma."""
        index = line.tokens.index(tokens[-1]) + 1
        for at in range(index, len(line)):
            if line.word(at) == tokens[0].text:
                rest = self._run(line, at)
                return rest if len(rest) > len(tokens) else tokens
        return tokens

    # --- What is given name, what surname ------------------------------------------------

    def _parted(self, tokens: list[Token], rest: list[Token], *, titled: bool) -> tuple[str, str]:
        if rest:
            return self._said(rest, self.given), self._said(tokens, self.family)
        first = tokens[0].text
        alone = first in self.family and first not in self.given
        if (titled and (len(tokens) == 1 or alone)) or (alone and len(tokens) <= 2):
            if alone and len(tokens) == 2 and tokens[1].text in self.given and not titled:
                return self._said(tokens[1:], self.given), self._said(tokens[:1], self.family)
            return "", self._said(tokens, self.family)
        if alone and tokens[-1].text in self.given and tokens[-1].text not in self.family:
            cut = next(i for i, t in enumerate(tokens) if t.text not in self.family)
            return self._said(tokens[cut:], self.given), self._said(tokens[:cut], self.family)
        cut = self._cut(tokens)
        return self._said(tokens[:cut], self.given), self._said(tokens[cut:], self.family)

    def _cut(self, tokens: list[Token]) -> int:
        """How many leading words are given names."""
        index = 1
        while index < len(tokens):
            word = tokens[index].text
            step = self._compound(tokens, index)
            if step:
                index += step
                continue
            left = len(tokens) - index - 1
            given = word in self.given
            if not given or (word in self.family and left < 2) or (left == 0 and index > 1):
                break
            index += 1
        return index

    def _compound(self, tokens: list[Token], index: int) -> int:
        """Length of "del Carmen", "de los Ángeles", "de Dios" at ``index``."""
        words = [token.text for token in tokens[index : index + 3]]
        if words[:1] == ["del"] and len(words) > 1 and words[1] in self.compound - self._surnames:
            return 2
        if words[:1] == ["de"] and len(words) > 1:
            if words[1] in {"los", "la", "las"} and len(words) > 2 and words[2] in self.compound:
                return 3
            if words[1] in {"jesus", "dios", "lourdes", "fatima", "guadalupe"}:
                return 2
        return 0

    _surnames = frozenset({"valle", "camino", "prado", "pino", "rio"})

    def _said(self, tokens: list[Token], known: dict[str, str]) -> str:
        words = []
        for place, token in enumerate(tokens):
            if token.text == "i" or (
                token.text in self.particles and token.text not in {"san", "santa"}
            ):
                words.append(token.text)
            elif token.raw.isascii() and token.text in known:
                words.append(known[token.text])
            else:
                words.append(token.raw[:1].upper() + token.raw[1:].lower())
            if place == 0 and token.text in {"dos", "da"}:
                words[-1] = token.text
        return " ".join(words)

    # --- Letters ------------------------------------------------------------------------

    def _spelled(self, line: Line, start: int) -> str:
        """A word spelled after the name."""
        parts = [text for text, _ in self.speller.string(line, start) if text.isalpha()]
        return "".join(parts).capitalize() if len(parts) >= 3 else ""

    @staticmethod
    def _respelled(given: str, family: str, spelled: str) -> tuple[str, str]:
        """The name with the word that sounds like the spelled one written as spelled."""
        words = [*given.split(), "|", *family.split()]
        likeness = [alike(word, spelled) if word != "|" else 0.0 for word in words]
        best = max(likeness)
        if best < 0.75:
            return (given, f"{family} {spelled}".strip())
        words[likeness.index(best)] = spelled
        cut = words.index("|")
        return " ".join(words[:cut]), " ".join(words[cut + 1 :])

    def _lettered(self, line: Line, name: str) -> str:
        """``Baca con uve`` is Vaca."""
        for index in range(len(line) - 1):
            if line.word(index) != "con":
                continue
            letter = self.speller.letter(line, index + 1)
            if letter and name and fold(name.split()[-1]) == line.word(index - 1):
                *others, last = name.split()
                name = " ".join([*others, _with_letter(last, letter[0].lower())])
        return name


_SWAPS = {"b": "v", "v": "b", "z": "s", "s": "z", "g": "j", "j": "g", "y": "ll", "ll": "y"}


def _with_letter(word: str, letter: str) -> str:
    """The word with the sound that ``letter`` writes written with it."""
    other = _SWAPS.get(letter)
    lower = word.lower()
    if other is None or (letter in lower and other not in lower):
        return word
    at = lower.rfind(other) if letter in "zs" else lower.find(other)
    if at < 0:
        return word
    changed = lower[:at] + letter + lower[at + len(other) :]
    return changed[:1].upper() + changed[1:]


def read(line: Line, context: Context, words: Words) -> Understood:
    """The name as ``given`` and ``family``; either may be empty, not both."""
    found = of(words).read(line)
    if found is None:
        return Understood("name", line.text)
    given, family, confidence = found
    return Understood("name", line.text, {"given": given, "family": family}, confidence)


def likely_name(text: str, words: Words) -> str:
    """A name that was heard badly, with the likeliest names in place of words that are none;
    ``text`` itself when there are none such."""
    return of(words).likely(text)


def known_in_name(text: str, words: Words) -> tuple[int, int]:
    """Of how many words the name is that ``text`` says, and how many of them are known names."""
    return of(words).known_words(text)


@lru_cache(maxsize=16)
def of(words: Words) -> Names:
    """The names of ``words``, made once."""
    return Names(words)
