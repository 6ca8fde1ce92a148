"""What is wrong in a flow file, where, and how to mend it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Problem:
    """One mistake. A ``warning`` does not keep a flow from running."""

    path: Path
    line: int
    message: str
    mend: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        mark = "" if self.severity == "error" else "warning: "
        return f"{self.path}:{self.line}: {mark}{self.message}. {self.mend}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Advice for a name that does not exist: the nearest one, or all there are."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean “{near[0]}”?"
    if not names:
        return "There is none to choose from."
    return f"Use one of: {', '.join(names)}."
