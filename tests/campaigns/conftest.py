"""The small clinic."""

from tests.clinic.conftest import world

__all__ = ["world"]
