"""Tests that are lived through at the same time, because a call takes as long as it takes."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.telephone_network.system import ClinicSystem

Story = Callable[[ClinicSystem], None]


class Together:
    """The stories of one module: begun together, ``at_once`` at a time, told one by one.

    A story must not mind the others: it has callers and a branch of its own. Nothing may be
    left open once the last has ended.
    """

    def __init__(self, at_once: int = 3) -> None:
        self._at_once = at_once
        self._stories: dict[str, Story] = {}
        self._futures: dict[str, Future[None]] = {}
        self._begun = False
        self._lock = threading.Lock()

    def add(self, name: str, story: Story) -> None:
        """One more story."""
        self._stories[name] = story

    def test(self, story: Story) -> Callable[[ClinicSystem, pytest.FixtureRequest], None]:
        """Make a test of a story."""
        name = story.__name__

        def test(clinic_system: ClinicSystem, request: pytest.FixtureRequest) -> None:
            self.tell(name, clinic_system, {item.name for item in request.session.items})

        self.add(name, story)
        test.__name__, test.__doc__, test.__module__ = name, story.__doc__, story.__module__
        return test

    def tell(self, name: str, system: ClinicSystem, chosen: set[str]) -> None:
        """How one story ended; all that are ``chosen`` begin with the first. A story that is
        asked for again is lived through again."""
        self._begin(system, chosen)
        told = self._futures.pop(name, None)
        try:
            if told is None:
                self._stories[name](system)
            else:
                told.result()
        finally:
            if all(future.done() for future in self._futures.values()):
                system.assert_nothing_left_open()
                assert system.is_whole()

    def _begin(self, system: ClinicSystem, chosen: set[str]) -> None:
        with self._lock:
            if self._begun:
                return
            self._begun = True
            pool = ThreadPoolExecutor(self._at_once)
            for name, story in self._stories.items():
                if name in chosen:
                    self._futures[name] = pool.submit(story, system)
            pool.shutdown(wait=False)
