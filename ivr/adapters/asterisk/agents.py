"""Keeps the agents' phones that Asterisk knows the same as the console's accounts."""

import threading
from collections.abc import Callable, Iterable, Sequence

import structlog

from ivr.adapters.asterisk import config
from ivr.adapters.asterisk.manage import reload
from ivr.config import Settings
from ivr.database import DATABASE_ERRORS
from ivr.errors import AuriculaError
from ivr.secrets import Secrets

RETRY_S = 5.0

log = structlog.get_logger(__name__)


class AgentPhones:
    """``usernames`` gives the accounts that have a phone now."""

    def __init__(
        self, settings: Settings, secrets: Secrets, usernames: Callable[[], Sequence[str]]
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._usernames = usernames
        self._unread = False
        """Written, and not read by Asterisk yet."""
        self._stop = threading.Event()

    def start(self, changes: Callable[[threading.Event], Iterable[None]]) -> None:
        """Follow ``changes`` of the accounts (it ends soon after its flag is set) in the
        background."""
        threading.Thread(target=self._run, args=(changes,), name="phones", daemon=True).start()

    def stop(self) -> None:
        """Follow no more."""
        self._stop.set()

    def refresh(self) -> None:
        """Write the phones; Asterisk reads them at once if they differ. Raises
        :class:`Unavailable` when it cannot be told: call again."""
        target = config.paths(self._settings).etc / config.AGENTS
        before = target.read_text() if target.exists() else ""
        config.render_agents(self._settings, self._secrets, self._usernames())
        self._unread = self._unread or target.read_text() != before
        if self._unread:
            reload(self._settings, self._secrets, "res_pjsip.so")
            self._unread = False
            log.info("agents' phones changed")

    def _run(self, changes: Callable[[threading.Event], Iterable[None]]) -> None:
        while not self._stop.is_set():
            try:
                for _ in changes(self._stop):
                    self.refresh()
            except (AuriculaError, OSError, *DATABASE_ERRORS) as error:
                log.warning("agents' phones not told to Asterisk", error=type(error).__name__)
                self._stop.wait(RETRY_S)
