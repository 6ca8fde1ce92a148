"""What all events have in common."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict


class PersonalMark:
    """Marks a field that may hold a patient's data."""


PERSONAL = PersonalMark()
PersonalText = Annotated[str, PERSONAL]
PersonalData = Annotated[dict[str, Any], PERSONAL]


class EventBase(BaseModel):
    """Common behaviour of events: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
