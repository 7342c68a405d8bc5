"""an import that is killed: whole chunks or nothing, and the same file again mends it"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from dougong.features.accounts.work import work
from dougong.records import service as records
from dougong.records.query import Query

ROWS = 12_000


def test_killed_import_leaves_whole_chunks_and_goes_on(engine, load, tmp_path):
    text = "name,price\n" + "".join(f"Product {number:06},{number}.50\n" for number in range(ROWS))
    path = tmp_path / "many.csv"
    path.write_text(text, encoding="utf-8")
    child = subprocess.Popen(
        [sys.executable, "-m", "dougong", "import", "product", str(path), "--key", "name"],
        env={
            **os.environ,
            "DOUGONG_HOME": str(engine.settings.home),
            "DOUGONG_DATABASE_URL": engine.settings.database_url,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while count(engine) < 2000 and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    left = count(engine)
    assert left >= 2000
    assert left % 1000 == 0
    done = load("product", text, key=("name",))
    assert (done.rows, done.errors, done.created, done.unchanged) == (ROWS, 0, ROWS - left, left)
    assert count(engine) == ROWS


def count(engine) -> int:
    with work(engine, write=False) as ctx:
        return records.list(ctx, "product", Query(limit=1, count="exact", fields=("id",))).count
