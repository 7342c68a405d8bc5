"""apply a bundle and die at a given step, as if the power went

Run as a program: DATABASE_URL HOME STEP BUNDLE(JSON). It ends itself with SIGKILL when step STEP (from 0) is about to
begin; `publish` and `end` are the moments after the last step and after the publishing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from dougong.base import settings as settings_module
from dougong.base.actor import SYSTEM_USER
from dougong.engine import open_engine
from dougong.features.bundles import service
from dougong.storage import apply as applying


def die() -> None:
    """End at once, without cleaning up."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(moment: str) -> None:
    """Lay the mine."""
    steps = {"count": 0}
    carry_out, publish, one = applying.carry_out, applying.publish, applying._one

    def counted_carry_out(connection, work, step):
        if work.database.dialect == "sqlite":
            if str(steps["count"]) == moment:
                die()
            steps["count"] += 1
        carry_out(connection, work, step)
        if moment == f"in {steps['count']}":
            die()

    def counted_one(work, position, step):
        if str(position) == moment:
            die()
        steps["count"] = position
        one(work, position, step)

    def mined_publish(connection, work):
        publish(connection, work)
        if moment == "publish":
            die()

    applying.carry_out, applying.publish, applying._one = counted_carry_out, mined_publish, counted_one


def main(url: str, home: str, moment: str, bundles: str) -> None:
    """Apply, and die."""
    settings = settings_module.read({"DOUGONG_HOME": home, "DOUGONG_DATABASE_URL": url, "DOUGONG_LOCALE": "en"})
    engine = open_engine(settings)
    arm(moment)
    drafted = service.plan(engine, json.loads(bundles))
    service.apply(engine, drafted, by=SYSTEM_USER, allow_drop=True)
    Path(home).joinpath("survived").touch()


if __name__ == "__main__":
    main(*sys.argv[1:])
