"""Appointments as they are said."""

from ivr.actions.base import ActionContext
from ivr.actions.wishes import spoken_professional
from ivr.clinic.schemas import AppointmentView
from ivr.clock import local
from ivr.flow import speak


def spoken_when(context: ActionContext, appointment: AppointmentView) -> str:
    """``el jueves veintiséis de noviembre a las diez y media de la mañana``."""
    language = context.conversation.language
    moment = local(appointment.starts_at, appointment.zone)
    return (
        f"{speak.day(moment.date(), context.today, language)} {speak.clock_time(moment, language)}"
    )


def spoken_appointment(context: ActionContext, appointment: AppointmentView) -> str:
    """When, with whom and, where there are several branches, in which."""
    conversation = context.conversation
    parts = [spoken_when(context, appointment)]
    person = next(
        (
            one
            for one in context.services.directory.professionals()
            if one.id == appointment.professional_id
        ),
        None,
    )
    if person:
        name = spoken_professional(person, conversation.language)
        parts.append(conversation.text("con_profesional", professional=name))
    if len(context.services.directory.branches()) > 1:
        parts.append(conversation.text("en_sede", branch=appointment.branch))
    return " ".join(parts)
