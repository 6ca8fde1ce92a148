"""The console's texts as its sources have them, and what a page shows of them."""

import json
import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page, Response, WebSocket

from ivr.config import PROJECT

I18N = PROJECT / "agents_ui" / "src" / "i18n"
SECTION = re.compile(r"^export const (\w+)[^=\n]*= \{$(.*?)^\};$", re.MULTILINE | re.DOTALL)
PART = re.compile(r'(?:(\w+)|"([^"]+)"):\s*(?:(\{)|("(?:[^"\\]|\\.)*"))|(\})')
SPANISH = re.compile(
    r"[áéíóúñ¿¡]|\b(?:el|la|los|las|del|que|con|para|por|una|sin|hoy|cita|llamada|ayer)\b",
    re.IGNORECASE,
)
PRODUCT = "aurícula"
SHOWN = """
() => {
  const found = [document.title];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    if (text && !texts.currentNode.parentElement.closest('script, style, noscript, [lang^=es]'))
      found.push(text);
  }
  for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
    for (const one of document.querySelectorAll(`[${name}]:not([lang^=es])`))
      found.push(one.getAttribute(name));
  return found.filter(Boolean);
}
"""


def load(language: str) -> dict[str, str]:
    """Every text of a language by its key, ``agenda.title``."""
    texts: dict[str, str] = {}
    for section, body in _sections(language):
        path = [section]
        for part in PART.finditer(body):
            name, quoted, opens, text, closes = part.groups()
            if closes:
                path.pop()
            elif opens:
                path.append(name or quoted)
            else:
                texts[".".join((*path, name or quoted))] = json.loads(text)
    return texts


def _sections(language: str) -> Iterator[tuple[str, str]]:
    for file in sorted((I18N / language).glob("*.ts")):
        if file.name != "index.ts":
            for section in SECTION.finditer(file.read_text(encoding="utf-8")):
                yield section[1], section[2]


class Reader:
    """Reads a page that ought to be in English; whatever the server sent is data, and may be
    in any language."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._data: set[str] = set()
        spanish, english = load("es"), load("en")
        self._keys = spanish.keys() | english.keys()
        self._wrong = [
            re.compile(re.sub(r"\\\{\\\{\w+\\\}\\\}", ".+", re.escape(text.casefold())))
            for text in set(spanish.values()) - set(english.values())
        ]
        page.on("response", self._answered)
        page.on("websocket", self._listen)

    def spanish(self, name: str) -> list[str]:
        """What the screen called ``name`` shows in Spanish, and the keys without a text."""
        return [f"{name}: {text}" for text in self._page.evaluate(SHOWN) if self._is_wrong(text)]

    def _is_wrong(self, text: str) -> bool:
        if text in self._data:
            return False
        own = text.casefold().replace(PRODUCT, "")
        for datum in sorted(self._data, key=len, reverse=True):
            own = own.replace(datum.casefold(), "")
        return (
            text in self._keys
            or any(wrong.fullmatch(own) for wrong in self._wrong)
            or SPANISH.search(own) is not None
        )

    def _answered(self, response: Response) -> None:
        if "application/json" in response.headers.get("content-type", "") and response.ok:
            self._data |= set(_strings(response.json()))

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._received)

    def _received(self, frame: str | bytes) -> None:
        if isinstance(frame, str) and frame.startswith("{"):
            self._data |= set(_strings(json.loads(frame)))


def _strings(value: Any) -> Iterator[str]:
    """The strings of a JSON value that are long enough to be told from the page's own."""
    match value:
        case str():
            if len(text := value.strip()) >= 3:
                yield text
        case dict():
            for one in value.values():
                yield from _strings(one)
        case list():
            for one in value:
                yield from _strings(one)
