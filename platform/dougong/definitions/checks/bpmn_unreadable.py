"""E341: a BPMN file that cannot be read

BPMN 2.0 XML with one process, without a document type or entities, and with at most 500 elements.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Place, Problem
from dougong.definitions.linked import Linked

CODE = "E341"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the BPMN files."""
    yield from troubles(linked, CODE)


def troubles(linked: Linked, code: str) -> Iterator[Problem]:
    """Give what was found under one code while the BPMN files were read."""
    for drawing in linked.drawings.values():
        for each in drawing.troubles:
            if each.code == code:
                yield Problem(Place(drawing.file, each.line), code, each.message, each.hint)
