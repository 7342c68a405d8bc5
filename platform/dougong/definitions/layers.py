"""bundles in their order and the site's layer last: one effective definition of each name, and who said what"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dougong.base.names import hint_for
from dougong.base.problems import Place, Problem
from dougong.base.text import FALLBACK
from dougong.definitions.kinds import KINDS
from dougong.definitions.marked import MarkedMap, place_of, spot_of
from dougong.definitions.patching import Patching, names_of
from dougong.definitions.shapes import Shapes
from dougong.definitions.sources import SITE, SourceFile

SYSTEM = "system"
"""The bundle that every other stands on without saying so."""

Parsed = tuple[SourceFile, MarkedMap]
Key = tuple[str, str]
"""Kind and name."""


@dataclass(frozen=True)
class Effective:
    """One definition as all layers together make it."""

    layer: str
    """The layer that declared it."""
    data: MarkedMap
    """Its content; each key and item knows the file that said it."""
    patched_by: tuple[str, ...] = ()
    """The layers whose patches changed it, in their order."""


@dataclass(frozen=True)
class Layers:
    """All effective definitions, and the layers they come from."""

    order: tuple[str, ...]
    effective: Mapping[Key, Effective]
    """All definitions but patches, which are laid over them."""
    requires: Mapping[str, frozenset[str]]
    """The bundles that a layer stands on, also through others."""
    languages: Mapping[str, str]
    """The language of plain texts, by layer."""
    prefixes: Mapping[str, str]
    """How the names of a layer begin, where it has a prefix."""
    layer_of: Mapping[str, str]
    """The layer that a file belongs to."""

    def said_by(self, kind: str, name: str, *path: str | int) -> str:
        """Name the layer that said what stands at a path of a definition."""
        effective = self.effective[kind, name]
        return self.layer_of.get(spot_of(effective.data, path).file, effective.layer)


def lay(
    parsed: Sequence[Parsed], shapes: Shapes, field_types: Any, *, language: str = FALLBACK
) -> tuple[Layers, list[Problem]]:
    """Put the layers in order and their patches over what they patch."""
    problems: list[Problem] = []
    bundles = _bundles(parsed, problems)
    order, requires = _in_order(bundles, {source.layer for source, _ in parsed}, problems)
    by_layer = {layer: [each for each in parsed if each[0].layer == layer] for layer in order}
    effective: dict[Key, Effective] = {}
    patches: list[Parsed] = []
    for layer in order:
        for source, data in by_layer[layer]:
            if data.get("kind") == "patch":
                patches.append((source, data))
            else:
                _declare(source, data, effective, problems)
    layers = Layers(
        order=order,
        effective=effective,
        requires=requires,
        languages={
            layer: language if layer == SITE else _text(bundles, layer, "language") or FALLBACK for layer in order
        },
        prefixes={layer: prefix for layer in order if (prefix := _text(bundles, layer, "prefix"))},
        layer_of={source.file: source.layer for source, _ in parsed},
    )
    for source, data in patches:
        found = _target(source, data, layers, effective, problems)
        if found is not None:
            key, target = found
            languages = layers.languages[source.layer], layers.languages[target.layer]
            effective[key] = _patched(source, target, Patching(data, *languages, shapes, field_types), problems)
    return layers, problems


def _declare(source: SourceFile, data: MarkedMap, effective: dict[Key, Effective], problems: list[Problem]) -> None:
    """Take a definition, unless its name is taken."""
    kind, name = data.get("kind"), data.get("name")
    if not isinstance(kind, str) or not isinstance(name, str):
        return
    if (kind, name) in effective:
        other = place_of(effective[kind, name].data, ("name",))
        problems.append(
            Problem(
                place_of(data, ("name",)), "E302", f"there is a second {kind} '{name}'", f"the first stands in {other}"
            )
        )
        return
    effective[kind, name] = Effective(source.layer, data)


def _patched(source: SourceFile, target: Effective, patching: Patching, problems: list[Problem]) -> Effective:
    """Give a definition with one patch laid over it."""
    if target.data.get("managed") is True:
        managed = _against_managed(patching.patch, target.data)
        problems += managed
        if managed:
            return target
    data = patching.apply(target.data)
    problems += patching.problems
    return replace(target, data=data, patched_by=(*target.patched_by, source.layer))


def _target(
    source: SourceFile, patch: MarkedMap, layers: Layers, effective: Mapping[Key, Effective], problems: list[Problem]
) -> tuple[Key, Effective] | None:
    """Find what a patch is for, or say why it cannot be patched."""
    wanted = patch.get("patches")
    if not isinstance(wanted, str) or "/" not in wanted:
        return None
    kind, _, name = wanted.partition("/")
    place = place_of(patch, ("patches",))
    if kind == "patch":
        problems.append(Problem(place, "E313", "a patch of a patch", "patch the definition itself"))
        return None
    target = effective.get((kind, name))
    if target is None:
        known = [each for of, each in effective if of == kind]
        hint = hint_for(name, known) if kind in KINDS else f"kinds are {', '.join(KINDS)}"
        problems.append(Problem(place, "E311", f"there is no {kind} '{name}' to patch", hint))
        return None
    stands_on = layers.requires.get(source.layer, frozenset())
    if source.layer not in (SITE, target.layer) and target.layer not in {SYSTEM, *stands_on}:
        hint = "name it under 'requires' in bundle.yaml"
        said = f"'{wanted}' is of bundle '{target.layer}', which '{source.layer}' does not require"
        problems.append(Problem(place, "E318", said, hint))
        return None
    return (kind, name), target


def _against_managed(patch: MarkedMap, target: MarkedMap) -> list[Problem]:
    """Find what a patch changes of the platform's own; new fields and indexes may be added."""
    problems = []
    change = patch.get("change")
    paths: list[tuple[str | int, ...]] = [(key,) for key in ("remove", "order") if patch.get(key)]
    for key, value in (change if isinstance(change, MarkedMap) else {}).items():
        if key not in ("fields", "indexes") or not isinstance(value, list):
            paths.append(("change", key))
            continue
        known = names_of(target.get(key) or ())
        paths += [
            ("change", key, at)
            for at, item in enumerate(value)
            if names_of([item])[0:1] and names_of([item])[0] in known
        ]
    for path in paths:
        hint = "a bundle may add fields and indexes to it, and nothing else"
        place = place_of(patch, path, key=not isinstance(path[-1], int))
        said = f"{patch['patches']} is the platform's own and cannot be changed"
        problems.append(Problem(place, "E314", said, hint))
    return problems


