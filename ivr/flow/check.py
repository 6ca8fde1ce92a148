"""Finds what is wrong in a flow before a caller does."""

from collections.abc import Collection, Mapping

from ivr.flow.catalogue import UNIVERSAL_OUTCOMES, Catalogue
from ivr.flow.document import ENDS, Flow, Step, Target
from ivr.flow.problems import Problem, did_you_mean
from ivr.flow.texts import CONVERSATION_PROMPTS, GLOBAL_VALUES, UNIVERSAL_CHOICES, Texts

KEYS = "0123456789*#"
NEEDED = {
    "say": ("next",),
    "menu": ("choices", "silence", "not_understood"),
    "ask": ("kind", "save", "next", "silence", "not_understood"),
    "do": (),
    "transfer": (),
    "record": ("next",),
    "voicemail": (),
    "goto": (),
    "hangup": (),
}
"""Keys a step of each verb must carry."""
SILENT = frozenset({"say", "goto", "record"})
"""Verbs that do not wait for the caller: a circle of these never ends."""


def check(
    flow: Flow,
    catalogue: Catalogue,
    texts: Mapping[str, Texts],
    *,
    kinds: Collection[str],
    intents: Collection[str],
) -> list[Problem]:
    """Everything wrong in ``flow``, in the order of the file.

    ``texts`` are all languages there are; ``kinds`` and ``intents`` what
    :mod:`ivr.language` understands.
    """
    checker = _Checker(flow, catalogue, texts, kinds, intents)
    checker.run()
    return sorted(checker.problems, key=lambda problem: (str(problem.path), problem.line))


