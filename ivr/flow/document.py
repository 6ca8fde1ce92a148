"""A call flow as written: the YAML of ``callflows/*.yaml`` read into plain data.

Every value keeps the line it stands on, so that a mistake found later can be shown. The
language is told in ``docs/flows.md``; what is *wrong* in a flow that can be read is the
matter of :mod:`ivr.flow.check`.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from ivr.flow.problems import Problem, did_you_mean

STEP_KEYS: dict[str, frozenset[str]] = {
    "say": frozenset({"next"}),
    "menu": frozenset({"choices", "silence", "not_understood"}),
    "ask": frozenset({"kind", "save", "next", "silence", "not_understood"}),
    "do": frozenset({"with"}),
    "transfer": frozenset({"to", "urgent", "prompt"}),
    "record": frozenset({"next"}),
    "voicemail": frozenset({"prompt"}),
    "goto": frozenset(),
    "hangup": frozenset(),
}
"""The verbs and the keys each may carry; ``do`` also takes its action's outcomes."""

FLOW_KEYS = frozenset(
    {"flow", "language", "start", "person", "urgency", "urgency_today", "intents", "steps"}
)
ENDS = frozenset({"transfer", "voicemail", "hangup"})
"""Verbs after which the flow is over."""


@dataclass(frozen=True)
class Target:
    """A step's name, written somewhere as the place to go on."""

    step: str
    line: int


@dataclass(frozen=True)
class Fallback:
    """After ``retry`` repetitions the call goes to ``target``."""

    retry: int
    target: Target


@dataclass(frozen=True)
class Choice:
    """One option of a menu: a key and the words that mean the same."""

    key: str
    heard: str
    target: Target
    line: int


@dataclass(frozen=True)
class Step:
    """One step: a verb, what it is applied to, and where the call goes on."""

    name: str
    verb: str
    argument: str
    line: int
    next: Target | None = None
    choices: tuple[Choice, ...] = ()
    silence: Fallback | None = None
    not_understood: Fallback | None = None
    outcomes: dict[str, Target] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    kind: str = ""
    save: str = ""
    prompt: str = ""
    to: str = "queue"
    urgent: bool = False

    def targets(self) -> Iterator[Target]:
        """Every place the call can go from here."""
        if self.next:
            yield self.next
        for choice in self.choices:
            yield choice.target
        for fallback in (self.silence, self.not_understood):
            if fallback:
                yield fallback.target
        yield from self.outcomes.values()
        if self.verb == "goto":
            yield Target(self.argument, self.line)


@dataclass(frozen=True)
class Flow:
    """A whole flow. ``version`` is the hash of its text."""

    name: str
    language: str
    version: str
    path: Path
    start: Target
    person: Target
    urgency: Target
    urgency_today: Target | None
    intents: dict[str, Target]
    steps: dict[str, Step]

    def shared_targets(self) -> Iterator[Target]:
        """Steps reached from anywhere: person, urgencies and what callers ask for."""
        yield self.person
        yield self.urgency
        if self.urgency_today:
            yield self.urgency_today
        yield from self.intents.values()


def parse(text: str, path: Path) -> tuple[Flow | None, list[Problem]]:
    """Read a flow; ``None`` when it cannot be run at all. Problems say why."""
    reader = _Reader(path)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        reader.add(line, f"this is not YAML: {error.problem}", "Check indentation and quotes.")
        return None, reader.problems
    if not isinstance(root, MappingNode):
        reader.add(1, "the file holds no flow", "Begin with “flow:”, “start:” and “steps:”.")
        return None, reader.problems
    return reader.flow(root, text), reader.problems


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


