"""the catalog for administrators: objects, fields, definitions, plans"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dougong.base.problems import Problem
from dougong.catalog.model import Catalog, ObjectModel
from dougong.definitions.kinds import Bundle, Form, Menu, PermissionSet, Report, View
from dougong.definitions.kinds.object import Field
from dougong.definitions.kinds.parts import Definition
from dougong.storage.plan import Plan, describe, is_destructive
from dougong.web.present.filters import Choice
from dougong.web.present.page import Frame, Link

_TONES = {"+": "positive", "~": "neutral", "»": "neutral", "-": "negative"}


@dataclass(frozen=True)
class BundleRow:
    """One bundle that is installed."""

    name: str
    """Its name."""
    label: str
    """What the person reads."""
    version: str
    """Its version; blank for the site's own layer."""
    count: int
    """How many definitions it has."""


@dataclass(frozen=True)
class ObjectRow:
    """One object."""

    name: str
    """Its name."""
    label: str
    """What the person reads."""
    icon: str
    """A name of the icon sprite."""
    nature: str
    """Record, child, link, event."""
    bundle: str
    """Where it comes from."""
    fields: int
    """How many fields its authors gave it."""
    forms: int
    """How many forms it has."""
    views: int
    """How many views it has."""
    href: str
    """Its page."""


@dataclass(frozen=True)
class CatalogPage:
    """Everything that is installed."""

    frame: Frame
    """What stands around it."""
    bundles: tuple[BundleRow, ...]
    """The bundles and the site's layer."""
    objects: tuple[ObjectRow, ...]
    """The objects that were asked for."""
    found: tuple[Link, ...]
    """Other definitions that were asked for; `icon` holds the kind."""
    words: str
    """What was asked."""
    fingerprint: str
    """Which catalog this is, in a few letters."""


@dataclass(frozen=True)
class FieldRow:
    """One field of an object."""

    name: str
    """Its name."""
    label: str
    """What the person reads."""
    type: str
    """Its type, in words."""
    type_name: str
    """The name of its type."""
    marks: tuple[str, ...]
    """Required, unique, sensitive …"""
    options: str
    """The options of its type, as they would be written."""
    column: str
    """The physical column."""
    is_system: bool
    """Whether every such object has it."""


@dataclass(frozen=True)
class RuleRow:
    """One rule of an object."""

    name: str
    """Its name."""
    that: str
    """What must hold."""
    otherwise: str
    """What is told."""


@dataclass(frozen=True)
class ObjectPage:
    """One object with everything that belongs to it."""

    frame: Frame
    """What stands around it."""
    row: ObjectRow
    """The object."""
    table: str
    """The physical table."""
    fields: tuple[FieldRow, ...]
    """The author's fields, then the system's."""
    rules: tuple[RuleRow, ...]
    """What must hold."""
    used_by: tuple[Link, ...]
    """Definitions that name it; `icon` holds the kind."""
    source_href: str
    """Its text."""
    list_href: str
    """Its records; blank where it has no list."""
    add_href: str
    """The short form for a new field; blank where it may not be changed."""


@dataclass(frozen=True)
class SourcePage:
    """The text of one definition."""

    frame: Frame
    """What stands around it."""
    kind: str
    """Its kind."""
    name: str
    """Its name."""
    label: str
    """What the person reads."""
    layer: str
    """The layer it comes from."""
    path: str
    """Its file within the layer."""
    lines: tuple[str, ...]
    """The text."""
    edit_href: str
    """Where to edit it; blank where it belongs to a bundle."""
    patch_href: str
    """Where to write a patch for it; blank where it is the site's own."""


@dataclass(frozen=True)
class SitePage:
    """The site's own definitions."""

    frame: Frame
    """What stands around it."""
    files: tuple[Link, ...]
    """The files of the layer."""


@dataclass(frozen=True)
class ProblemRow:
    """One thing wrong in a definition."""

    line: int
    """Where it stands, from 1; 0 where only the file is known."""
    column: int
    """The same."""
    code: str
    """`E303`."""
    message: str
    """What is wrong."""
    hint: str
    """How to mend it."""
    place: str
    """File, line and column."""


@dataclass(frozen=True)
class EditPage:
    """Writing one definition of the site's layer."""

    frame: Frame
    """What stands around it."""
    path: str
    """The file within the layer."""
    text: str
    """What stands in it."""
    base: str
    """The fingerprint it was read at."""
    is_new: bool
    """Whether there is no such file yet."""
    problems: tuple[ProblemRow, ...] = ()
    """What is wrong with it."""
    problem: str = ""
    """Why it cannot be planned at all."""
    marked: tuple[tuple[str, bool], ...] = ()
    """The lines of the text, those with a problem marked; empty where there is none."""


