"""Every prompt an action says is declared, and every prompt there is gets said."""

import ast
from pathlib import Path

from ivr import actions
from ivr.actions import catalogue
from ivr.config import PROJECT
from ivr.flow.library import load
from ivr.flow.texts import CONVERSATION_PROMPTS

FOLDER = Path(actions.__file__).parent
DECLARED = {key for spec in catalogue().values() for key in spec.prompts}
SAYING = {"say", "yesno", "text"}


def spoken_literally() -> set[str]:
    """Prompt keys written out where something is said or asked."""
    found = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name in SAYING and node.args and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
            found |= {
                str(keyword.value.value)
                for keyword in node.keywords
                if keyword.arg in ("prompt", "keys_prompt", "again")
                and isinstance(keyword.value, ast.Constant)
            }
    return found


def test_every_prompt_an_action_says_is_declared() -> None:
    assert spoken_literally() - DECLARED == set()


def test_no_prompt_is_there_for_nothing() -> None:
    flows, texts, _ = load(PROJECT / "callflows")
    used = DECLARED | set(CONVERSATION_PROMPTS)
    for flow in flows.values():
        for step in flow.steps.values():
            used |= {step.argument, step.prompt}
    assert set(texts["es-ES"].prompts) - used == set()
