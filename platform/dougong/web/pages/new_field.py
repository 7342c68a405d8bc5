"""a field more on a live object: a short form that writes a patch into the site's layer"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response

from dougong.base import heavy
from dougong.base.errors import BadRequest, Conflict
from dougong.base.names import is_name
from dougong.base.text import Message
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.definitions.kinds import View
from dougong.definitions.sources import SITE
from dougong.features.bundles import service as bundles
from dougong.features.bundles.service import DefinitionProblems
from dougong.sdk.words import sort_key
from dougong.web.pages import studio as definitions
from dougong.web.pages.frame import answer, frame, look
from dougong.web.pages.route import Visit
from dougong.web.present import address, listing, studio
from dougong.web.present.filters import Choice
from dougong.web.present.page import Link

OFFERED = (
    "text", "long_text", "choice", "multi_choice", "integer", "decimal", "money", "percent", "boolean", "date",
    "datetime", "lookup", "email", "phone", "url",
)  # fmt: skip
"""The types of the short form; all others can be written in YAML."""
WITH_OPTIONS = frozenset({"choice", "multi_choice"})
INPUTS = ("name", "label_en", "label_zh", "type", "required", "options", "to", "help", "in_list")
LONGEST_NAME = 38
_CODE = re.compile(r"[^a-z0-9]+")


def show(ctx: Context, visit: Visit, name: str) -> Response:
    """Show the form for a new field."""
    return _page(ctx, visit, name, {"type": "text", "in_list": "1"}, {})


def plan(ctx: Context, visit: Visit, name: str) -> Response:
    """Show what the new field would change."""
    definitions.administrators_only(ctx)
    sent = visit.request.form
    values = {each: sent.get(each, "").strip() for each in INPUTS}
    values["name"] = _own_name(values["name"]) or proposed_name(ctx.catalog.object(name), values)
    errors = _wrong(ctx, name, values)
    if errors:
        return _page(ctx, visit, name, values, errors)
    path = f"patches/x_{name}.yaml"[:60]
    there = bundles.site_files(visit.engine)
    text = patched(there.get(path, ""), f"object/{name}", "fields", field_of(values))
    more = _shown_in_list(ctx.catalog, there, name, values["name"]) if values["in_list"] else {}
    try:
        planned = bundles.plan_edit(visit.engine, SITE, path, text, ctx.catalog.fingerprint, more=more)
    except DefinitionProblems as error:
        return _page(ctx, visit, name, values, {}, studio.problems(error.problems))
    except (BadRequest, Conflict) as error:
        return _page(ctx, visit, name, values, {"name": error.message.show(ctx.locale)})
    return definitions.plan_page(ctx, visit, planned, path, text, f"/admin/objects/{name}", more=more)


def propose(ctx: Context, visit: Visit, name: str) -> Response:
    """Propose a name while the label is typed; one that a person typed themselves stays."""
    definitions.administrators_only(ctx)
    asked = visit.request.args
    proposed = proposed_name(ctx.catalog.object(name), asked)
    typed = asked.get("name", "").strip()
    is_own = bool(typed) and typed != asked.get("proposed", "")
    page = studio.ProposedName(typed if is_own else proposed, proposed)
    return answer(visit, "admin/field_name.html", page, locale=look(ctx).locale)


def proposed_name(model: ObjectModel, values: Mapping[str, str]) -> str:
    """Make a name that is free from the label: in English, else in Chinese by its pinyin; blank where there is none."""
    label = values.get("label_en", "").strip() or values.get("label_zh", "").strip()
    name = _own_name(sort_key(label[:LONGEST_NAME]))[:LONGEST_NAME].rstrip("_")
    free, number = name, 2
    while free in model.fields:
        free = f"{name[: LONGEST_NAME - 3]}_{number}"
        number += 1
    return free


def _list_of(catalog: Catalog, object_name: str) -> View | None:
    """Give the list of an object that opens first, if an author wrote one; the other shows by itself what there is."""
    first = listing.views_of(catalog, object_name)[0]
    return catalog.find(View, first.name) if first.columns else None


def _shown_in_list(catalog: Catalog, there: Mapping[str, str], object_name: str, field: str) -> dict[str, str]:
    """Give the file that adds a field to the list that opens first: the site's own view, or a patch of another's."""
    view = _list_of(catalog, object_name)
    if view is None:
        return {}
    own = view.place.path.removeprefix(f"{view.bundle}/")
    if view.bundle == SITE and own in there:
        return {own: with_column(there[own], field)}
    path = f"patches/x_view_{view.name}"[:48] + ".yaml"
    return {
        path: patched(there.get(path, ""), f"view/{view.name}", "columns", {"name": field}, name=f"x_view_{view.name}")
    }


def _page(
    ctx: Context,
    visit: Visit,
    name: str,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    problems: tuple[studio.ProblemRow, ...] = (),
) -> Response:
    definitions.administrators_only(ctx)
    locale = look(ctx).locale
    label = ctx.catalog.object(name).definition.shown_label().show(locale)
    here = f"/admin/objects/{name}"
    title = Message("Add a field to {object}", object=label).show(locale)
    page = studio.AddFieldPage(
        frame=frame(ctx, visit, title, crumbs=(Link(definitions.HERE.show(locale), address.ADMIN), Link(label, here))),
        label=label,
        action=f"{here}/add-field",
        cancel_href=here,
        values={each: values.get(each, "") for each in INPUTS},
        types=_types(ctx.catalog, values.get("type", ""), locale),
        objects=_objects(ctx.catalog, values.get("to", ""), locale),
        errors={each: errors.get(each, "") for each in INPUTS},
        problems=problems,
        view=view.shown_label().show(locale) if (view := _list_of(ctx.catalog, name)) else "",
        propose=f"{here}/add-field/name",
        proposed=proposed_name(ctx.catalog.object(name), values),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors or problems else HTTPStatus.OK
    return answer(visit, "admin/add_field.html", page, locale=locale, status=status)


def _types(catalog: Catalog, chosen: str, locale: str) -> tuple[Choice, ...]:
    known = catalog.extensions.field_types
    return tuple(Choice(each, known.get(each).label.show(locale), each == chosen) for each in OFFERED if each in known)


def _objects(catalog: Catalog, chosen: str, locale: str) -> tuple[Choice, ...]:
    models = [model for model in catalog.objects.values() if model.nature == "record"]
    return tuple(Choice(each.name, each.definition.shown_label().show(locale), each.name == chosen) for each in models)


def _own_name(name: str) -> str:
    """A site's own names begin with `x_`."""
    clean = _CODE.sub("_", name.lower()).strip("_")
    return clean if not clean or clean.startswith("x_") else f"x_{clean}"


