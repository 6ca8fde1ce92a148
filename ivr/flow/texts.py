"""What is said and what menus listen for, in each language.

``callflows/prompts/<lang>.yaml`` maps a prompt's key to its text, which may hold
``{placeholders}``. ``callflows/choices/<lang>.yaml`` maps a choice's name to the words
callers use for it.
"""

import hashlib
import string
from dataclasses import dataclass
from pathlib import Path

import yaml
from rapidfuzz import fuzz
from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from ivr.errors import InvalidInput
from ivr.flow.plain import plain
from ivr.flow.problems import Problem

UNIVERSAL_CHOICES = (
    "persona", "repetir", "despacio", "atras", "menu", "mas", "da_igual", "nada_mas", "si", "no",
)  # fmt: skip
"""Choices understood in every listening turn: each language must have their words."""
GLOBAL_VALUES = frozenset({"clinic", "emergency_number"})
"""Placeholders any prompt may use."""
CONVERSATION_PROMPTS = (
    "no_entendido",
    "no_oido",
    "usar_teclas",
    "voz_no_disponible",
    "sin_paso_atras",
    "ha_dicho",
    "es_urgente",
)
"""Prompts the dialogue itself says, in any flow."""


@dataclass(frozen=True)
class Text:
    """A prompt's text and where it is written."""

    key: str
    text: str
    line: int

    @property
    def placeholders(self) -> frozenset[str]:
        """Names in braces."""
        return placeholders(self.text)


def placeholders(text: str) -> frozenset[str]:
    """Names in braces in ``text``. Raises ValueError when the braces do not match."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


@dataclass(frozen=True)
class Texts:
    """All texts of one language."""

    language: str
    prompts_path: Path
    choices_path: Path
    prompts: dict[str, Text]
    choices: dict[str, tuple[str, ...]]
    choice_lines: dict[str, int]
    version: str

    def say(self, key: str, values: dict[str, str]) -> str:
        """The prompt's text with its placeholders filled in."""
        if key not in self.prompts:
            raise InvalidInput(f"prompt “{key}” is missing in {self.prompts_path}")
        try:
            return self.prompts[key].text.format_map(values)
        except KeyError as error:
            raise InvalidInput(
                f"prompt “{key}” ({self.language}) wants {{{error.args[0]}}}, "
                "which nobody fills in here"
            ) from error

    def wording_version(self, key: str) -> str:
        """Hash of one prompt's wording, kept with a consent given to it."""
        return hashlib.sha256(self.prompts[key].text.encode()).hexdigest()[:16]

    def is_choice(self, name: str, spoken: str) -> bool:
        """Whether ``spoken`` as a whole is one of the choice's phrases."""
        return plain(spoken) in self.choices.get(name, ())

    def choose(self, names: tuple[str, ...], spoken: str) -> tuple[str, float] | None:
        """Which of the choices ``spoken`` names, with a confidence 0–1.

        The whole phrase counts 1; the phrase within a sentence 0.8; a near miss of the
        whole (a letter or two, as recognizers do) its likeness × 0.8. Two choices that
        come out alike are no choice.
        """
        said = plain(spoken)
        if not said:
            return None
        scored = sorted(
            ((self._score(name, said), name) for name in names), key=lambda pair: -pair[0]
        )
        if not scored or scored[0][0] < 0.6:
            return None
        if len(scored) > 1 and scored[0][0] - scored[1][0] < 0.001:
            return None
        return scored[0][1], min(1.0, scored[0][0])

    def _score(self, name: str, said: str) -> float:
        best = 0.0
        for phrase in self.choices.get(name, ()):
            if said == phrase:
                return 1.0
            if f" {phrase} " in f" {said} ":
                best = max(best, 0.8 + len(phrase) / 1000)
            elif len(phrase) > 3 and fuzz.ratio(said, phrase) >= 84:
                best = max(best, fuzz.ratio(said, phrase) / 100 * 0.8)
        return best


def languages(folder: Path) -> list[str]:
    """Languages the callflows folder has prompts for, e.g. ``["en", "es-ES"]``."""
    return sorted(path.stem for path in (folder / "prompts").glob("*.yaml"))


def load_texts(folder: Path, language: str) -> tuple[Texts, list[Problem]]:
    """Read the texts of ``language`` below the callflows ``folder``."""
    problems: list[Problem] = []
    prompts_path = folder / "prompts" / f"{language}.yaml"
    choices_path = folder / "choices" / f"{language}.yaml"
    prompts: dict[str, Text] = {}
    for key, node, line in _entries(prompts_path, problems):
        if isinstance(node, ScalarNode) and node.value.strip():
            try:
                placeholders(node.value)
            except ValueError as error:
                problems.append(
                    Problem(prompts_path, line, f"prompt “{key}”: {error}", "Close the braces.")
                )
                continue
            prompts[key] = Text(key, " ".join(node.value.split()), line)
        else:
            problems.append(
                Problem(prompts_path, line, f"prompt “{key}” has no text", "Write what is said.")
            )
    choices: dict[str, tuple[str, ...]] = {}
    lines: dict[str, int] = {}
    for key, node, line in _entries(choices_path, problems):
        words = (
            [plain(item.value) for item in node.value if isinstance(item, ScalarNode)]
            if isinstance(node, SequenceNode)
            else []
        )
        if not words:
            problems.append(
                Problem(choices_path, line, f"choice “{key}” has no words", "Write [word, word].")
            )
        choices[key] = tuple(word for word in words if word)
        lines[key] = line
    version = hashlib.sha256(
        "\n".join(f"{t.key}={t.text}" for t in prompts.values()).encode()
    ).hexdigest()[:16]
    return (
        Texts(language, prompts_path, choices_path, prompts, choices, lines, version),
        problems,
    )


def _entries(
    path: Path, problems: list[Problem]
) -> list[tuple[str, ScalarNode | SequenceNode | MappingNode, int]]:
    if not path.is_file():
        problems.append(Problem(path, 1, "the file is missing", "Create it, or copy es-ES."))
        return []
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.append(
            Problem(path, line, f"this is not YAML: {error.problem}", "Check the quotes.")
        )
        return []
    if not isinstance(root, MappingNode):
        problems.append(Problem(path, 1, "the file is empty", "Write “key: text” lines."))
        return []
    found = []
    seen: dict[str, int] = {}
    for key, node in root.value:
        line = key.start_mark.line + 1
        if key.value in seen:
            problems.append(
                Problem(
                    path,
                    line,
                    f"“{key.value}” is written twice (first on line {seen[key.value]})",
                    "Keep one of the two.",
                )
            )
            continue
        seen[key.value] = line
        found.append((str(key.value), node, line))
    return found
