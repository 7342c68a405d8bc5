"""W501: a label lacks a language that the others of its bundle have

In a bundle most of whose labels are in several languages, one in fewer was probably forgotten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pydantic import BaseModel

from dougong.base.problems import Place, Problem
from dougong.base.text import Text
from dougong.definitions.kinds.bundle import Bundle
from dougong.definitions.kinds.parts import Definition
from dougong.definitions.linked import Linked
from dougong.definitions.marked import Path

CODE = "W501"
MOST = 0.5
"""A language counts as wanted where more than this share of a bundle's labels has it."""
_FOR_AUTHORS = ("description", "author")


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the labels of every bundle."""
    by_layer: dict[str, list[tuple[Text, Place]]] = {}
    for definition in linked.all():
        if not isinstance(definition, Bundle):
            for text, place in _texts(linked, definition, definition, ()):
                by_layer.setdefault(linked.layer_at(place), []).append((text, place))
    for texts in by_layer.values():
        times = Counter(language for text, _ in texts for language in text.by_language)
        wanted = [language for language, count in sorted(times.items()) if count > MOST * len(texts)]
        for text, place in texts:
            missing = [language for language in wanted if language not in text.by_language]
            if missing:
                shown = _brief(next(iter(text.by_language.values()), ""))
                said = "".join(f"{language}: {_brief(each)}, " for language, each in text.by_language.items())
                hint = f"write {{{said}{missing[0]}: …}}"
                yield Problem(place, CODE, f"'{shown}' has no text in {' and '.join(missing)}", hint)


def _brief(text: str) -> str:
    """Give the beginning of a text that has lines, such as the body of a print."""
    first = text.strip().partition("\n")[0]
    return first if first == text.strip() else f"{first} …"


def _texts(linked: Linked, definition: Definition, part: BaseModel, path: Path) -> Iterator[tuple[Text, Place]]:
    for shape in linked.shapes[type(part)].values():
        value = shape.of(part)
        here = (*path, shape.name)
        if isinstance(value, BaseModel) and shape.part:
            yield from _texts(linked, definition, value, here)
        if shape.is_text and isinstance(value, Text) and shape.name not in _FOR_AUTHORS:
            yield value, linked.place(definition, *here)
        for position, item in enumerate(value) if isinstance(value, tuple) and shape.part else ():
            if isinstance(item, BaseModel):
                yield from _texts(linked, definition, item, (*here, position))
