"""The console's languages, and which of them a new user begins with."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.clinic.model import Branch, Clinic

SPOKEN = {"es": "es-ES", "es-MX": "es-MX", "en": "en-GB"}
"""By the short names the console has for them."""
SPANISH_OF = {"es": "es-ES", "mx": "es-MX"}
"""By country."""


def first_language(session: Session, branch_id: int | None) -> str:
    """The Spanish of the user's branch, else the clinic's language; a full tag."""
    country = session.scalar(select(Branch.country).where(Branch.id == branch_id))
    clinic = session.scalar(select(Clinic.language).limit(1)) or "es-ES"
    return SPANISH_OF.get(country or "", clinic) if clinic.startswith("es") else clinic
