"""What callers agree to and what they refuse."""

from typing import Literal

from ivr.actions.base import ActionContext, action
from ivr.flow.questions import Question, Reading
from ivr.flow.signals import Exhausted, Signal

RECORDING = "recording"
AUTOMATED_CALLS = "automated_calls"


@action("granted", "refused", prompts={"pide_grabacion": "", "no_se_graba": "", "se_graba": ""})
def ask_recording_consent(context: ActionContext) -> str:
    """Ask to record the call; only a yes, by key or word, counts as one.

    Asked once: silence and anything unclear go on unrecorded (GDPR art. 4.11: consent is
    an unambiguous act).
    """
    conversation = context.conversation
    if not context.services.directory.clinic().settings.get("record_calls", True):
        return "refused"

    def note(
        decision: Literal["granted", "refused", "unanswered"],
        how: Literal["key", "voice", "silence", "unclear"],
    ) -> int:
        return context.services.ledger.record(
            purpose=RECORDING,
            decision=decision,
            how=how,
            wording_version=conversation.texts.wording_version("pide_grabacion"),
            call_id=context.call.call_id,
            number=context.call.ani,
            language=conversation.language,
        )

    def read(words: str) -> Reading | None:
        if conversation.understand("intent", words):
            return None  # "quiero una cita" is no consent to being recorded
        return conversation.read_yesno(words)

    try:
        answer = conversation.ask_or_give_up(
            Question(
                prompt="pide_grabacion",
                read_words=read,
                read_keys={"1": True, "2": False}.get,
                kinds=("yesno",),
                fresh=True,
                plausible="refuse",
                retries=0,
                silence_retries=0,
            )
        )
    except Exhausted as exhausted:
        note("unanswered", "silence" if exhausted.silent else "unclear")
        return "refused"
    except Signal:
        note("unanswered", "unclear")
        raise
    if answer.value:
        context.state.recording_allowed = note("granted", answer.how)
        conversation.say("se_graba")
        return "granted"
    note("refused", answer.how)
    conversation.say("no_se_graba")
    return "refused"


@action("opted_out", "kept", prompts={"baja_confirmar": "", "baja_hecha": "", "baja_no": ""})
def opt_out(context: ActionContext) -> str:
    """ "No me llamen más": no more automated calls to this number, at once."""
    conversation, call = context.conversation, context.call
    conversation.take_said("opt_out")
    if not conversation.yesno("baja_confirmar", agreeing=frozenset({"opt_out"}), fresh=True):
        conversation.say("baja_no")
        return "kept"
    patient = context.state.patient
    number = call.ani or call.dnis
    everybody_there: list[int | None] = [None] if number else []
    for patient_id in [*everybody_there, *([patient.id] if patient else [])]:
        context.services.ledger.record(
            purpose=AUTOMATED_CALLS,
            decision="revoked",
            how="key" if conversation.by_keys else "voice",
            wording_version=conversation.texts.wording_version("baja_confirmar"),
            call_id=call.call_id,
            patient_id=patient_id,
            number=number,
            language=conversation.language,
        )
    if call.attempt_id is not None:
        context.services.reminders.finish(call.attempt_id, "opted_out")
    context.state.achieved = True
    conversation.say("baja_hecha")
    return "opted_out"
