"""source files into a catalog: the steps from text to what the engine reads"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from dougong.base import heavy
from dougong.base.problems import Problem, has_errors
from dougong.base.text import FALLBACK
from dougong.catalog.model import Catalog, ObjectModel
from dougong.catalog.physical import Physical
from dougong.definitions import bpmn
from dougong.definitions.check import check
from dougong.definitions.kinds.object import Field, Object
from dougong.definitions.kinds.parts import Definition
from dougong.definitions.layers import Layers, Parsed, lay
from dougong.definitions.link import link
from dougong.definitions.linked import Linked
from dougong.definitions.shapes import Shapes, shapes
from dougong.definitions.sources import SourceFile, fingerprint
from dougong.definitions.structure import structure
from dougong.definitions.system_fields import SystemFields
from dougong.definitions.yaml_loader import load as load_yaml
from dougong.sdk.extensions import Extensions


@dataclass(frozen=True)
class Loaded:
    """What became of source files: a catalog unless there are errors, all problems, and the linked definitions."""

    catalog: Catalog | None
    problems: list[Problem]
    linked: Linked | None = None


def load(
    sources: Iterable[SourceFile],
    extensions: Extensions,
    *,
    language: str = FALLBACK,
    validate: bool = True,
    physical: Physical | None = None,
) -> Loaded:
    """Compile source files. `language` is that of the site's plain texts.

    With `validate=False` structure, references and sense are not looked at: for texts that were checked when they
    were applied.
    """
    files = list(sources)
    parsed, problems = _parse(files)
    known = _shapes(parsed, extensions, needed=validate)
    layers, found = lay(parsed, known, extensions.field_types, language=language)
    problems += (
        found
        if len(parsed) == sum(not each.is_process for each in files)
        else [each for each in found if each.code not in _MISSING]
    )
    if validate:
        problems += _validate(parsed, layers, extensions)
    if has_errors(problems):
        return Loaded(None, _sorted(problems))
    definitions, found = _structure(layers, extensions)
    problems += found
    if has_errors(problems):
        return Loaded(None, _sorted(problems))
    linked = _together(definitions, layers, extensions, known, files)
    if validate:
        linked = replace(linked, drawings=_drawings(files))
        linked, found = link(linked)
        problems += found
        problems += check(linked)
    if has_errors(problems):
        return Loaded(None, _sorted(problems), linked)
    processes = {bpmn.key_of(each.layer, each.path): each.text for each in files if each.is_process}
    catalog = compile_catalog(linked, fingerprint(files), physical or Physical(), language, processes)
    return Loaded(catalog, _sorted(problems), linked)


_MISSING = frozenset({"E116", "E308", "E311"})
"""What lay finds missing, which may stand in a file that could not be read."""


def compile_catalog(
    linked: Linked,
    digest: str,
    physical: Physical,
    language: str = FALLBACK,
    processes: Mapping[str, str] | None = None,
) -> Catalog:
    """Make the catalog of linked definitions."""
    objects = {each.name: _model(linked, each) for each in linked.of(Object)}
    return Catalog(
        fingerprint=digest,
        definitions=MappingProxyType(
            {kind: MappingProxyType(dict(found)) for kind, found in linked.definitions.items()}
        ),
        objects=MappingProxyType(objects),
        extensions=linked.extensions,
        physical=physical,
        language=language,
        processes=MappingProxyType(dict(processes or {})),
    )


def _drawings(files: Iterable[SourceFile]) -> dict[str, bpmn.Drawing]:
    """Read the BPMN files."""
    found = [(bpmn.key_of(each.layer, each.path), each) for each in files if each.is_process]
    return {key: bpmn.read(each.text, file=each.file, layer=each.layer) for key, each in found}


def _model(linked: Linked, definition: Object) -> ObjectModel:
    parent, parent_field = linked.parents.get(definition.name, (None, None))
    fields = MappingProxyType(dict(linked.fields[definition.name]))
    return ObjectModel(definition, fields, parent, parent_field)


def _parse(files: Iterable[SourceFile]) -> tuple[list[Parsed], list[Problem]]:
    parsed: list[Parsed] = []
    problems: list[Problem] = []
    for source in files:
        if source.is_process:
            continue
        data, found = load_yaml(source.text, source.file)
        problems += found
        if data is not None:
            parsed.append((source, data))
    return parsed, problems


def _shapes(parsed: Iterable[Parsed], extensions: Extensions, *, needed: bool) -> Shapes:
    """Read the shapes of kinds and field types, where someone will ask for them."""
    is_patched = any(data.get("kind") == "patch" for _, data in parsed)
    return extensions.memo(shapes) if needed or is_patched else {}


def _validate(parsed: Iterable[Parsed], layers: Layers, extensions: Extensions) -> list[Problem]:
    """Hold every definition against its schema, a patched one as its patches made it."""
    structure = heavy.load("dougong.definitions.validate")
    known = extensions.memo(structure.validators)
    problems: list[Problem] = []
    for _, data in parsed:
        kind, name = data.get("kind"), data.get("name")
        effective = layers.effective.get((kind, name)) if isinstance(kind, str) and isinstance(name, str) else None
        is_patched = effective is not None and effective.patched_by
        problems += structure.validate(effective.data if effective and is_patched else data, known)
    return problems


def _structure(layers: Layers, extensions: Extensions) -> tuple[dict[str, dict[str, Definition]], list[Problem]]:
    definitions: dict[str, dict[str, Definition]] = {}
    problems: list[Problem] = []
    for (kind, name), effective in layers.effective.items():
        definition, found = structure(effective, language=layers.languages[effective.layer], extensions=extensions)
        problems += found
        if definition is not None:
            definitions.setdefault(kind, {})[name] = definition
    return definitions, problems


def _together(
    definitions: Mapping[str, Mapping[str, Definition]],
    layers: Layers,
    extensions: Extensions,
    known: Shapes,
    files: Iterable[SourceFile],
) -> Linked:
    """Give objects their system fields, and children their parents."""
    objects = [each for each in definitions.get(Object.KIND, {}).values() if isinstance(each, Object)]
    parents: dict[str, tuple[str, str]] = {}
    for each in objects:
        for field in each.fields:
            lines = field.type.lines()
            if lines is not None:
                parents.setdefault(lines, (each.name, field.name))
    system = SystemFields(extensions.field_types)
    fields: dict[str, Mapping[str, Field]] = {}
    for each in objects:
        parent = parents.get(each.name, (None, None))[0]
        own = system.of(each.nature, each.name, parent)
        fields[each.name] = {**own, **{field.name: field for field in each.fields if field.name not in own}}
    texts = {source.file: source.text for source in files}
    return Linked(layers, definitions, fields, parents, extensions, known, texts)


def _sorted(problems: Iterable[Problem]) -> list[Problem]:
    """Put problems in the order of their places, each once."""
    return sorted(set(problems))
