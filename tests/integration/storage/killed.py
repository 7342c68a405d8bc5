"""apply a bundle in a process of its own and die at a given step, as if the power went

The moments: a number is the step that is about to begin; `in 1` is in the middle of one, before it is committed;
`publish` is before the publishing is committed.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from dougong.base.actor import SYSTEM_USER
from dougong.base.settings import Settings
from dougong.engine import open_engine
from dougong.features.bundles import service
from dougong.storage import apply as applying

Layers = Mapping[str, Mapping[str, str]]


def die() -> None:
    """End at once, without cleaning up."""
    os.kill(os.getpid(), signal.SIGKILL)


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    """Do it, then die."""

    def mined(*arguments: Any) -> None:
        function(*arguments)
        die()

    return mined


def at(number: int, function: Callable[..., Any], mined: Callable[..., Any]) -> Callable[..., Any]:
    """Do something else at the call of this number."""
    calls = iter(range(number + 1))

    def counted(*arguments: Any) -> Any:
        return (mined if next(calls, -1) == number else function)(*arguments)

    return counted


def arm(moment: str, *, is_sqlite: bool) -> None:
    """Lay the mine."""
    if moment == "publish":
        applying.publish = after(applying.publish)
    elif moment.startswith("in "):
        applying.carry_out = at(int(moment[3:]), applying.carry_out, after(applying.carry_out))
    elif is_sqlite:
        applying.carry_out = at(int(moment), applying.carry_out, lambda *_: die())
    else:
        applying._one = at(int(moment), applying._one, lambda *_: die())


def main(settings: Settings, moment: str, layers: Layers) -> None:
    """Apply, and die."""
    engine = open_engine(replace(settings, tripwire="refuse"))
    arm(moment, is_sqlite=engine.database.dialect == "sqlite")
    service.apply(engine, service.plan(engine, layers), by=SYSTEM_USER, allow_drop=True)
