"""What callers say means what the corpus says it means."""

import pytest

from ivr.bench.language import Case, cases

CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.text}"[:80])
def test_the_caller_is_understood(case: Case) -> None:
    assert case.got() == case.wanted


def test_the_corpus_covers_every_kind_in_both_varieties() -> None:
    kinds = {(case.kind, case.context.country) for case in CASES}
    for kind in ("intent", "date", "time", "datetime", "yesno", "phone", "name", "urgency"):
        assert {(kind, "es"), (kind, "mx")} <= kinds
    assert len(CASES) >= 400
