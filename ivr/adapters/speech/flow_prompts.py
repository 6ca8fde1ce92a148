"""What the switch says without the application."""

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
