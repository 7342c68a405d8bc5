"""run every check"""

from __future__ import annotations

from dougong.base.problems import Problem
from dougong.definitions.checks import CHECKS
from dougong.definitions.linked import Linked


def check(linked: Linked) -> list[Problem]:
    """Find what is well formed and makes no sense."""
    return [problem for each in CHECKS for problem in each.problems(linked)]
