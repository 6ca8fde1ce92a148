"""The accessibility rules, checked in the page itself."""

import pytest
from playwright.sync_api import Page

from ivr.config import PROJECT

AXE = PROJECT / "agents_ui" / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def broken(page: Page, name: str) -> list[str]:
    """What breaks WCAG 2.2 AA on the screen called ``name``, as far as a machine can tell."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in agents_ui")
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')}; window.axe = axe; }}")
    found = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{name}: {violation['id']}: {node['html'][:160]} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"][:3]
    ]