@dataclass(frozen=True)
class ChangeRow:
    """One thing that an apply would change."""

    sign: str
    """`+`, `~`, `»` or `-`."""
    tone: str
    """How it is coloured."""
    what: str
    """What is changed."""
    said: str
    """How."""


@dataclass(frozen=True)
class StepRow:
    """One step of an apply."""

    text: str
    """What it does to the database."""
    is_destructive: bool
    """Whether it wants consent."""


@dataclass(frozen=True)
class PlanPage:
    """What applying would change."""

    frame: Frame
    """What stands around it."""
    path: str
    """The file that is changed."""
    text: str
    """What would stand in it; blank with `is_removal`."""
    base: str
    """The fingerprint it starts from."""
    is_removal: bool
    """Whether the file would go."""
    changes: tuple[ChangeRow, ...]
    """What changes, for people."""
    steps: tuple[StepRow, ...]
    """What changes, in the database."""
    problems: tuple[str, ...]
    """What in the data stands in the way."""
    advice: tuple[ProblemRow, ...]
    """What might be better."""
    destructive: int
    """How many steps want consent."""
    is_empty: bool
    """Whether nothing would change."""
    back_href: str
    """The way back."""
    next: str
    """Where to go when it is done."""
    problem: str = ""
    """Why it could not be carried out."""
    more: tuple[tuple[str, str], ...] = ()
    """Other files that change along with it, as path and text."""


@dataclass(frozen=True)
class AppliedRow:
    """One plan that was carried out."""

    at: str
    """When, in the reader's zone."""
    by: str
    """Who."""
    status: str
    """How it ended."""
    reason: str
    """Why."""
    changes: tuple[ChangeRow, ...]
    """What it changed."""
    versions: tuple[str, ...]
    """Bundles whose version changed."""


@dataclass(frozen=True)
class AppliedPage:
    """The plans that were carried out."""

    frame: Frame
    """What stands around it."""
    rows: tuple[AppliedRow, ...]
    """The last one first."""


@dataclass(frozen=True)
class AddFieldPage:
    """The short form for a new field."""

    frame: Frame
    """What stands around it."""
    label: str
    """The object, as the person reads it."""
    action: str
    """Where it is sent."""
    cancel_href: str
    """The way back."""
    values: Mapping[str, str]
    """What was entered."""
    types: tuple[Choice, ...]
    """The types to choose from."""
    objects: tuple[Choice, ...]
    """The objects a lookup may lead to."""
    errors: Mapping[str, str]
    """What is wrong, by input."""
    problems: tuple[ProblemRow, ...] = ()
    """What the compiler says."""
    view: str = ""
    """The list that opens first; blank where there is none that could show the field."""
    propose: str = ""
    """Where a name is proposed while one types."""
    proposed: str = ""
    """The name that was proposed last; one that a person typed stays."""


@dataclass(frozen=True)
class ProposedName:
    """The input of a field's name, with a proposal in it."""

    value: str
    """What stands in it."""
    proposed: str
    """What was proposed."""


def bundles(catalog: Catalog, locale: str) -> tuple[BundleRow, ...]:
    """Present the bundles, and the site's layer last."""
    counts: dict[str, int] = {}
    for definitions in catalog.definitions.values():
        for each in definitions.values():
            counts[each.bundle] = counts.get(each.bundle, 0) + 1
    rows = [
        BundleRow(each.name, each.shown_label().show(locale), each.version, counts.get(each.name, 0))
        for each in catalog.of(Bundle).values()
    ]
    return tuple(sorted(rows, key=lambda row: row.name))


def objects(catalog: Catalog, locale: str, words: str) -> tuple[ObjectRow, ...]:
    """Present the objects whose name or label contains the words."""
    rows = (object_row(catalog, model, locale) for model in catalog.objects.values())
    asked = words.casefold()
    chosen = [row for row in rows if asked in row.name.casefold() or asked in row.label.casefold()]
    return tuple(sorted(chosen, key=lambda row: (row.bundle, row.name)))


def object_row(catalog: Catalog, model: ObjectModel, locale: str) -> ObjectRow:
    """Present one object."""
    definition = model.definition
    return ObjectRow(
        name=model.name,
        label=definition.shown_label().show(locale),
        icon=definition.icon or "table",
        nature=model.nature,
        bundle=definition.bundle,
        fields=sum(1 for _ in model.own_fields()),
        forms=sum(form.object == model.name for form in catalog.of(Form).values()),
        views=sum(view.object == model.name for view in catalog.of(View).values()),
        href=f"/admin/objects/{model.name}",
    )


