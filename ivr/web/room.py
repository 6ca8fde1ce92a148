"""The wallboard, pushed: computed once after something happened, sent to every supervisor who
has it on the screen."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ivr.agents.viewer import Viewer
from ivr.calls.schemas import NumberedEvent
from ivr.queues.board import Boards, seen_by
from ivr.web.audience import CallOnAir, Desk
from ivr.web.hub import Hub
from ivr.web.messages import BoardShown
from ivr.web.post import Outbox

GATHER_S = 0.2
"""What happens within this time is shown together."""
SHOWN = frozenset(
    {
        "call.started",
        "call.ended",
        "queue.joined",
        "queue.left",
        "queue.moved",
        "queue.place_kept",
        "queue.place_changed",
        "agent.ringing",
        "agent.no_answer",
        "agent.connected",
        "agent.disconnected",
        "agent.state",
        "patient.identified",
    }
)

log = structlog.get_logger(__name__)


class Room:
    """Keeps the supervisors' boards up to date."""

    def __init__(self, hub: Hub, boards: Boards) -> None:
        self._hub = hub
        self._boards = boards
        self._changed = asyncio.Event()
        hub.watchers.append(self._note)

    def shown(self, desk: Desk, on_screen: bool) -> None:
        """A screen shows the wallboard from now on, or does no more."""
        desk.board = on_screen
        if on_screen:
            self._changed.set()

    async def run(self) -> None:
        """Push until cancelled; a database that is away costs a board."""
        while True:
            await self._changed.wait()
            await asyncio.sleep(GATHER_S)
            self._changed.clear()
            screens = self._screens()
            if not screens:
                continue
            try:
                board = await asyncio.to_thread(self._boards.read)
            except SQLAlchemyError as error:
                log.warning("board not computed", error=type(error).__name__)
                continue
            texts: dict[int | None, str] = {}
            for outbox, viewer in screens:
                if viewer.branch_id not in texts:
                    shown = BoardShown(board=seen_by(board, viewer))
                    texts[viewer.branch_id] = shown.model_dump_json()
                outbox.put_other(texts[viewer.branch_id])

    def _note(self, event: NumberedEvent, _call: CallOnAir | None) -> None:
        if event.type in SHOWN:
            self._changed.set()

    def _screens(self) -> list[tuple[Outbox, Viewer]]:
        return [
            (outbox, outbox.audience.viewer)
            for outbox in self._hub.outboxes
            if isinstance(outbox.audience, Desk)
            and outbox.audience.board
            and outbox.audience.viewer.supervises
        ]
