"""The end of a session ends its websockets, and only those; a database that is away ends none."""

import asyncio
from collections.abc import Collection

import pytest
from sqlalchemy.exc import OperationalError

from ivr.agents.service import Accounts
from ivr.clock import FixedClock
from ivr.database import Database
from ivr.web import attendance
from ivr.web.attendance import SESSION_ENDED, Attendance


class Book(Accounts):
    """Notes what it is asked, and may be away."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        super().__init__(database, clock)
        self.open = {"eva", "noa"}
        self.asked: list[set[str]] = []
        self.away: Exception | None = None

    def lasting(self, tokens: Collection[str]) -> set[str]:
        self.asked.append(set(tokens))
        if self.away is not None:
            raise self.away
        return self.open & set(tokens)


@pytest.fixture
def book(database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Book:
    monkeypatch.setattr(attendance, "CHECK_S", 0.01)
    return Book(database, clock)


async def questions(book: Book, more: int) -> None:
    """Wait until so many have been asked."""
    wanted = len(book.asked) + more
    async with asyncio.timeout(10):
        while len(book.asked) < wanted:
            await asyncio.sleep(0.005)


def test_all_are_asked_for_at_once_and_each_ends_with_its_session(book: Book) -> None:
    async def play() -> None:
        here = Attendance(book)
        screen, phone, other = (
            asyncio.create_task(here.over(token)) for token in ("eva", "eva", "noa")
        )
        await questions(book, 2)
        assert all(asked == {"eva", "noa"} for asked in book.asked)
        assert not (screen.done() or phone.done() or other.done())
        book.open.discard("eva")
        async with asyncio.timeout(10):
            assert [await screen, await phone] == [(SESSION_ENDED, "session_ended")] * 2
        await questions(book, 2)
        assert not other.done()
        assert book.asked[-1] == {"noa"}
        other.cancel()

    asyncio.run(play())


@pytest.mark.parametrize(
    "away",
    [OperationalError("SELECT", {}, ConnectionError("away")), RuntimeError("no more threads")],
    ids=["database", "anything"],
)
def test_what_cannot_be_asked_ends_no_session_and_is_asked_again(
    book: Book, away: Exception
) -> None:
    async def play() -> None:
        waiting = asyncio.create_task(Attendance(book).over("eva"))
        book.away = away
        book.open.clear()
        await questions(book, 3)
        assert not waiting.done()
        book.away = None
        async with asyncio.timeout(10):
            assert (await waiting)[0] == SESSION_ENDED

    asyncio.run(play())


def test_nothing_is_asked_while_nobody_is_there_and_again_when_somebody_comes(book: Book) -> None:
    async def play() -> None:
        here = Attendance(book)
        first = asyncio.create_task(here.over("eva"))
        await questions(book, 1)
        first.cancel()
        await asyncio.wait([first])
        quiet = len(book.asked) + 1  # one may have been on its way
        await asyncio.sleep(0.2)
        assert len(book.asked) <= quiet
        second = asyncio.create_task(here.over("noa"))
        await questions(book, 1)
        book.open.clear()
        async with asyncio.timeout(10):
            await second

    asyncio.run(play())
