"""HTML of authors with nothing in it that runs, fetches or hides: what is not known to be harmless is left out"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from markupsafe import escape

DEEPEST = 40
DEEPEST_TABLES = 3
"""Tables in tables cost the time of a layout many times over."""

_EVERYWHERE = frozenset({"class", "style", "lang", "title", "id", "dir"})
_CELL = frozenset({"colspan", "rowspan", "align", "valign", "width"})
TAGS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "a", "abbr", "address", "article", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "div",
            "dl", "dt", "em", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
            "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "s", "section", "small", "span", "strong", "sub", "sup",
            "tbody", "tfoot", "thead", "tr", "u", "ul", "wbr",
        ),
        frozenset[str](),
    ),
    "a": frozenset({"href"}),
    "img": frozenset({"src", "alt", "width", "height"}),
    "ol": frozenset({"start", "type"}),
    "table": frozenset({"width"}),
    "col": frozenset({"span", "width"}),
    "colgroup": frozenset({"span", "width"}),
    "td": _CELL,
    "th": _CELL | {"scope"},
}  # fmt: skip
"""What may stand in a body, and what each may say."""

_VOID = frozenset({"br", "hr", "img", "col", "wbr"})
_ROWS = frozenset({"td", "th", "tr"})
_PARTS = frozenset({"thead", "tbody", "tfoot"})
_ENDS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("td", "th"), frozenset({"td", "th"})),
    **dict.fromkeys(("dt", "dd"), frozenset({"dt", "dd"})),
    **dict.fromkeys(_PARTS, _ROWS | _PARTS),
    "tr": _ROWS,
    "li": frozenset({"li"}),
    "p": frozenset({"p"}),
}
"""What an element ends that was left open, as browsers have it."""
_DROPPED_WHOLE = frozenset({"script", "style", "iframe", "object", "template", "noscript", "svg", "math", "title"})
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)
_LINK = re.compile(r"(https?://|mailto:|tel:|#|0)", re.IGNORECASE)
_STYLE = re.compile(r"[^{}<>\\@]*")
_FETCHES = re.compile(r"url\s*\(|image\s*\(|expression\s*\(|image-set\s*\(|/\*", re.IGNORECASE)
_MOST_CELLS = 100
_NUMBERED = frozenset({"colspan", "rowspan", "span", "start", "height"})


@dataclass(frozen=True)
class Refused:
    """Something that may not stand in a body."""

    message: str
    at: int
    """Where in the text, from 0."""
    hint: str = ""


def refused(text: str) -> Iterator[Refused]:
    """Find what would be left out of an HTML text."""
    reading = _Reading(text)
    reading.feed(text)
    reading.close()
    return iter(reading.found)


def cleaned(text: str) -> str:
    """Give an HTML text without what may not stand in it, and with all its elements closed."""
    reading = _Reading(text)
    reading.feed(text)
    reading.close()
    while reading.open:
        reading.pieces.append(f"</{reading.open.pop()}>")
    return "".join(reading.pieces)


class _Reading(HTMLParser):
    """One way through an HTML text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.open: list[str] = []
        self.found: list[Refused] = []
        self._dropped: list[str] = []
        self._starts = [0, *(each.end() for each in re.finditer("\n", text))]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._dropped:
            if tag in _DROPPED_WHOLE:
                self._dropped.append(tag)
            return
        if tag not in TAGS:
            self._leave_out(tag, f"<{tag}> may not stand in a body", "it would run, fetch or break out of the sheet")
            return
        while self.open and self.open[-1] in _ENDS.get(tag, ()):
            self.pieces.append(f"</{self.open.pop()}>")
        if len(self.open) >= DEEPEST or (tag == "table" and self.open.count("table") >= DEEPEST_TABLES):
            hint = f"{DEEPEST} elements and {DEEPEST_TABLES} tables at most"
            self._leave_out(tag, f"<{tag}> is nested too deep", hint)
            return
        kept = "".join(f' {name}="{escape(value)}"' for name, value in self._attributes(tag, attrs))
        self.pieces.append(f"<{tag}{kept}>")
        if tag not in _VOID:
            self.open.append(tag)

    def _leave_out(self, tag: str, message: str, hint: str) -> None:
        """Leave an element out: one that is known with all that is in it, an unknown one alone."""
        self._refuse(message, hint)
        if tag in _DROPPED_WHOLE or (tag in TAGS and tag not in _VOID):
            self._dropped.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._dropped:
            if tag == self._dropped[-1]:
                self._dropped.pop()
            return
        if tag not in self.open:
            return
        while self.open:
            closed = self.open.pop()
            self.pieces.append(f"</{closed}>")
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self.pieces.append(str(escape(data)))

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> Iterator[tuple[str, str]]:
        for name, said in attrs:
            value = said or ""
            if name not in _EVERYWHERE and name not in TAGS[tag]:
                self._refuse(f"<{tag}> may not say '{name}'", "it would run or fetch something")
            elif not self._is_harmless(name, value):
                hint = "give the picture as `data:image/png;base64,…`" if name == "src" else "leave it out"
                self._refuse(f"'{name}' of <{tag}> may not be '{value[:60]}'", hint)
            else:
                yield name, value

    def _is_harmless(self, name: str, value: str) -> bool:
        if name == "src":
            return _PICTURE.fullmatch(value) is not None
        if name == "href":
            return _LINK.match(value.strip()) is not None
        if name == "style":
            return _STYLE.fullmatch(value) is not None and not _FETCHES.search(value)
        if name in _NUMBERED:
            return value.isdigit() and int(value[:9]) <= (_MOST_CELLS if name != "height" else 10_000)
        return True

    def _refuse(self, message: str, hint: str) -> None:
        line, column = self.getpos()
        self.found.append(Refused(message, self._starts[line - 1] + column, hint))
