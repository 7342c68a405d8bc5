from __future__ import annotations

from pathlib import Path

import pytest

from dougong.catalog.compile import load
from dougong.catalog.model import Catalog
from dougong.definitions import sources
from dougong.plugin_manager import load_extensions
from dougong.testing.golden import MatchesGolden

GOLDEN = Path(__file__).parent
GOOD = sorted(folder.name for folder in (GOLDEN / "bundles").iterdir() if folder.is_dir())


def compiled(name: str) -> Catalog:
    files, problems = sources.read(GOLDEN / "bundles" / name)
    loaded = load(files, load_extensions(entry_points=False))
    assert [str(problem) for problem in problems + loaded.problems] == []
    assert loaded.catalog is not None
    return loaded.catalog


def outline(catalog: Catalog) -> str:
    """Write down what a catalog holds, one line for each definition and field."""
    lines = []
    for kind, found in sorted(catalog.definitions.items()):
        lines += [f"{kind} {name}" for name in sorted(found)]
    for model in catalog.objects.values():
        held = f" in {model.parent}.{model.parent_field}" if model.parent else ""
        lines.append(f"\n{model.name}: {model.nature}{held}, title {model.title}")
        for field in model.fields.values():
            columns = ", ".join(
                field.name + ("_" + each.suffix if each.suffix else "") for each in field.type.columns()
            )
            marks = " ".join(
                key for key in ("required", "unique", "index", "sensitive", "personal") if getattr(field, key)
            )
            system = "·" if field.is_system else " "
            given = field.type.expression_type()
            lines.append(f"{system} {field.name}: {field.type.name} = {given} [{columns}] {marks}".rstrip())
    return "\n".join(lines)


@pytest.mark.parametrize("name", GOOD)
def test_good_bundle_becomes_its_catalog(name: str, matches_golden: MatchesGolden) -> None:
    matches_golden(outline(compiled(name)), GOLDEN / "catalog" / f"{name}.txt")


def test_every_built_in_field_type_is_used() -> None:
    catalog = compiled("every_field_type")
    used = {field.type.name for model in catalog.objects.values() for field in model.own_fields()}
    assert used == set(catalog.extensions.field_types.names())
