"""Numbers that a person may have called."""

import re

import phonenumbers
from phonenumbers import PhoneNumberType

from ivr.errors import InvalidInput

COSTLY = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
    }
)
"""Kinds nobody at a clinic needs and fraud lives on."""

EMERGENCY = {
    "es": frozenset({"112", "061", "062", "080", "085", "088", "091", "092"}),
    "mx": frozenset({"911", "060", "065", "066", "068", "080"}),
}
"""Called as they are: they have no prefix."""


def number_to_call(raw: str, country: str) -> str:
    """``raw``, as a person types it, as E.164, or the ``country``'s emergency number that it
    is; raises :class:`InvalidInput` with the code ``not_callable`` or ``costly_number``.

    Numbers without a prefix are taken as the ``country``'s (``es``, ``mx``).
    """
    text = re.sub(r"[\s().\-/]", "", raw)
    if text in EMERGENCY.get(country, ()):
        return text
    if not re.fullmatch(r"\+?[0-9]{6,15}", text, re.ASCII):
        raise InvalidInput(
            "Write the number with digits only, like +34612345678.", code="not_callable"
        )
    try:
        number = phonenumbers.parse(text, country.upper())
    except phonenumbers.NumberParseException:
        raise InvalidInput("This is no telephone number.", code="not_callable") from None
    if not phonenumbers.is_valid_number(number):
        raise InvalidInput("This is no telephone number.", code="not_callable")
    if phonenumbers.number_type(number) in COSTLY:
        raise InvalidInput(
            "Numbers with extra charges are not called from here.", code="costly_number"
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
