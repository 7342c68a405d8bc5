"""what is loaded before the first page, and what is not"""

from __future__ import annotations

import subprocess
import sys

LATER = ("jsonschema", "ruamel.yaml", "openpyxl", "pandas", "pypinyin.constants", "SpiffWorkflow", "celery")


def test_start_loads_nothing_that_most_processes_never_need():
    asked = f"import sys, dougong.cli.serve; print([name for name in {LATER!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
