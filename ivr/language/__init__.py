"""Understanding spoken Spanish: pure, data-driven, relative to the clinic's clock.

>>> understood = understand("date", "el jueves que viene", Context(now))
>>> understood.value
{'from': '2026-11-26', 'to': '2026-11-26'}
"""

from ivr.language.completeness import answers, complete
from ivr.language.model import (
    LANGUAGES,
    Context,
    Dates,
    Moment,
    Named,
    Option,
    Times,
    Understood,
)
from ivr.language.names import known_in_name, likely_name
from ivr.language.naming import Match, match_name
from ivr.language.understand import KINDS, understand
from ivr.language.words import Words, load

__all__ = [
    "KINDS",
    "LANGUAGES",
    "Context",
    "Dates",
    "Match",
    "Moment",
    "Named",
    "Option",
    "Times",
    "Understood",
    "Words",
    "answers",
    "complete",
    "known_in_name",
    "likely_name",
    "load",
    "match_name",
    "understand",
]
