from ivr.config import PROJECT
from ivr.flow.event_catalogue import catalogue, event_types
from ivr.flow.events import REDACTED, TurnHeard, redacted


def test_the_event_catalogue_in_docs_is_the_one_the_types_draw() -> None:
    page = (PROJECT / "docs" / "events.md").read_text(encoding="utf-8")
    assert page == catalogue(), "run `auricula events` and commit docs/events.md"


def test_every_event_has_a_description_and_its_own_type_name() -> None:
    names = [kind.model_fields["type"].default for kind in event_types()]
    assert len(names) == len(set(names)) > 20
    assert all(kind.__doc__ for kind in event_types())


def test_what_a_caller_said_never_reaches_a_log_line() -> None:
    line = redacted(TurnHeard(text="me llamo Ana", confidence=0.9, alternatives=["me llamo Hanna"]))
    assert line["text"] == REDACTED
    assert line["alternatives"] == REDACTED
    assert line["confidence"] == 0.9
