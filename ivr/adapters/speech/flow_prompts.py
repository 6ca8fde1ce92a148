"""The texts that can be rendered before anybody calls."""

from pathlib import Path

import yaml

from ivr.errors import InvalidInput

DIALPLAN_PROMPTS = {
    "no-agents": (
        "En este momento no hay nadie disponible para atenderle. Puede dejarnos un mensaje "
        "después de la señal y le llamaremos lo antes posible."
    ),
    "please-wait": "Un momento, por favor. Enseguida le atendemos.",
    "leave-message": (
        "Por favor, díganos su nombre, su teléfono y el motivo de su llamada después de la "
        "señal. Cuando termine, puede colgar."
    ),
    "queue-periodic": (
        "Seguimos atendiendo otras llamadas. Si prefiere que le llamemos cuando le toque, sin "
        "perder su lugar, pulse uno. Para dejar un mensaje, pulse nueve."
    ),
    "place-kept": (
        "De acuerdo. Guardamos su lugar y le llamaremos a este número cuando le toque. "
        "Ya puede colgar."
    ),
    "called-back": ("Le llamamos de la clínica, como nos pidió. Enseguida le atiende una persona."),
    "queue-youarenext": "Es usted la siguiente persona.",
    "queue-thereare": "Su lugar en la espera es el",
    "queue-callswaiting": "Enseguida le atendemos.",
    "queue-holdtime": "El tiempo de espera estimado, en minutos, es de",
    "queue-thankyou": "Gracias por esperar.",
    "thanks": "Gracias por llamar. Hasta pronto.",
}
"""What the dialplan says by itself when the application is not there, by sound file."""
DIALPLAN_LANGUAGE = "es-ES"


def fixed_texts(folder: Path) -> list[tuple[str, str]]:
    """Every ``(text, language)`` of ``folder/<language>.yaml`` that has no placeholder.

    A file maps a prompt's key to its text or to a list of variants. Raises
    :class:`InvalidInput` naming the file that cannot be read.
    """
    texts: list[tuple[str, str]] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise InvalidInput(f"cannot read the prompts in {path}: {error}") from error
        if not isinstance(data, dict):
            raise InvalidInput(f"{path} must map prompt keys to texts")
        for value in data.values():
            texts.extend((text, path.stem) for text in _texts(value) if "{" not in text)
    return texts


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return []
