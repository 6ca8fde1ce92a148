"""Who the call is for. A number and a date of birth that belong together identify a
patient (nothing about an appointment is read out before); a caller nobody knows leaves
name and number."""

from datetime import date

from ivr.actions.base import ActionContext, action
from ivr.clinic.schemas import PatientView
from ivr.flow import speak
from ivr.flow.conversation import Conversation
from ivr.flow.questions import Question, Reading
from ivr.flow.signals import Exhausted
from ivr.language.model import Dates

FORESEEN = 3
"""Patients of one number whose sentences are spoken ahead."""
OLDEST = 120
"""Years; an earlier date of birth is a slip."""
PROMPTS = {
    "pide_fecha_nacimiento": "",
    "pide_fecha_nacimiento_otra_vez": "",
    "pide_fecha_nacimiento_teclas": "",
    "fecha_no_coincide": "",
    "es_primera_vez": "",
    "pide_telefono": "",
    "pide_telefono_teclas": "",
    "quien_de_los_dos": "names",
    "aviso_datos": "",
    "pide_nombre": "",
    "pide_nombre_otra_vez": "",
    "confirma_nombre": "name",
    "nombre_luego": "",
    "identificado": "name",
    "opcion_con_tecla": "option key",
}
UNNAMED = ("Paciente", "nuevo")
"""Name of a caller who could only press keys; reception asks for it."""


@action("identified", "new", "not_found", prompts=PROMPTS)
def identify_patient(context: ActionContext) -> str:
    """Find out who the call is for: by number and date of birth, or as a new patient."""
    return identify(context)


def identify(context: ActionContext, *, allow_new: bool = True) -> str:
    """Identify the patient once in a call.

    ``identified``, ``new`` (only with ``allow_new``) or ``not_found``: somebody who says
    they have been here, but whose number and birth date do not meet.
    """
    if context.state.patient is not None:
        return "new" if context.state.first_visit else "identified"
    conversation, patients = context.conversation, context.services.patients
    number = context.call.ani
    candidates = patients.by_number(number)
    if not candidates:
        if allow_new and _first_time(conversation):
            return _new_patient(context, number)
        number = ask_number(conversation)
        candidates = patients.by_number(number)
    for one in candidates[:FORESEEN]:
        conversation.foresee("identificado", name=one.given)
    for prompt in ("pide_fecha_nacimiento", "pide_fecha_nacimiento_otra_vez"):
        born = ask_birth_date(context, prompt)
        found = [one for one in candidates if one.birth_date == born]
        if found:
            patient = found[0] if len(found) == 1 else _which(conversation, found)
            _identified(context, patient)
            return "identified"
        conversation.say("fecha_no_coincide")
    if allow_new and _first_time(conversation):
        return _new_patient(context, number, born)
    return "not_found"


def _identified(context: ActionContext, patient: PatientView) -> None:
    context.state.patient = patient
    context.services.calls.set_patient(context.call.call_id, patient.id, "phone_and_birth_date")
    context.conversation.say("identificado", name=patient.given)


def _first_time(conversation: Conversation) -> bool:
    """Whether the patient is new; "no es la primera vez" means no."""

    def read(words: str) -> Reading | None:
        chosen = conversation.texts.choose(("ya_paciente", "primera_vez"), words)
        if chosen:
            return Reading(chosen[0] == "primera_vez", 1.0, "choice")
        return conversation.read_yesno(words)

    return bool(
        conversation.ask(
            Question(
                prompt="es_primera_vez",
                read_words=read,
                read_keys={"1": True, "2": False}.get,
                kinds=("yesno",),
            )
        ).value
    )


# --- Questions -----------------------------------------------------------------------------


