"""Tells a running Asterisk to read its configuration again."""

from ivr.adapters.asterisk.ami import AmiClient
from ivr.config import Settings
from ivr.errors import Unavailable
from ivr.secrets import Secrets

CONNECT_S = 5.0


def reload(settings: Settings, secrets: Secrets, *modules: str) -> None:
    """Let these modules read their files again. Raises :class:`Unavailable` when Asterisk's
    manager does not answer."""
    manager = AmiClient(
        settings.ami_host, settings.ami_port, username="reload", secret=secrets.ami_reload
    )
    manager.connect()
    try:
        if not manager.wait_connected(CONNECT_S):
            raise Unavailable("Asterisk's manager does not answer: is it running?")
        for module in modules:
            manager.action("Reload", {"Module": module})
    finally:
        manager.disconnect()
