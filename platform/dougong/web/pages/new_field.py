"""a field more on a live object: a short form that writes a patch into the site's layer"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response

from dougong.base.errors import BadRequest, Conflict
from dougong.base.names import is_name
from dougong.base.text import Message
from dougong.catalog.model import Catalog
from dougong.context import Context
from dougong.definitions.round_trip import editor
from dougong.definitions.sources import SITE
from dougong.features.bundles import service as bundles
from dougong.features.bundles.service import DefinitionProblems
from dougong.web.pages import studio as definitions
from dougong.web.pages.frame import answer, frame, look
from dougong.web.pages.route import Visit
from dougong.web.present import address, studio
from dougong.web.present.filters import Choice
from dougong.web.present.page import Link

OFFERED = (
    "text", "long_text", "choice", "multi_choice", "integer", "decimal", "money", "percent", "boolean", "date",
    "datetime", "lookup", "email", "phone", "url",
)  # fmt: skip
"""The types of the short form; all others can be written in YAML."""
WITH_OPTIONS = frozenset({"choice", "multi_choice"})
INPUTS = ("name", "label_en", "label_zh", "type", "required", "options", "to", "help")
_CODE = re.compile(r"[^a-z0-9]+")


def show(ctx: Context, visit: Visit, name: str) -> Response:
    """Show the form for a new field."""
    return _page(ctx, visit, name, {"type": "text"}, {})


def plan(ctx: Context, visit: Visit, name: str) -> Response:
    """Show what the new field would change."""
    definitions.administrators_only(ctx)
    sent = visit.request.form
    values = {each: sent.get(each, "").strip() for each in INPUTS}
    values["name"] = _own_name(values["name"])
    errors = _wrong(ctx, name, values)
    if errors:
        return _page(ctx, visit, name, values, errors)
    path = f"patches/x_{name}.yaml"[:60]
    text = patched(bundles.site_files(visit.engine).get(path, ""), name, field_of(values))
    try:
        planned = bundles.plan_edit(visit.engine, SITE, path, text, ctx.catalog.fingerprint)
    except DefinitionProblems as error:
        return _page(ctx, visit, name, values, {}, studio.problems(error.problems))
    except (BadRequest, Conflict) as error:
        return _page(ctx, visit, name, values, {"name": error.message.show(ctx.locale)})
    return definitions.plan_page(ctx, visit, planned, path, text, f"/admin/objects/{name}")


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
    if not is_name(values["name"]):
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


def patched(text: str, object_name: str, field: Mapping[str, Any]) -> str:
    """Add a field to the site's patch of an object; what stands there stays as it is, comments too."""
    yaml = editor()
    found = yaml.load(text) if text.strip() else None
    patch = found or {"kind": "patch", "name": f"x_{object_name}"[:40], "patches": f"object/{object_name}"}
    patch.setdefault("change", {}).setdefault("fields", []).append(dict(field))
    written = io.StringIO()
    yaml.dump(patch, written)
    return written.getvalue()