def _wrong(ctx: Context, object_name: str, values: Mapping[str, str]) -> dict[str, str]:
    wrong: dict[str, Message] = {}
    if not values["name"] and (values["label_en"] or values["label_zh"]):
        wrong["name"] = Message("No name can be made from this label: enter one in small letters a to z.")
    elif values["name"] and not is_name(values["name"]):
        wrong["name"] = Message("Enter a name in small letters a to z, digits and _, at most 38 long.")
    elif values["name"] in ctx.catalog.object(object_name).fields:
        wrong["name"] = Message("There is a field of this name already.")
    if not values["label_en"] and not values["label_zh"]:
        wrong["label_en"] = Message("Enter a label in one language at least.")
    if values["type"] in WITH_OPTIONS and not values["options"]:
        wrong["options"] = Message("Enter one choice on each line.")
    if values["type"] == "lookup" and not values["to"]:
        wrong["to"] = Message("Choose what it points to.")
    if values["type"] not in OFFERED:
        wrong["type"] = Message("Choose a type.")
    return {name: message.show(ctx.locale) for name, message in wrong.items()}


def field_of(values: Mapping[str, str]) -> dict[str, Any]:
    """Give the field as its author would write it."""
    label = {code: values[key] for code, key in (("en", "label_en"), ("zh-CN", "label_zh")) if values[key]}
    field: dict[str, Any] = {"name": values["name"], "type": values["type"], "label": label}
    if values["help"]:
        field["help"] = dict.fromkeys(label, values["help"])
    if values["required"]:
        field["required"] = True
    if values["type"] in WITH_OPTIONS:
        field["options"] = [_option(line, at) for at, line in enumerate(_lines(values["options"]), 1)]
    if values["type"] == "lookup":
        field["to"] = values["to"]
    return field


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _option(line: str, at: int) -> dict[str, str]:
    """Read `value: label`, or a label alone, whose value is made from it."""
    value, colon, label = line.partition(":")
    if colon and value.strip() and label.strip():
        return {"value": value.strip(), "label": label.strip()}
    code = _CODE.sub("_", line.lower()).strip("_")
    return {"value": code or f"choice_{at}", "label": line}


def patched(text: str, patches: str, key: str, item: Mapping[str, Any], *, name: str = "") -> str:
    """Add an item to a list in the site's patch of a definition (`object/customer`); what stands there stays, comments
    too."""
    yaml = heavy.load("dougong.definitions.round_trip").editor()
    found = yaml.load(text) if text.strip() else None
    own = name or f"x_{patches.partition('/')[2]}"
    patch = found or {"kind": "patch", "name": own[:40], "patches": patches}
    patch.setdefault("change", {}).setdefault(key, []).append(dict(item))
    return _written(yaml, patch)


def with_column(text: str, field: str) -> str:
    """Add a column to a view of the site's own."""
    yaml = heavy.load("dougong.definitions.round_trip").editor()
    view = yaml.load(text)
    view.setdefault("columns", []).append({"name": field})
    return _written(yaml, view)


def _written(yaml: Any, data: Any) -> str:
    written = io.StringIO()
    yaml.dump(data, written)
    return written.getvalue()
