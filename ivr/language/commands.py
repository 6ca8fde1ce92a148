"""What callers may say in any step: repeat, slower, back, a person, more, whichever."""

from ivr.language.model import Context, Understood
from ivr.language.tokens import Line
from ivr.language.words import Words


def read(line: Line, context: Context, words: Words) -> Understood:
    """The name of the command, as in ``commands`` of the words; None when it is none."""
    for name in words["commands"]:
        if words.patterns(f"commands.{name}").search(line.plain):
            return Understood("command", line.text, name, 0.9)
    return Understood("command", line.text)
