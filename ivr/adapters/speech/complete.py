"""Whether words answer a turn in full, so that the end of speech need not be waited for."""

import re

from ivr.ports import Expectation

_YES_OR_NO = re.compile(
    r"(?:pues )?(?:s[ií](?:,? (?:s[ií]|claro|por favor|gracias|señora?|correcto))*"
    r"|no(?:,? (?:no|gracias))*|claro(?: que s[ií])?|de acuerdo|correcto|vale|por supuesto)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?:a|sobre) las? (?:\w+|\d{1,2}(?::\d\d)?)"
    r"(?: (?:y (?:media|cuarto|\w+)|menos (?:cuarto|\w+)|en punto|de la (?:mañana|tarde|noche)))+",
    re.IGNORECASE,
)
_WHOLE = {"yesno": _YES_OR_NO, "time": _TIME}


def complete(text: str, expect: Expectation) -> bool:
    """True when ``text`` is all that a turn of ``expect.kinds`` can want."""
    plain = re.sub(r"[.,;:!¡¿?]+", "", text).strip()
    return any(
        kind in _WHOLE and _WHOLE[kind].fullmatch(plain) is not None for kind in expect.kinds
    )
