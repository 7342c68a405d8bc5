"""libraries that take long to load, loaded on first use"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Literal

Heavy = Literal["openpyxl", "pandas"]


def load(name: Heavy) -> ModuleType:
    """Load a library that most processes never need."""
    return importlib.import_module(name)
