"""``book_appointment``: from "quería una cita" to a reference number."""

from dataclasses import replace

from ivr.actions import asking, identity, offers
from ivr.actions.asking import Asking
from ivr.actions.base import ActionContext, action
from ivr.actions.identity import identify
from ivr.actions.offers import Offers, Purpose
from ivr.actions.options import branches_to_choose
from ivr.actions.spoken import spoken_appointment
from ivr.actions.wishes import WishReader
from ivr.clinic.schemas import AppointmentView
from ivr.clinic.wishes import Wishes
from ivr.flow import speak
from ivr.language.model import Dates

PROMPTS = {
    **identity.PROMPTS,
    **offers.PROMPTS,
    "cita_leer": "service name when",
    "cita_confirmada": "when reference",
    "cita_preparacion": "preparation",
    "cita_sin_huecos": "",
    "en_lista_de_espera": "",
    "cita_no_reservada": "",
}


@action(
    "booked",
    "not_booked",
    "waiting_list",
    "not_found",
    prompts=PROMPTS,
    parameters={"soonest": ("yes", "no")},
)
def book_appointment(context: ActionContext) -> str:
    """Book an appointment: what, with whom, when; offered, read back, confirmed, written."""
    conversation = context.conversation
    reader = WishReader(context, branches_to_choose(context))
    wishes = Wishes()
    if context.parameters.get("soonest") == "yes":
        wishes = replace(wishes, dates=Dates(earliest=True), anyone=True)
    said = conversation.take_said("book", "third_party", "urgency")
    if said is not None:
        wishes, _ = reader.update(wishes, said.text)
    who = identify(context)
    if who == "not_found":
        return "not_found"
    patient = context.state.patient
    assert patient is not None

    def read_back(service: str, when: str) -> dict[str, str]:
        return {"service": service, "name": patient.given, "when": when}

    def commit(held: AppointmentView) -> AppointmentView:
        return context.services.agenda.book(
            held.id, patient_id=patient.id, call_id=context.call.call_id
        )

    dialogue = Offers(context, wishes, Purpose("cita_leer", read_back, commit))
    ended = dialogue.run()
    if ended == "nothing":
        return _waiting_list(context, dialogue.wishes)
    if ended == "declined" or dialogue.result is None:
        conversation.say("cita_no_reservada")
        return "not_booked"
    tell_booked(context, dialogue.result)
    return "booked"


def tell_booked(context: ActionContext, booked: AppointmentView) -> None:
    """Say that it is done; only ever after the commit."""
    conversation = context.conversation
    context.state.appointment = booked
    context.state.achieved = True
    conversation.say(
        "cita_confirmada",
        when=spoken_appointment(context, booked),
        reference=speak.digits(booked.reference, conversation.language),
    )
    if booked.preparation:
        conversation.say("cita_preparacion", preparation=booked.preparation)


@action(
    "joined",
    "not_joined",
    "not_found",
    prompts={
        **identity.PROMPTS,
        **asking.PROMPTS,
        "en_lista_de_espera": "",
        "espera_leer": "service",
    },
)
def join_waiting_list(context: ActionContext) -> str:
    """Put the patient on the waiting list for a service, to be told of a free slot."""
    said = context.conversation.take_said("waiting_list")
    if identify(context) == "not_found":
        return "not_found"
    asks = Asking(context, Wishes())
    if said is not None:
        asks.wishes, _ = asks.reader.update(asks.wishes, said.text)
    service = asks.service()
    if not context.conversation.yesno("espera_leer", fresh=True, service=service.name):
        return "not_joined"
    _wait(context, asks.wishes)
    return "joined"


def _waiting_list(context: ActionContext, wishes: Wishes) -> str:
    if wishes.service is None or not context.conversation.yesno("cita_sin_huecos", fresh=True):
        return "not_booked"
    _wait(context, wishes)
    return "waiting_list"


def _wait(context: ActionContext, wishes: Wishes) -> None:
    patient = context.state.patient
    assert patient is not None and wishes.service is not None
    context.services.waiting.add(
        patient_id=patient.id,
        service_id=wishes.service.id,
        professional_id=wishes.professional.id if wishes.professional else None,
        branch_id=wishes.branch.id if wishes.branch else context.branch.id,
    )
    context.state.achieved = True
    context.conversation.say("en_lista_de_espera")
