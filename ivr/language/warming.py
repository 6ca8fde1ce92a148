"""Made ready before anybody speaks: what is read from files and weighed once."""

from collections.abc import Iterable
from datetime import datetime

from ivr.language.model import LANGUAGES, Context
from ivr.language.understand import KINDS, understand

ODD = "pues verá usted es que me ha dicho mi vecina una cosa muy rara de la moto"
"""Nothing that patterns know, so that it is compared with the examples."""


def warm_up(now: datetime, countries: Iterable[str] = LANGUAGES) -> None:
    """Understand a sentence as every kind, so that the first caller need not wait for it."""
    for country in countries:
        for kind in KINDS:
            understand(kind, ODD, Context(now, country="mx" if country == "mx" else "es"))
