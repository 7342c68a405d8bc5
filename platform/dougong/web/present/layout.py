"""which fields stand where on a form or a record's page"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dougong.catalog.model import Catalog, ObjectModel
from dougong.definitions.kinds import Form
from dougong.definitions.kinds.form import FormField, Section
from dougong.definitions.kinds.object import Field

Purpose = Literal["new", "edit", "read"]


@dataclass(frozen=True)
class Place:
    """One field where it stands."""

    field: Field
    """The field."""
    is_wide: bool
    """Whether it takes the whole width."""
    columns: tuple[str, ...] = ()
    """For children: the fields of a line, in their order."""


def form_of(catalog: Catalog, object_name: str, purpose: Purpose) -> Form:
    """Give the form of an object; one with every field where its author gave none."""
    return catalog.memo(_form_of, object_name, purpose)


def _form_of(catalog: Catalog, object_name: str, purpose: Purpose) -> Form:
    found = [form for form in catalog.of(Form).values() if form.object == object_name]
    found.sort(key=lambda form: form.name)
    fitting = [form for form in found if purpose == "read" or (form.for_new if purpose == "new" else form.for_edit)]
    editing = [form for form in fitting if form.for_edit]
    return (editing or fitting or [_form_of_all(catalog.object(object_name))])[0]


def _form_of_all(model: ObjectModel) -> Form:
    fields = tuple(FormField(name=each.name) for each in model.own_fields())
    return Form(kind="form", name=model.name, object=model.name, sections=(Section(name="all", fields=fields),))


def places(catalog: Catalog, object_name: str, section: Section) -> tuple[Place, ...]:
    """Give the fields of a section that exist; a patch may have taken one away."""
    model = catalog.object(object_name)
    found = []
    for each in section.fields:
        field = model.fields.get(each.name)
        if field is None:
            continue
        child = field.type.lines()
        wide = each.width == "full" or bool(child)
        columns = (each.columns or line_columns(catalog, child)) if child else ()
        found.append(Place(field, wide, columns))
    return tuple(found)


def line_columns(catalog: Catalog, child: str) -> tuple[str, ...]:
    """Give the fields of a line that are shown where the form does not say."""
    return tuple(each.name for each in catalog.object(child).own_fields())


def unplaced(catalog: Catalog, object_name: str, form: Form) -> tuple[Place, ...]:
    """Give the author's fields that a form leaves out, such as one that the site added since."""
    placed = {each.name for section in form.sections for each in section.fields}
    model = catalog.object(object_name)
    return tuple(
        Place(each, bool(each.type.lines()), line_columns(catalog, child) if (child := each.type.lines()) else ())
        for each in model.own_fields()
        if each.name not in placed
    )
