"""Whose session is over, asked for all websockets at once."""

import asyncio

import structlog

from ivr.agents.service import Accounts

CHECK_S = 15.0
"""How often the sessions of open websockets are looked at."""
SESSION_ENDED = 4401

log = structlog.get_logger(__name__)


class Attendance:
    """Lets every websocket wait for the end of its session.

    All are asked for with one question: fifty screens that each asked for themselves, and at
    the same moment, since they had come together, held up what all of them wait for.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._waiting: dict[asyncio.Future[None], str] = {}
        self._asking: asyncio.Task[None] | None = None

    async def over(self, token: str) -> tuple[int, str]:
        """Wait for the end of a session; how its websockets are closed then. A database that
        does not answer ends none."""
        ended = asyncio.get_running_loop().create_future()
        self._waiting[ended] = token
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            await ended
        finally:
            del self._waiting[ended]
        return SESSION_ENDED, "session_ended"

    async def _ask(self) -> None:
        while self._waiting:
            await asyncio.sleep(CHECK_S)
            if not (asked := set(self._waiting.values())):
                continue
            try:
                lasting = await asyncio.to_thread(self._accounts.lasting, asked)
            except Exception as error:  # whatever it is, the others are asked for again
                log.warning("sessions not looked at", error=type(error).__name__)
                continue
            for ended, token in self._waiting.items():
                if token in asked - lasting and not ended.done():
                    ended.set_result(None)
