"""The ``do:`` verbs of flows. Importing this package registers them all."""

from ivr.actions import (
    appointments,
    booking,
    consents,
    identity,
    information,
    intents,
    messages,
    reminders,
)
from ivr.actions.base import REGISTRY
from ivr.flow.catalogue import Catalogue

__all__ = [
    "appointments",
    "booking",
    "catalogue",
    "consents",
    "identity",
    "information",
    "intents",
    "messages",
    "reminders",
]


def catalogue() -> Catalogue:
    """Every action's face, for the checker."""
    return {name: registered.spec for name, registered in REGISTRY.items()}
