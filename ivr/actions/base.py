"""The ``do:`` verbs of flows: what an action declares and what it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from ivr.actions.services import Services
from ivr.clinic.schemas import AppointmentView, BranchView, PatientView
from ivr.clock import local
from ivr.errors import InvalidInput
from ivr.flow.catalogue import UNIVERSAL_OUTCOMES, ActionSpec
from ivr.flow.conversation import Conversation


@dataclass(frozen=True)
class CallFacts:
    """What is known of a call before a word is said. Numbers are E.164 or empty."""

    call_id: str
    flow: str
    flow_version: str
    ani: str = ""
    dnis: str = ""
    caller_name: str = ""
    direction: str = "inbound"
    attempt_id: int | None = None


@dataclass
class CallState:
    """What became known while the call went on, shared by its actions."""

    patient: PatientView | None = None
    first_visit: bool = False
    """The patient was unknown before this call."""
    appointment: AppointmentView | None = None
    """The last appointment the call was about."""
    recording_allowed: int | None = None
    """Id of the consent a recording rests on."""
    recording_id: str = ""
    achieved: bool = False
    """The caller got something done: hanging up now is no loss."""


@dataclass
class ActionContext:
    """Everything an action may use."""

    conversation: Conversation
    services: Services
    call: CallFacts
    state: CallState
    branch: BranchView
    """The branch called, whose clock and hours count."""
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The present moment at the branch called."""
        return local(self.services.clock.now(), self.branch.zone)

    @property
    def today(self) -> date:
        """Today at the branch called."""
        return self.now.date()


Perform = Callable[[ActionContext], str]


@dataclass(frozen=True)
class Action:
    """A registered action."""

    spec: ActionSpec
    perform: Perform


REGISTRY: dict[str, Action] = {}


def action(
    *outcomes: str,
    prompts: Mapping[str, str] | None = None,
    parameters: Mapping[str, tuple[str, ...]] | None = None,
) -> Callable[[Perform], Perform]:
    """Register a function as the action of its name.

    ``prompts`` maps each prompt it may say to the placeholders it fills in, separated by
    spaces. The first line of the docstring is the action's summary in ``docs/flows.md``.
    """

    def register(perform: Perform) -> Perform:
        summary = (perform.__doc__ or "").strip().splitlines()[0]
        spec = ActionSpec(
            name=perform.__name__,
            summary=summary,
            outcomes=outcomes,
            prompts={key: frozenset(names.split()) for key, names in (prompts or {}).items()},
            parameters=dict(parameters or {}),
        )
        REGISTRY[spec.name] = Action(spec, perform)
        return perform

    return register


def perform(context: ActionContext, name: str) -> str:
    """Run the action ``name``; its outcome is one it declares."""
    if name not in REGISTRY:
        raise InvalidInput(f"there is no action “{name}”: run “auricula check”")
    registered = REGISTRY[name]
    outcome = registered.perform(context)
    if outcome not in registered.spec.outcomes and outcome not in UNIVERSAL_OUTCOMES:
        raise InvalidInput(f"{name} returned “{outcome}”, which it does not declare")
    return outcome
