"""E343: a BPMN element that is not supported

A flow is made of one start, ends, user tasks, exclusive, parallel and inclusive gateways, and timers.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.problems import Problem
from dougong.definitions.checks import bpmn_unreadable
from dougong.definitions.linked import Linked

CODE = "E343"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at the BPMN files."""
    yield from bpmn_unreadable.troubles(linked, CODE)