class _Checker:
    def __init__(
        self,
        flow: Flow,
        catalogue: Catalogue,
        texts: Mapping[str, Texts],
        kinds: Collection[str],
        intents: Collection[str],
    ) -> None:
        self.flow = flow
        self.catalogue = catalogue
        self.texts = texts
        self.kinds = kinds
        self.intents = intents
        self.problems: list[Problem] = []

    def add(self, line: int, message: str, mend: str) -> None:
        self.problems.append(Problem(self.flow.path, line, message, mend))

    def run(self) -> None:
        flow = self.flow
        if flow.language not in self.texts:
            self.add(
                1,
                f"there are no prompts in “{flow.language}”",
                did_you_mean(flow.language, self.texts),
            )
        self.known(flow.start, "“start”")
        for target in flow.shared_targets():
            self.known(target, "a target of the whole flow")
        for name, target in flow.intents.items():
            if name not in self.intents:
                self.add(target.line, f"unknown intent “{name}”", did_you_mean(name, self.intents))
        for step in flow.steps.values():
            self.step(step)
        self.reachable()
        self.ends()
        for texts in self.texts.values():
            for key in CONVERSATION_PROMPTS:
                self.prompt(1, key, frozenset({"words"}), texts)
            for name in UNIVERSAL_CHOICES:
                self.choice(1, name, texts)

    def known(self, target: Target, where: str) -> None:
        if target.step not in self.flow.steps:
            self.add(
                target.line,
                f"{where} leads to step “{target.step}”, which does not exist",
                did_you_mean(target.step, self.flow.steps),
            )

    def step(self, step: Step) -> None:
        where = f"step “{step.name}”"
        present = {
            "next": step.next,
            "choices": step.choices,
            "silence": step.silence,
            "not_understood": step.not_understood,
            "kind": step.kind,
            "save": step.save,
        }
        for key in NEEDED[step.verb]:
            if not present[key]:
                self.add(step.line, f"“{key}:” is missing in {where}", _MISSING[key])
        for target in step.targets():
            self.known(target, where)
        if step.verb == "menu":
            self.menu(step)
        elif step.verb == "do":
            self.action(step)
        elif step.verb == "ask" and step.kind and step.kind not in self.kinds:
            self.add(step.line, f"unknown kind “{step.kind}”", did_you_mean(step.kind, self.kinds))
        elif step.verb == "record" and step.argument not in ("start", "stop"):
            self.add(
                step.line,
                f"“record: {step.argument}” of {where}",
                "Write “record: start” or “record: stop”.",
            )
        elif step.verb == "transfer" and step.to not in ("queue", "extension"):
            self.add(step.line, f"“to: {step.to}” of {where}", "Write queue or extension.")
        prompts = [step.prompt] if step.prompt else []
        if step.verb in ("say", "menu", "ask") or (step.verb == "hangup" and step.argument):
            prompts.append(step.argument)
        for key in prompts:
            for texts in self.texts.values():
                self.prompt(step.line, key, self.saved(), texts)

    def saved(self) -> frozenset[str]:
        return frozenset(step.save for step in self.flow.steps.values() if step.save)

    def menu(self, step: Step) -> None:
        where = f"step “{step.name}”"
        for choice in step.choices:
            if len(choice.key) != 1 or choice.key not in KEYS:
                self.add(
                    choice.line,
                    f"“{choice.key}” of {where} is not a key of a telephone",
                    "Use one of 0 to 9, * or #.",
                )
            for texts in self.texts.values():
                self.choice(choice.line, choice.heard, texts)
        for texts in self.texts.values():
            owner: dict[str, str] = {}
            for choice in step.choices:
                for words in texts.choices.get(choice.heard, ()):
                    if words in owner and owner[words] != choice.key:
                        self.add(
                            choice.line,
                            f"“{words}” ({texts.language}) means both key {owner[words]} and "
                            f"key {choice.key} in {where}",
                            f"Take it out of one of them in {texts.choices_path}.",
                        )
                    owner[words] = choice.key
            prompt = texts.prompts.get(step.argument)
            if prompt and not all(
                _mentions(prompt.text, choice.key, texts.language) for choice in step.choices
            ):
                unsaid = [
                    choice.key
                    for choice in step.choices
                    if not _mentions(prompt.text, choice.key, texts.language)
                ]
                self.problems.append(
                    Problem(
                        texts.prompts_path,
                        prompt.line,
                        f"prompt “{step.argument}” never says key {', '.join(unsaid)} of {where}",
                        "Tell callers every key of the menu.",
                        "warning",
                    )
                )

    def action(self, step: Step) -> None:
        where = f"step “{step.name}”"
        spec = self.catalogue.get(step.argument)
        if spec is None:
            self.add(
                step.line,
                f"there is no action “{step.argument}”",
                did_you_mean(step.argument, self.catalogue),
            )
            return
        for outcome, target in step.outcomes.items():
            if outcome not in spec.outcomes and outcome not in UNIVERSAL_OUTCOMES:
                self.add(
                    target.line,
                    f"“{outcome}” is neither a key nor an outcome of {spec.name} in {where}",
                    did_you_mean(outcome, (*spec.outcomes, *UNIVERSAL_OUTCOMES, "with")),
                )
        for outcome in spec.outcomes:
            if outcome not in step.outcomes:
                self.add(
                    step.line,
                    f"outcome “{outcome}” of {spec.name} leads nowhere in {where}",
                    f"Add “{outcome}: STEP”.",
                )
        for name, value in step.parameters.items():
            if name not in spec.parameters:
                self.add(
                    step.line,
                    f"{spec.name} has no parameter “{name}” ({where})",
                    did_you_mean(name, spec.parameters),
                )
            elif spec.parameters[name] and value not in spec.parameters[name]:
                self.add(
                    step.line,
                    f"“{name}: {value}” means nothing to {spec.name} ({where})",
                    did_you_mean(value, spec.parameters[name]),
                )
        for key, filled in spec.prompts.items():
            for texts in self.texts.values():
                self.prompt(step.line, key, filled, texts)

    def prompt(self, line: int, key: str, filled: frozenset[str], texts: Texts) -> None:
        if key not in texts.prompts:
            self.add(
                line,
                f"prompt “{key}” is missing in {texts.language}",
                f"Add it to {texts.prompts_path}. {did_you_mean(key, texts.prompts)}"
                if did_you_mean(key, texts.prompts).startswith("Did")
                else f"Add it to {texts.prompts_path}.",
            )
            return
        text = texts.prompts[key]
        for name in sorted(text.placeholders - filled - GLOBAL_VALUES):
            self.problems.append(
                Problem(
                    texts.prompts_path,
                    text.line,
                    f"prompt “{key}” wants {{{name}}}, which nobody fills in",
                    did_you_mean(name, filled | GLOBAL_VALUES),
                )
            )
        base = self.texts.get(self.flow.language)
        if base and key in base.prompts:
            for name in sorted(base.prompts[key].placeholders - text.placeholders):
                self.problems.append(
                    Problem(
                        texts.prompts_path,
                        text.line,
                        f"prompt “{key}” leaves out {{{name}}}, which {base.language} says",
                        f"Put {{{name}}} into the text.",
                    )
                )

    def choice(self, line: int, name: str, texts: Texts) -> None:
        if name not in texts.choices:
            self.add(
                line,
                f"choice “{name}” has no words in {texts.language}",
                f"Add it to {texts.choices_path}.",
            )

    def reachable(self) -> None:
        seen: set[str] = set()
        waiting = [self.flow.start, *self.flow.shared_targets()]
        while waiting:
            name = waiting.pop().step
            if name in seen or name not in self.flow.steps:
                continue
            seen.add(name)
            waiting.extend(self.flow.steps[name].targets())
        for step in self.flow.steps.values():
            if step.name not in seen:
                self.add(
                    step.line,
                    f"no call can reach step “{step.name}”",
                    "Lead a step to it, or take it out.",
                )

    def ends(self) -> None:
        if not any(step.verb in ENDS for step in self.flow.steps.values()):
            self.add(1, "the flow never ends", f"Add a step with {', '.join(sorted(ENDS))}.")
        for step in self.flow.steps.values():
            path: list[str] = []
            here: Step | None = step
            while here and here.verb in SILENT and here.name not in path:
                path.append(here.name)
                target = next(iter(here.targets()), None)
                here = self.flow.steps.get(target.step) if target else None
            if here and here.verb in SILENT and here.name == step.name:
                self.add(
                    step.line,
                    f"steps {' → '.join([*path, step.name])} go in a circle without ever "
                    "listening to the caller",
                    "Put a menu or a question between them.",
                )


_NUMBERS = {
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
_SIGNS = {"*": ("asterisco", "star"), "#": ("almohadilla", "gato", "numeral", "pound", "hash")}


def _mentions(text: str, key: str, language: str) -> bool:
    lower = text.lower()
    if key in _SIGNS:
        return any(word in lower for word in _SIGNS[key])
    if len(key) != 1 or not key.isdigit():
        return True
    names = _NUMBERS.get(language[:2])
    return key in lower or names is None or names[int(key)] in lower


_MISSING = {
    "next": "Say where the call goes on: “next: STEP”.",
    "choices": 'List the keys: “"1": {heard: WORDS, next: STEP}”.',
    "silence": "Nobody is hung up on: add “silence: {retry: 2, next: STEP}”.",
    "not_understood": "Add “not_understood: {retry: 2, next: STEP}”.",
    "kind": "Say what is asked for, e.g. “kind: date”.",
    "save": "Name the answer, e.g. “save: day”; prompts can then say {day}.",
}
