"""``book_appointment``: from "quería una cita" to a reference number."""

from dataclasses import replace

from ivr.actions import identity, offers
from ivr.actions.base import ActionContext, action
from ivr.actions.identity import identify
from ivr.actions.offers import Offers, Purpose
from ivr.actions.spoken import spoken_appointment
from ivr.actions.wishes import Wishes, WishReader
from ivr.clinic.schemas import AppointmentView
from ivr.flow import speak

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


@action("booked", "not_booked", "waiting_list", "not_found", prompts=PROMPTS)
def book_appointment(context: ActionContext) -> str:
    """Book an appointment: what, with whom, when; offered, read back, confirmed, written."""
    conversation = context.conversation
    reader = WishReader(context, ())
    wishes = Wishes()
    said = conversation.take_said("book", "urgency")
    if said is not None:
        wishes, _ = reader.update(wishes, said.text)
    who = identify(context)
    if who == "not_found":
        return "not_found"
    patient = context.state.patient
    assert patient is not None
    if who == "new":
        first = next((s for s in reader.services if s.first_visit), None)
        wishes = replace(wishes, service=first or wishes.service)

    def read_back(held: AppointmentView) -> dict[str, str]:
        return {
            "service": held.service,
            "name": patient.given,
            "when": spoken_appointment(context, held),
        }

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


def _waiting_list(context: ActionContext, wishes: Wishes) -> str:
    patient = context.state.patient
    if wishes.service is None or patient is None:
        return "not_booked"
    if not context.conversation.yesno("cita_sin_huecos"):
        return "not_booked"
    context.services.waiting.add(
        patient_id=patient.id,
        service_id=wishes.service.id,
        professional_id=wishes.professional.id if wishes.professional else None,
        branch_id=wishes.branch.id if wishes.branch else context.branch.id,
    )
    context.state.achieved = True
    context.conversation.say("en_lista_de_espera")
    return "waiting_list"