def ask_birth_date(context: ActionContext, prompt: str = "pide_fecha_nacimiento") -> date:
    """A date of birth, spoken, or keyed as eight digits: day, month, year."""
    conversation, today = context.conversation, context.today

    def read_words(words: str) -> Reading | None:
        reading = conversation.read("birth_date", words)
        if reading is None or not isinstance(reading.value, Dates) or reading.value.day is None:
            return None
        return Reading(reading.value.day, reading.confidence, "birth_date")

    answer = conversation.ask(
        Question(
            prompt=prompt,
            keys_prompt="pide_fecha_nacimiento_teclas",
            read_words=read_words,
            read_keys=lambda digits: keyed_birth_date(digits, today),
            kinds=("birth_date",),
            keys=8,
            dictation=True,
            plausible="take",
        )
    )
    born: date = answer.value
    return born


def keyed_birth_date(digits: str, today: date) -> date | None:
    """``14031988`` → 14 March 1988; ``None`` when that is no past day."""
    if len(digits) != 8 or not digits.isdigit():
        return None
    try:
        born = date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return None
    return born if today.year - OLDEST <= born.year and born <= today else None


def ask_number(conversation: Conversation) -> str:
    """A telephone number, spoken or keyed, as E.164."""

    def read(words: str) -> Reading | None:
        return conversation.read("phone", words)

    def read_keys(digits: str) -> str | None:
        reading = read(digits) if len(digits) >= 9 else None
        return str(reading.value) if reading else None

    answer = conversation.ask(
        Question(
            prompt="pide_telefono",
            keys_prompt="pide_telefono_teclas",
            read_words=read,
            read_keys=read_keys,
            kinds=("phone",),
            keys=15,
            dictation=True,
        )
    )
    return str(answer.value)


def _which(conversation: Conversation, found: list[PatientView]) -> PatientView:
    """One of several born the same day (twins share phone and birth date)."""

    def key(index: int) -> str:
        return speak.number(index + 1, conversation.language)

    names = "; ".join(
        conversation.text("opcion_con_tecla", option=one.given, key=key(index))
        for index, one in enumerate(found)
    )
    by_key = {str(index + 1): index for index in range(len(found))}

    def read(words: str) -> Reading | None:
        said = {word for word in words.lower().split()}
        named = [i for i, one in enumerate(found) if one.given.lower().split()[0] in said]
        return Reading(named[0], 1.0, "name") if len(named) == 1 else None

    answer = conversation.ask(
        Question(
            prompt="quien_de_los_dos",
            read_words=read,
            read_keys=by_key.get,
            kinds=("name",),
            hints=tuple(one.given for one in found),
            values={"names": names},
        )
    )
    return found[int(answer.value)]


# --- Somebody new --------------------------------------------------------------------------


def _new_patient(context: ActionContext, number: str, born: date | None = None) -> str:
    """Take name and number; the notice about data comes first (GDPR art. 13; Mexico,
    LFPDPPP art. 16)."""
    conversation = context.conversation
    conversation.say("aviso_datos")
    if not number:
        number = ask_number(conversation)
    given, family = _ask_name(conversation)
    if born is None:
        born = ask_birth_date(context)
    patient = context.services.patients.create_provisional(
        given, family, number, born, language=conversation.language, branch_id=context.branch.id
    )
    context.state.patient = patient
    context.state.first_visit = True
    context.services.calls.set_patient(context.call.call_id, patient.id, "new")
    return "new"


def _ask_name(conversation: Conversation) -> tuple[str, str]:
    """Given and family names; a caller who can only press keys is named later."""
    if conversation.by_keys and not conversation.phone.can_hear:
        conversation.say("nombre_luego")
        return UNNAMED
    for prompt in ("pide_nombre", "pide_nombre_otra_vez"):
        try:
            answer = conversation.ask_or_give_up(
                Question(
                    prompt=prompt,
                    read_words=lambda words: conversation.read("name", words),
                    read_keys=lambda digits: "keys" if digits == "1" else None,
                    kinds=("name",),
                    dictation=True,
                    plausible="take",
                )
            )
        except Exhausted:
            break
        if answer.how == "key":
            break
        given, family = str(answer.value["given"]), str(answer.value["family"])
        if conversation.yesno("confirma_nombre", fresh=True, name=f"{given} {family}".strip()):
            return given, family
    conversation.say("nombre_luego")
    return UNNAMED
