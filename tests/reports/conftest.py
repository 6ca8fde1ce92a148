"""The reception of the agents' tests."""

from tests.agents.conftest import reception, states, switch

__all__ = ["reception", "states", "switch"]