def others(catalog: Catalog, locale: str, words: str) -> tuple[Link, ...]:
    """Present the definitions of other kinds whose name or label contains the words."""
    asked = words.casefold()
    if not asked:
        return ()
    found = [
        _link(each, locale)
        for kind, definitions in catalog.definitions.items()
        for each in definitions.values()
        if kind != "object" and (asked in each.name.casefold() or asked in each.shown_label().show(locale).casefold())
    ]
    return tuple(sorted(found, key=lambda link: (link.icon, link.label)))


def _link(definition: Definition, locale: str) -> Link:
    label = f"{definition.name} · {definition.shown_label().show(locale)}"
    return Link(label, f"/admin/definitions/{definition.kind}/{definition.name}", definition.kind)


def used_by(catalog: Catalog, name: str, locale: str) -> tuple[Link, ...]:
    """Present the definitions that name an object."""
    found: list[Definition] = []
    found += [each for each in catalog.of(Form).values() if each.object == name]
    found += [each for each in catalog.of(View).values() if each.object == name]
    found += [each for each in catalog.of(Report).values() if each.object == name]
    found += [each for each in catalog.of(Menu).values() if any(item.object == name for item in each.items)]
    found += [each for each in catalog.of(PermissionSet).values() if any(grant.object == name for grant in each.grants)]
    found += [catalog.object(other).definition for other in dict.fromkeys(other for other, _ in catalog.related(name))]
    return tuple(_link(each, locale) for each in found)


def fields(catalog: Catalog, model: ObjectModel, locale: str) -> tuple[FieldRow, ...]:
    """Present the fields of an object, the author's first."""
    ordered = sorted(model.fields.values(), key=lambda field: field.is_system)
    return tuple(_field_row(catalog, model, field, locale) for field in ordered)


def _field_row(catalog: Catalog, model: ObjectModel, field: Field, locale: str) -> FieldRow:
    flags = ("required", "unique", "index", "sensitive", "personal")
    marks = tuple(name for name in flags if getattr(field, name))
    conditions = tuple(name for name in ("required_when", "visible_when", "read_only_when") if getattr(field, name))
    return FieldRow(
        name=field.name,
        label=field.shown_label().show(locale),
        type=type(field.type).label.show(locale),
        type_name=type(field.type).name,
        marks=marks + conditions,
        options=_options(field.type.model_dump(exclude_defaults=True, mode="json")),
        column=catalog.physical.column(model.name, field.name) if field.type.columns() else "",
        is_system=field.is_system,
    )


def _options(options: Mapping[str, Any]) -> str:
    shown = []
    for name, value in options.items():
        if isinstance(value, list):
            value = ", ".join(str(each.get("value", each)) if isinstance(each, dict) else str(each) for each in value)
        shown.append(f"{name}: {value}")
    return "; ".join(shown)


def rules(model: ObjectModel, locale: str) -> tuple[RuleRow, ...]:
    """Present what must hold for a record."""
    return tuple(
        RuleRow(rule.name, f"{rule.when} → {rule.that}" if rule.when else rule.that, rule.otherwise.show(locale))
        for rule in model.definition.rules
    )


def problems(found: Iterable[Problem]) -> tuple[ProblemRow, ...]:
    """Present problems, those of one file in the order of its lines."""
    return tuple(
        ProblemRow(each.place.line, each.place.column, each.code, each.message, each.hint, str(each.place))
        for each in sorted(found)
    )


def marked(text: str, path: str, found: Sequence[Problem]) -> tuple[tuple[str, bool], ...]:
    """Give the lines of a text, those with a problem marked."""
    wrong = {each.place.line for each in found if each.place.path.endswith(path)}
    return tuple((line, at in wrong) for at, line in enumerate(text.splitlines(), 1)) if wrong else ()


def changes(plan: Plan) -> tuple[ChangeRow, ...]:
    """Present what a plan changes, for people."""
    return tuple(
        ChangeRow(
            each.sign,
            _TONES.get(each.sign, "neutral"),
            each.what,
            " · ".join(part for part in (each.sort, each.said, each.affected) if part),
        )
        for each in plan.changes
    )


def steps(plan: Plan) -> tuple[StepRow, ...]:
    """Present what a plan does to the database."""
    return tuple(StepRow(describe(step), is_destructive(step)) for step in plan.steps)
