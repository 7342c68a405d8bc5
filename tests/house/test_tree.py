"""the tree is what its map and its rules say"""

from __future__ import annotations

from dougong.testing import house


def test_platform_is_not_a_package():
    assert not list(house.PLATFORM.glob("*.py")), "Python straight in platform/ hides the standard library's module"


def test_map_is_the_tree():
    assert house.map_on_page() == house.tree_map(), "`make map` draws it anew"


def test_definitions_hold_no_python():
    folders = [house.ROOT / name for name in ("metadata", "workflows", "seed", "ui_templates")]
    found = [path for folder in folders for path in folder.rglob("*.py") if "node_modules" not in path.parts]
    assert not found, "code is a plugin with a name"


def test_every_folder_says_its_rule():
    folders = (
        "platform",
        "metadata",
        "workflows",
        "plugins",
        "ui_templates",
        "seed",
        "tests",
        "docs",
        "changes",
    )
    silent = [name for name in folders if not (house.ROOT / name / "README.md").is_file()]
    assert not silent
