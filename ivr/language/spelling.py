"""Letters as people say them: "be alta", "uve", "i griega", "zeta de Zaragoza"."""

from ivr.language import numbers
from ivr.language.tokens import Line
from ivr.language.words import Words


class Speller:
    """Reads spelled letters and digits of a line."""

    def __init__(self, words: Words) -> None:
        self.letters = words.table("spelling.letters")
        self.alone = words.table("spelling.letters_alone")
        self.as_in = frozenset(words["spelling.as_in"])
        self.numbers = numbers.of(words)

    def letter(self, line: Line, index: int) -> tuple[str, int] | None:
        """The letter said at ``index``, with "de Zaragoza" after it taken in."""
        token = line.tokens[index] if index < len(line) else None
        if token is None or not token.is_word:
            return None
        enye = token.raw.casefold() in {"ñ", "eñe"}
        found = ("ñ", index + 1) if enye else self.letters.match(line, index)
        if found is None and len(token.text) == 1:
            found = token.text, index + 1
        if found is None:
            found = self.alone.match(line, index)
        if found is None:
            return None
        letter, end = found
        example = line.word(end + 1)
        like = line.word(end) in self.as_in and example[:1]
        if like and len(example) > 2 and example not in self.as_in:
            sure = example[0] == letter or {example[0], letter} <= {"b", "v"}
            if sure or letter == "ñ":
                letter = "ñ" if letter == "ñ" else example[0]
                return letter.upper(), end + 2
        return letter.upper(), end

    def string(self, line: Line, first: int = 0, last: int | None = None) -> list[tuple[str, int]]:
        """Letters and digits of ``[first, last)`` in order, each with where it began.

        Written runs such as ``HEGG560427`` are kept whole; other words are left out.
        """
        parts: list[tuple[str, int]] = []
        index, last = first, len(line) if last is None else last
        while index < last:
            token = line.tokens[index]
            if token.is_digits:
                parts.append((token.text, index))
                index += 1
                continue
            letter = self.letter(line, index)
            if letter:
                parts.append((letter[0], index))
                index = letter[1]
                continue
            times = self.numbers.repeats.get(token.text)
            number = self.numbers.cardinal(line, index + bool(times))
            if number and token.text not in self.numbers.articles:
                parts.append((str(number[0]) * (times or 1), index))
                index = number[1]
                continue
            repeated = self.letter(line, index + 1) if times else None
            if repeated and times:
                parts.append((repeated[0] * times, index))
                index = repeated[1]
                continue
            index += 1
        return parts
