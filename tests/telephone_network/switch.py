"""The clinic's own Asterisk, looked at from beside the product."""

import threading
import time
from collections.abc import Mapping

from tests.telephone_network.ami import Manager, Packet
from tests.telephone_network.person import NotHeard

COLLEAGUES = 6


class Switch:
    """Every manager event of the clinic's Asterisk, kept and waited for."""

    def __init__(self, port: int, secret: str) -> None:
        self._packets: list[Packet] = []
        self._news = threading.Condition()
        self.manager = Manager(port, secret, self._note)
        self.wait_for("FullyBooted", since=0, timeout=30)

    def close(self) -> None:
        """Disconnect."""
        self.manager.close()

    def mark(self) -> int:
        """How many events there were so far: hand it to :meth:`wait_for`."""
        with self._news:
            return len(self._packets)

    def wait_for(self, event: str, *, since: int, timeout: float = 10, **fields: str) -> Packet:
        """The first ``event`` after ``since`` with these fields."""
        wanted: Mapping[str, str] = {"Event": event, **fields}
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                for packet in self._packets[since:]:
                    if wanted.items() <= packet.items():
                        return packet
                left = deadline - time.monotonic()
                if left <= 0:
                    seen = sorted({packet["Event"] for packet in self._packets[since:]})
                    raise NotHeard(f"waited {timeout:g} s for {dict(wanted)}; there were {seen}")
                self._news.wait(left)

    def channels(self) -> list[Packet]:
        """Open channels."""
        return self.manager.rows("CoreShowChannels")

    def waiting(self, queue: str = "recepcion") -> list[Packet]:
        """Callers in a queue."""
        rows = self.manager.rows("QueueStatus", Queue=queue)
        return [row for row in rows if row["Event"] == "QueueEntry"]

    def staff_reception(self, queue: str = "recepcion") -> None:
        """People come who take the calls of a queue, each one at a time."""
        for number in range(COLLEAGUES):
            self.manager.action(
                "QueueAdd",
                Queue=queue,
                Interface=f"Local/colleague-{number}@people",
                MemberName=f"colleague-{number}",
            )

    def empty_reception(self, queue: str = "recepcion") -> None:
        """Nobody is there any more."""
        for number in range(COLLEAGUES):
            self.manager.action(
                "QueueRemove", Queue=queue, Interface=f"Local/colleague-{number}@people"
            )

    def _note(self, packet: Packet) -> None:
        with self._news:
            self._packets.append(packet)
            self._news.notify_all()
