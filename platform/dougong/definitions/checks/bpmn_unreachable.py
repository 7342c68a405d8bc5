"""E345: a BPMN element that cannot be reached, or a flow that may wait for ever

Every element lies on a way from the start to an end, and what is joined was forked by a gateway of the same sort.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.checks import bpmn_unreadable
from dougong.definitions.linked import Linked

CODE = "E345"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the BPMN files."""
    yield from bpmn_unreadable.troubles(linked, CODE)
