"""REST of recordings: their audio, for those who may listen, each listening written down."""

import threading
import time
from collections import OrderedDict
from typing import Annotated

from fastapi import APIRouter, Header, Response

from ivr.agents.access import User
from ivr.calls.desk import CallDesk
from ivr.errors import NotFound
from ivr.recordings.store import RecordingStore

KEPT_S = 300.0
KEPT_BYTES = 128 * 1024 * 1024


class Listening:
    """Audio being listened to.

    A player asks for one recording in many pieces; that is one listening. The audio is
    kept decrypted in memory, for this user only, until the player has been quiet for
    :data:`KEPT_S` seconds.
    """

    def __init__(self, store: RecordingStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, str], tuple[float, bytes]] = OrderedDict()

    def audio(self, user_id: int, recording_id: str) -> bytes:
        """The WAV file; opening it anew counts as a listening."""
        key = (user_id, recording_id)
        now = time.monotonic()
        with self._lock:
            at, sound = self._kept.get(key, (0.0, b""))
            if sound and now - at < KEPT_S:
                self._keep(key, now, sound)
                return sound
        sound = self._store.open(recording_id, user_id)
        with self._lock:
            self._keep(key, now, sound)
        return sound

    def _keep(self, key: tuple[int, str], now: float, sound: bytes) -> None:
        self._kept[key] = (now, sound)
        self._kept.move_to_end(key)
        for old, (at, _) in list(self._kept.items()):
            if now - at >= KEPT_S:
                del self._kept[old]
        while sum(len(s) for _, s in self._kept.values()) > KEPT_BYTES and len(self._kept) > 1:
            self._kept.popitem(last=False)


def router(desk: CallDesk, store: RecordingStore) -> APIRouter:
    """The endpoints: ``desk`` knows who may listen, ``store`` has the audio."""
    api = APIRouter(prefix="/recordings", tags=["recordings"])
    listening = Listening(store)

    @api.get(
        "/{recording_id}/audio",
        summary="The audio, whole or a range of it",
        response_class=Response,
        responses={200: {"content": {"audio/wav": {}}}, 206: {"content": {"audio/wav": {}}}},
    )
    def recording_audio(
        recording_id: str, viewer: User, wanted: Annotated[str, Header(alias="Range")] = ""
    ) -> Response:
        if not desk.may_listen(viewer, recording_id):
            raise NotFound("There is no such recording among those you may listen to.")
        sound = listening.audio(viewer.id, recording_id)
        headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, no-store"}
        if not wanted:
            return Response(sound, media_type="audio/wav", headers=headers)
        span = byte_range(wanted, len(sound))
        if span is None:
            headers["Content-Range"] = f"bytes */{len(sound)}"
            return Response(status_code=416, headers=headers)
        first, last = span
        headers["Content-Range"] = f"bytes {first}-{last}/{len(sound)}"
        return Response(
            sound[first : last + 1], status_code=206, media_type="audio/wav", headers=headers
        )

    return api


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a ``Range`` header with one range (RFC 9110, 14.1.2).

    None when it cannot be satisfied.
    """
    unit, _, spec = header.partition("=")
    start, dash, end = spec.split(",")[0].strip().partition("-")
    if unit.strip() != "bytes" or not dash or not (start or end).isdigit():
        return None
    if not start:
        length = int(end)
        return (max(0, size - length), size - 1) if length and size else None
    first = int(start)
    last = min(int(end), size - 1) if end.isdigit() else size - 1
    return (first, last) if first <= last and first < size else None
