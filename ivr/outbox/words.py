"""The words of a confirmation: when and where, never what for (minimum data)."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from icalendar import Calendar, Event

SPANISH = (
    "Su cita del {day} en {clinic}",
    """\
Hola, {given}:

Le confirmamos su cita en {clinic}:

  {day}, a las {time}
  {place}
  Referencia: {reference}

Si no puede venir, llámenos al {phone} y buscamos otro momento.

{clinic}
""",
)
ENGLISH = (
    "Your appointment on {day} at {clinic}",
    """\
Dear {given},

This confirms your appointment at {clinic}:

  {day}, {time}
  {place}
  Reference: {reference}

If you cannot come, call us on {phone} and we will find another time.

{clinic}
""",
)
TITLES = {"es": "Cita en {clinic}", "en": "Appointment at {clinic}"}


@dataclass(frozen=True)
class Told:
    """What a confirmation tells. ``zone`` and ``place`` are the branch's."""

    given: str
    clinic: str
    place: str
    phone: str
    reference: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    language: str


def confirmation(told: Told) -> tuple[str, str]:
    """Subject and text, in the clinic's language and the branch's time."""
    local = told.starts_at.astimezone(ZoneInfo(told.zone))
    locale = told.language.replace("-", "_")
    subject, text = ENGLISH if told.language.startswith("en") else SPANISH
    words = {
        "given": told.given,
        "clinic": told.clinic,
        "day": format_date(local, "full", locale=locale),
        "time": format_time(local, "short", locale=locale),
        "place": told.place,
        "phone": told.phone,
        "reference": told.reference,
    }
    return subject.format(**words), text.format(**words)


def calendar(told: Told, key: str, now: datetime) -> bytes:
    """The appointment for the patient's own calendar (RFC 5545), in UTC."""
    title = TITLES["en" if told.language.startswith("en") else "es"]
    event = Event()
    event.add("uid", key)
    event.add("dtstamp", now)
    event.add("dtstart", told.starts_at)
    event.add("dtend", told.ends_at)
    event.add("summary", title.format(clinic=told.clinic))
    event.add("location", told.place)
    made = Calendar()
    made.add("prodid", "-//Auricula//ES")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add_component(event)
    return bytes(made.to_ical())
