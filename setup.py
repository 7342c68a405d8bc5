"""setuptools with one step more: the folders beside the engine ship inside the wheel

Everything else about the project is in setup.cfg.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
SHIPPED = ("metadata", "workflows", "ui_templates", "seed", "plugins")
LEFT_OUT = {"__pycache__", "node_modules", "assets"}


def shipped_files() -> Iterator[Path]:
    """List the files to ship; browser sources stay behind, since their bundle ships with `dougong.web`."""
    for folder in SHIPPED:
        for path in sorted((ROOT / folder).rglob("*")):
            relative = path.relative_to(ROOT)
            if path.is_file() and LEFT_OUT.isdisjoint(relative.parts):
                yield relative


class BuildWithFolders(build_py):
    """The usual build, plus `dougong/_bundled/<folder>`. An editable install uses the checkout's own."""

    def _targets(self) -> dict[Path, Path]:
        bundled = Path(self.build_lib) / "dougong" / "_bundled"
        return {} if self.editable_mode else {relative: bundled / relative for relative in shipped_files()}

    def run(self) -> None:
        """Build the package, then copy the folders into it."""
        super().run()
        for relative, target in self._targets().items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / relative, target)

    def get_outputs(self, include_bytecode: int = 1) -> list[str]:
        """List what the build wrote, for the wheel's record."""
        return super().get_outputs(include_bytecode) + [str(target) for target in self._targets().values()]

    def get_source_files(self) -> list[str]:
        """List what the build read, for the source archive."""
        return super().get_source_files() + [str(relative) for relative in shipped_files()]


setup(cmdclass={"build_py": BuildWithFolders})
