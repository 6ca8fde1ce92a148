"""Appointments as they are said."""

from datetime import datetime

from ivr.actions.base import ActionContext
from ivr.actions.wishes import spoken_professional
from ivr.clinic.schemas import AppointmentView
from ivr.clock import local
from ivr.flow import speak

PROMPTS = {"con_profesional": "professional", "en_sede": "branch"}


def spoken_slot(
    context: ActionContext,
    moment: datetime,
    *,
    day: bool = True,
    professional_id: int | None = None,
    branch_id: int | None = None,
) -> str:
    """A time at local ``moment``, with its day, with whom and where if wanted."""
    conversation, directory = context.conversation, context.services.directory
    language = conversation.language
    parts = [speak.day(moment.date(), context.today, language)] if day else []
    parts.append(speak.clock_time(moment, language))
    for one in directory.professionals():
        if one.id == professional_id:
            name = spoken_professional(one, language)
            parts.append(conversation.text("con_profesional", professional=name))
    if branch_id is not None:
        parts.append(conversation.text("en_sede", branch=directory.branch(branch_id).name))
    return " ".join(parts)


def spoken_when(context: ActionContext, appointment: AppointmentView) -> str:
    """``el jueves veintiséis de noviembre a las diez y media de la mañana``."""
    language = context.conversation.language
    moment = local(appointment.starts_at, appointment.zone)
    return (
        f"{speak.day(moment.date(), context.today, language)} {speak.clock_time(moment, language)}"
    )


def spoken_appointment(context: ActionContext, appointment: AppointmentView) -> str:
    """When, with whom and, where there are several branches, in which."""
    several = len(context.services.directory.branches()) > 1
    return spoken_slot(
        context,
        local(appointment.starts_at, appointment.zone),
        professional_id=appointment.professional_id,
        branch_id=appointment.branch_id if several else None,
    )


def appointment_values(context: ActionContext, appointment: AppointmentView) -> dict[str, str]:
    """What and when, as the prompts that tell an appointment need it."""
    return {"service": appointment.service, "when": spoken_appointment(context, appointment)}
