"""libraries that take long to load, loaded on first use"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Literal

Heavy = Literal[
    "dougong.definitions.round_trip",
    "dougong.definitions.validate",
    "dougong.features.flows.runner",
    "dougong.features.printing.pdf",
    "openpyxl",
    "openpyxl.styles",
    "pandas",
    "pypinyin.constants",
    "pypinyin.seg.mmseg",
]


def load(name: Heavy) -> ModuleType:
    """Load a library, or a module of ours that stands on one, that most processes never need: openpyxl takes 0.2 s and
    30 MB, pypinyin 0.2 s and 40 MB, SpiffWorkflow 0.3 s; jsonschema and ruamel.yaml 0.1 s each, of 2 s for a start.
    """
    return importlib.import_module(name)
