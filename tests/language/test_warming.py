"""The first odd sentence of the day is understood as quickly as the others."""

from datetime import UTC, datetime

import pytest

from ivr.language import Context, understand, weighing, words
from ivr.language.warming import warm_up

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.mark.parametrize("country", ["es", "mx"])
def test_after_warming_up_a_sentence_nobody_foresaw_reads_no_file_and_weighs_nothing(
    country: str,
) -> None:
    weighing.of.cache_clear()
    warm_up(NOW, [country])
    read, weighed = words.load.cache_info().misses, weighing.of.cache_info().misses
    assert weighed == 1
    context = Context(NOW, country="mx" if country == "mx" else "es")
    understand("intent", "llamaba por lo de la silla que vi en el escaparate", context)
    assert words.load.cache_info().misses == read
    assert weighing.of.cache_info().misses == weighed
