"""the wheel contains what the package needs besides Python"""

from __future__ import annotations

import configparser
from pathlib import Path

import setuptools.glob

from dougong.testing import house

PACKAGE = house.PLATFORM / "dougong"


def test_every_file_beside_the_code_is_package_data() -> None:
    setup = configparser.ConfigParser()
    setup.read(house.ROOT / "setup.cfg", encoding="utf-8")
    named: set[Path] = set()
    for package, patterns in setup["options.package_data"].items():
        folder = house.PLATFORM / package.replace(".", "/")
        for pattern in patterns.split():
            named |= {Path(each) for each in setuptools.glob.glob(str(folder / pattern), recursive=True)}
    beside = {
        path
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc") and "__pycache__" not in path.parts
    }
    assert sorted(beside - named) == []
    assert any(path.suffix == ".yaml" for path in named)
    assert any(path.suffix == ".po" for path in named)
