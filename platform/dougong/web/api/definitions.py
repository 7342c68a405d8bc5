"""the installed definitions, plans and their applying, for administrators"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response

from dougong.access.grants import ADMINISTRATOR
from dougong.base.errors import BadRequest, NotAllowed, NotFound
from dougong.base.names import is_name
from dougong.base.text import Message
from dougong.context import Context
from dougong.definitions.sources import SITE
from dougong.features.bundles import service as bundles
from dougong.storage import plan as plans
from dougong.storage.plan import Plan
from dougong.web.api import reading, showing
from dougong.web.unit_of_work import Call

_PATH = re.compile(r"(?:[a-z_]+/)?[a-z][a-z0-9_]{0,39}\.yaml")
_PLAN = ("layers", "base")
_APPLY = ("layers", "plan", "base", "allow_drop", "reason")


def show(ctx: Context, call: Call) -> Response:
    """Give the layers with the paths of their files; `layer` gives the texts of one, the site's own for a start."""
    _administrators_only(ctx)
    given = reading.parameters(call.request, ("layer",))
    layers = bundles.layers(call.engine)
    found: dict[str, Any] = {
        "fingerprint": ctx.catalog.fingerprint,
        "layers": [{"name": name, "files": sorted(files)} for name, files in sorted(layers.items())],
    }
    if "layer" in given:
        if given["layer"] not in {*layers, SITE}:
            raise NotFound(Message("There is no layer '{layer}'.", code="unknown_layer", layer=given["layer"][:100]))
        found["texts"] = layers.get(given["layer"], {})
    return showing.answer(found)


def plan(ctx: Context, call: Call) -> Response:
    """Say what applying whole layers would change; changes nothing."""
    _administrators_only(ctx)
    reading.parameters(call.request, ())
    body = _body(call, _PLAN)
    return showing.answer(_planned(bundles.plan(call.engine, _layers(body), base=_text(body, "base"))))


def apply(ctx: Context, call: Call) -> Response:
    """Apply whole layers, or a plan that was made before."""
    _administrators_only(ctx)
    reading.parameters(call.request, ())
    body = _body(call, _APPLY)
    if ("plan" in body) == ("layers" in body):
        raise BadRequest(Message("Send either 'layers' or 'plan'.", code="definitions"))
    allow_drop = body.get("allow_drop", False)
    if not isinstance(allow_drop, bool):
        raise BadRequest(Message("'allow_drop' is true or false.", code="definitions"))
    wanted = _given_plan(body) if "plan" in body else bundles.plan(call.engine, _layers(body), base=_text(body, "base"))
    applied = bundles.apply(call.engine, wanted, by=ctx.actor.id, reason=_text(body, "reason"), allow_drop=allow_drop)
    return showing.answer({"applied": applied, **_planned(wanted)})


def _administrators_only(ctx: Context) -> None:
    if ADMINISTRATOR not in ctx.actor.roles or ctx.actor.token_scope is not None:
        raise NotAllowed(Message("Only an administrator may do this.", code="administrators_only"))


def _body(call: Call, known: tuple[str, ...]) -> dict[str, Any]:
    body = reading.json_object(call.request)
    unknown = sorted(set(body) - set(known))
    if unknown:
        raise BadRequest(
            Message("There is no '{name}' here; there is: {known}.", code="definitions", name=unknown[0][:100],
                    known=", ".join(known))
        )  # fmt: skip
    return body


def _layers(body: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    layers = body.get("layers")
    is_good = (
        isinstance(layers, dict)
        and bool(layers)
        and all(
            isinstance(files, dict) and all(isinstance(text, str) for text in files.values())
            for files in layers.values()
        )
    )
    if not is_good:
        raise BadRequest(Message("'layers' holds whole layers: {layer: {path: text}}.", code="definitions"))
    found: dict[str, dict[str, str]] = body["layers"]
    for layer, files in found.items():
        _check_names(layer, files)
    return found


def _check_names(layer: str, paths: Iterable[str]) -> None:
    """Refuse names that would lead out of the folder, the day they are written as files."""
    odd = [] if is_name(layer) else [layer]
    odd += [path for path in paths if not _PATH.fullmatch(path)]
    if odd:
        raise BadRequest(
            Message("'{path}' is not a path such as objects/contract.yaml.", code="bad_path", path=odd[0][:100])
        )


def _given_plan(body: Mapping[str, Any]) -> Plan:
    if not isinstance(body["plan"], dict):
        raise BadRequest(Message("'plan' is a plan as it was given.", code="definitions"))
    given = plans.from_data(body["plan"])
    for each in given.files:
        _check_names(each.layer, (each.path,))
    return given


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest(Message("'{name}' is text.", code="definitions", name=name))
    return value


def _planned(wanted: Plan) -> dict[str, Any]:
    return {
        "is_empty": wanted.is_empty,
        "destructive": [plans.describe(step) for step in wanted.destructive],
        "said": plans.say(wanted),
        "plan": wanted.as_data(),
    }
