import gc
import weakref

from ivr.interpreter import keep_what_is_loaded


class Word:
    """Something that refers to itself, so that only the collector could free it."""

    def __init__(self) -> None:
        self.itself = self


def test_the_collector_passes_over_what_was_loaded_and_frees_what_comes_later() -> None:
    early = Word()
    try:
        keep_what_is_loaded()
        late = Word()
        kept, freed = weakref.ref(early), weakref.ref(late)
        del early, late
        gc.collect()
        assert kept() is not None and freed() is None
    finally:
        gc.unfreeze()
    gc.collect()
    assert kept() is None
