"""E342: code in a BPMN file

Scripts, service tasks, listeners and conditions in other languages would run code. Definitions hold none.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.checks import bpmn_unreadable
from dougong.definitions.linked import Linked

CODE = "E342"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the BPMN files."""
    yield from bpmn_unreadable.troubles(linked, CODE)