def _bundles(parsed: Sequence[Parsed], problems: list[Problem]) -> dict[str, MarkedMap]:
    """Find the `bundle.yaml` of every layer."""
    bundles: dict[str, MarkedMap] = {}
    for source, data in parsed:
        if data.get("kind") == "bundle":
            bundles.setdefault(source.layer, data)
            if data.get("name") != source.layer and isinstance(data.get("name"), str):
                said = f"the bundle in folder '{source.layer}' is named '{data['name']}'"
                problems.append(Problem(place_of(data, ("name",)), "E315", said, "a bundle is named like its folder"))
    for layer in sorted({source.layer for source, _ in parsed} - set(bundles) - {SITE}):
        problems.append(
            Problem(Place(layer), "E116", f"'{layer}' has no bundle.yaml that can be read", "every bundle has one")
        )
    return bundles


def _in_order(
    bundles: Mapping[str, MarkedMap], layers: set[str], problems: list[Problem]
) -> tuple[tuple[str, ...], dict[str, frozenset[str]]]:
    """Put bundles behind those they require, the site last."""
    wanted = {layer: _requirements(bundles.get(layer), bundles, problems) for layer in sorted(layers)}
    done: dict[str, frozenset[str]] = {}
    reported: set[frozenset[str]] = set()

    def visit(layer: str, way: tuple[str, ...]) -> None:
        if layer in way:
            circle = way[way.index(layer) :]
            if frozenset(circle) not in reported:
                reported.add(frozenset(circle))
                said = f"bundles require each other: {' → '.join([*circle, layer])}"
                problems.append(
                    Problem(place_of(bundles[layer], ("requires",)), "E310", said, "one of them stands alone")
                )
            return
        if layer in done:
            return
        for each in wanted[layer]:
            visit(each, (*way, layer))
        needed = frozenset(wanted[layer])
        done[layer] = needed.union(*(done.get(each, frozenset()) for each in wanted[layer]))

    for layer in sorted(layers, key=lambda each: (each == SITE, each != SYSTEM, each)):
        visit(layer, ())
    return tuple(done), done


def _requirements(bundle: MarkedMap | None, bundles: Mapping[str, MarkedMap], problems: list[Problem]) -> list[str]:
    """Read which bundles one requires; those that are missing are problems."""
    found = []
    requires = bundle.get("requires") if bundle else None
    for position, item in enumerate(requires if isinstance(requires, list) else ()):
        name = item.get("name") if isinstance(item, MarkedMap) else None
        if not isinstance(name, str):
            continue
        if name not in bundles:
            place = place_of(bundle, ("requires", position, "name"))
            problems.append(
                Problem(place, "E308", f"bundle '{name}' is required and not here", hint_for(name, bundles))
            )
            continue
        found.append(name)
        version = item.get("version") or ""
        has = str(bundles[name].get("version"))
        if not fits(has, str(version)):
            place = place_of(bundle, ("requires", position, "version"))
            said = f"bundle '{name}' is here in version {has}, and '{version}' is required"
            problems.append(Problem(place, "E309", said, "a range is written like '>=1.2,<2'"))
    return sorted(found)


_CONDITION = re.compile(r"(>=|<=|==|!=|>|<)?\s*(\d+(?:\.\d+){0,2})")


def fits(version: str, wanted: str) -> bool:
    """Whether a version is within a range such as `>=1.2,<2`; blank is any."""
    return all(_holds(version, condition.strip()) for condition in wanted.split(",") if wanted.strip())


def _holds(version: str, condition: str) -> bool:
    found = _CONDITION.fullmatch(condition)
    if not found or not re.fullmatch(r"\d+(\.\d+){0,2}", version):
        return False
    here, there = _numbers(version), _numbers(found[2])
    return {
        ">=": here >= there,
        "<=": here <= there,
        ">": here > there,
        "<": here < there,
        "!=": here != there,
    }.get(found[1], here == there)


def _numbers(version: str) -> tuple[int, ...]:
    parts = [int(part) for part in version.split(".")]
    return tuple(parts + [0] * (3 - len(parts)))


def _text(bundles: Mapping[str, MarkedMap], layer: str, key: str) -> str:
    value = bundles[layer].get(key) if layer in bundles else None
    return value if isinstance(value, str) else ""