class _Reader:
    """Walks YAML nodes and collects problems."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def add(self, line: int, message: str, mend: str) -> None:
        self.problems.append(Problem(self.path, line, message, mend))

    def pairs(self, node: Node, what: str) -> dict[str, tuple[ScalarNode, Node]]:
        """The mapping's entries by key; a key written twice is a problem."""
        if not isinstance(node, MappingNode):
            self.add(_line(node), f"{what} must be a list of “key: value”", "Indent its keys.")
            return {}
        found: dict[str, tuple[ScalarNode, Node]] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.add(_line(key), f"{what} has a key that is not a word", "Use plain words.")
            elif key.value in found:
                first = _line(found[key.value][0])
                self.add(
                    _line(key),
                    f"“{key.value}” is written twice in {what} (first on line {first})",
                    "Keep one of the two.",
                )
            else:
                found[key.value] = (key, value)
        return found

    def word(self, node: Node, what: str) -> str:
        if isinstance(node, ScalarNode):
            return str(node.value)
        self.add(_line(node), f"{what} must be a single word or text", "Write it on one line.")
        return ""

    def target(self, node: Node, what: str) -> Target:
        return Target(self.word(node, what), _line(node))

    def flow(self, root: MappingNode, text: str) -> Flow | None:
        entries = self.pairs(root, "the flow")
        for name, (key, _) in entries.items():
            if name not in FLOW_KEYS:
                self.add(_line(key), f"unknown key “{name}”", did_you_mean(name, FLOW_KEYS))
        missing = [
            name
            for name in ("flow", "language", "start", "person", "urgency", "steps")
            if name not in entries
        ]
        for name in missing:
            self.add(1, f"“{name}:” is missing", _WHY[name])
        if missing:
            return None
        value = {name: node for name, (_, node) in entries.items()}
        steps: dict[str, Step] = {}
        for name, (key, node) in self.pairs(value["steps"], "“steps”").items():
            step = self.step(name, _line(key), node)
            if step:
                steps[name] = step
        intents: dict[str, Target] = {}
        if "intents" in value:
            for name, (_, node) in self.pairs(value["intents"], "“intents”").items():
                intents[name] = self.target(node, f"the step for “{name}”")
        today = value.get("urgency_today")
        return Flow(
            name=self.word(value["flow"], "“flow”"),
            language=self.word(value["language"], "“language”"),
            version=hashlib.sha256(text.encode()).hexdigest()[:16],
            path=self.path,
            start=self.target(value["start"], "“start”"),
            person=self.target(value["person"], "“person”"),
            urgency=self.target(value["urgency"], "“urgency”"),
            urgency_today=self.target(today, "“urgency_today”") if today else None,
            intents=intents,
            steps=steps,
        )

    def step(self, name: str, line: int, node: Node) -> Step | None:
        where = f"step “{name}”"
        entries = self.pairs(node, where)
        verbs = [key for key in entries if key in STEP_KEYS]
        if not entries:
            return None
        if len(verbs) != 1:
            found = " and ".join(f"“{verb}”" for verb in verbs) or "none"
            self.add(
                line,
                f"{where} needs exactly one verb, it has {found}",
                f"The verbs are {', '.join(STEP_KEYS)}."
                if verbs
                else did_you_mean(next(iter(entries)), STEP_KEYS),
            )
            return None
        verb = verbs[0]
        value = {key: item for key, (_, item) in entries.items()}
        outcomes: dict[str, Target] = {}
        for key, (key_node, item) in entries.items():
            if key == verb or key in STEP_KEYS[verb]:
                continue
            if verb == "do":
                outcomes[key] = self.target(item, f"the step for “{key}”")
            else:
                self.add(
                    _line(key_node),
                    f"unknown key “{key}” in {where}",
                    did_you_mean(key, STEP_KEYS[verb]),
                )
        return Step(
            name=name,
            verb=verb,
            argument=self.word(value[verb], f"“{verb}”"),
            line=line,
            next=self.target(value["next"], "“next”") if "next" in value else None,
            choices=self.choices(value["choices"], where) if "choices" in value else (),
            silence=self.fallback(value.get("silence"), f"“silence” of {where}"),
            not_understood=self.fallback(
                value.get("not_understood"), f"“not_understood” of {where}"
            ),
            outcomes=outcomes,
            parameters={
                key: self.word(item, f"“{key}”")
                for key, (_, item) in self.pairs(value["with"], f"“with” of {where}").items()
            }
            if "with" in value
            else {},
            kind=self.optional(value, "kind"),
            save=self.optional(value, "save"),
            prompt=self.optional(value, "prompt"),
            to=self.optional(value, "to") or "queue",
            urgent=self.yes(value.get("urgent"), where),
        )

    def optional(self, value: dict[str, Node], key: str) -> str:
        return self.word(value[key], f"“{key}”") if key in value else ""

    def yes(self, node: Node | None, where: str) -> bool:
        if node is None:
            return False
        word = self.word(node, "“urgent”").lower()
        if word not in ("true", "false"):
            self.add(_line(node), f"“urgent” of {where} is “{word}”", "Write true or false.")
        return word == "true"

    def choices(self, node: Node, where: str) -> tuple[Choice, ...]:
        found = []
        for key, (key_node, item) in self.pairs(node, f"“choices” of {where}").items():
            line = _line(key_node)
            entries = self.pairs(item, f"choice “{key}” of {where}")
            for name, (name_node, _) in entries.items():
                if name not in ("heard", "next"):
                    self.add(
                        _line(name_node),
                        f"unknown key “{name}” in choice “{key}” of {where}",
                        did_you_mean(name, ("heard", "next")),
                    )
            if "heard" not in entries or "next" not in entries:
                self.add(
                    line,
                    f"choice “{key}” of {where} needs “heard” and “next”",
                    "Write {heard: WORDS, next: STEP}.",
                )
                continue
            found.append(
                Choice(
                    key=key,
                    heard=self.word(entries["heard"][1], "“heard”"),
                    target=self.target(entries["next"][1], "“next”"),
                    line=line,
                )
            )
        return tuple(found)

    def fallback(self, node: Node | None, what: str) -> Fallback | None:
        if node is None:
            return None
        entries = self.pairs(node, what)
        for name, (name_node, _) in entries.items():
            if name not in ("retry", "next"):
                self.add(
                    _line(name_node),
                    f"unknown key “{name}” in {what}",
                    did_you_mean(name, ("retry", "next")),
                )
        if "next" not in entries:
            self.add(_line(node), f"{what} has no “next”", "Write {retry: 2, next: STEP}.")
            return None
        retry = 2
        if "retry" in entries:
            retry_node = entries["retry"][1]
            word = self.word(retry_node, "“retry”")
            if word.isdigit() and int(word) <= 5:
                retry = int(word)
            else:
                self.add(_line(retry_node), f"“retry” of {what} is “{word}”", "Write 0 to 5.")
        return Fallback(retry, self.target(entries["next"][1], "“next”"))


_WHY = {
    "flow": "Give the flow its name, e.g. “flow: recepcion”.",
    "language": "Say the language it begins in, e.g. “language: es-ES”.",
    "start": "Name the first step, e.g. “start: bienvenida”.",
    "person": "Name the step for callers who want a person: 0 and “persona” lead there.",
    "urgency": "Name the step for emergencies: red-flag phrases lead there from anywhere.",
    "steps": "List the steps under “steps:”.",
}
