"""the OpenAPI document of one catalog, for one caller: what they may not see is not in it"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from flask import Response

import dougong
from dougong.catalog.model import Catalog, ObjectModel, Report
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.records import service as records
from dougong.web import errors
from dougong.web.api import objects, reading, showing
from dougong.web.locales import nearest
from dougong.web.unit_of_work import Call

MOST_DOCUMENTS = 200

Schema = dict[str, Any]


def show(ctx: Context, call: Call) -> Response:
    """Give the document."""
    reading.parameters(call.request, ())
    return showing.answer(document(ctx))


def document(ctx: Context) -> Schema:
    """Build the document, once for all who have the same rights and language."""
    store = ctx.catalog.memo(_documents)
    key = (ctx.actor.roles, ctx.actor.token_scope, nearest(ctx.locale))
    if key not in store:
        if len(store) >= MOST_DOCUMENTS:
            store.clear()
        store[key] = _build(ctx)
    return store[key]


def _documents(catalog: Catalog) -> dict[Hashable, Schema]:
    return {}


def _build(ctx: Context) -> Schema:
    seen = objects.visible(ctx)
    schemas: Schema = {"Problem": _PROBLEM, "History": _HISTORY}
    paths: Schema = {**_fixed_paths()}
    for model in seen:
        paths |= _paths(ctx, model)
        schemas |= _schemas(ctx, model)
    names = sorted(each.name for each in ctx.catalog.of(Report).values() if records.may(ctx, "read", each.object))
    if names:
        paths["/reports/{report}"] = {"get": _report(names)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Dougong", "version": dougong.__version__},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}, {"session": []}],
        "tags": [
            {"name": model.name, "description": model.definition.shown_label().show(ctx.locale)} for model in seen
        ],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": _PARAMETERS,
            "responses": _responses(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "dougong_session"},
            },
        },
    }


# ---- one object ------------------------------------------------------------------------------------------------------


def _paths(ctx: Context, model: ObjectModel) -> Schema:
    may = {verb: records.may(ctx, verb, model.name) for verb in ("read", "create", "update", "delete")}
    whole: Schema = {}
    one: Schema = {"parameters": [{"$ref": "#/components/parameters/id"}]}
    paths: Schema = {}
    if may["read"]:
        whole["get"] = _operation(model, "list", {"200": _json(_list_of(model))}, 400, parameters=_LIST)
        one["get"] = _operation(
            model, "get", {"200": _json(_ref(model.name), etag=True)}, 404, parameters=_named("fields")
        )
        paths[f"/records/{model.name}/{{id}}/history"] = {
            "parameters": [{"$ref": "#/components/parameters/id"}],
            "get": _operation(model, "history", {"200": _json({"$ref": "#/components/schemas/History"})}, 404),
        }
    if may["create"]:
        body = {"anyOf": [_ref(f"{model.name}.create"), _many(model)]}
        answers = {"201": _json(_ref(model.name), etag=True), "207": _json({"type": "object"})}
        whole["post"] = _operation(
            model, "create", answers, 400, 403, 409, 422, body=body, parameters=_named("idempotency_key")
        )
    if may["update"]:
        answers = {"200": _json(_ref(model.name), etag=True)}
        one["patch"] = _operation(
            model, "update", answers, 404, 409, 412, 422, 428,
            body=_ref(f"{model.name}.update"), parameters=_named("if_match", "last_write"),
        )  # fmt: skip
    if may["delete"]:
        answers = {"204": {"description": "deleted"}}
        one["delete"] = _operation(
            model, "delete", answers, 404, 409, 412, 428, parameters=_named("if_match", "last_write")
        )
    paths[f"/records/{model.name}"] = whole
    if len(one) > 1:
        paths[f"/records/{model.name}/{{id}}"] = one
    return paths


def _operation(
    model: ObjectModel,
    verb: str,
    answers: Schema,
    *problems: int,
    parameters: list[Schema] | None = None,
    body: Schema | None = None,
) -> Schema:
    found: Schema = {
        "operationId": f"{model.name}.{verb}",
        "tags": [model.name],
        "responses": {**answers, **{str(status): _problem_ref(status) for status in (401, *problems)}},
    }
    if parameters:
        found["parameters"] = parameters
    if body:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return found


def _schemas(ctx: Context, model: ObjectModel) -> Schema:
    """The record as it is read, and as it is created and changed, with the fields this caller has."""
    readable = records.readable(ctx, model.name)
    created = records.writable(ctx, model.name, "create")
    updated = records.writable(ctx, model.name, "update")
    return {
        model.name: {
            "type": "object",
            "title": model.definition.shown_label().show(ctx.locale),
            "properties": {field.name: _property(ctx, field, "read") for field in readable},
        },
        f"{model.name}.create": _entered(ctx, created, "create", [each.name for each in created if _is_asked(each)]),
        f"{model.name}.update": _entered(ctx, updated, "update", []),
    }


def _entered(ctx: Context, fields: tuple[Field, ...], verb: str, required: list[str]) -> Schema:
    found: Schema = {
        "type": "object",
        "properties": {field.name: _property(ctx, field, verb) for field in fields},
        "additionalProperties": False,
    }
    return {**found, "required": required} if required else found


def _is_asked(field: Field) -> bool:
    """Whether creating without the field is refused."""
    return field.required and field.default is None and field.default_expr is None


def _property(ctx: Context, field: Field, verb: str) -> Schema:
    lines = field.type.lines()
    if lines is not None and lines in ctx.catalog.objects:
        child = ctx.catalog.object(lines)
        fields = records.readable(ctx, lines) if verb == "read" else records.writable(ctx, lines, verb)
        properties = {each.name: _property(ctx, each, verb) for each in fields}
        if verb != "read":
            properties["id"] = {"type": "string", "format": "uuid", "description": "of a line that is there already"}
        schema: Schema = {"type": "array", "items": {"type": "object", "properties": properties}}
        schema["items"]["title"] = child.definition.shown_label().show(ctx.locale)
    else:
        own = field.type.json_schema()
        schema = {"anyOf": [own if verb == "read" else _on_the_way_in(own), {"type": "null"}]}
    schema["title"] = field.shown_label().show(ctx.locale)
    if field.help:
        schema["description"] = field.help.show(ctx.locale)
    if (target := field.type.lookup()) is not None:
        schema["x-dougong-to"] = target
    return schema


def _on_the_way_in(schema: Schema) -> Schema:
    """What may be sent: for an exact number a JSON number too, and for money its plain amount in base currency."""
    if schema.get("format") == "decimal":
        return {"type": ["string", "number"], "format": "decimal"}
    amount = schema.get("properties", {}).get("amount")
    if amount is None:
        return schema
    plain = _on_the_way_in(amount)
    return {"anyOf": [{**schema, "properties": {**schema["properties"], "amount": plain}}, plain]}


# ---- what all documents have -----------------------------------------------------------------------------------------


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: Schema, *, etag: bool = False) -> Schema:
    found: Schema = {"description": "done", "content": {"application/json": {"schema": schema}}}
    if etag:
        found["headers"] = {"ETag": {"description": "the version", "schema": {"type": "string"}}}
    return found


def _list_of(model: ObjectModel) -> Schema:
    return {
        "type": "object",
        "required": ["records", "next"],
        "properties": {
            "records": {"type": "array", "items": _ref(model.name)},
            "next": {"type": ["string", "null"], "description": "the cursor of the next page"},
            "count": {"type": ["integer", "string"], "description": "exact to 10,000, then '10000+'"},
        },
    }


def _many(model: ObjectModel) -> Schema:
    return {
        "type": "object",
        "required": ["records"],
        "properties": {
            "records": {"type": "array", "items": _ref(f"{model.name}.create"), "minItems": 1, "maxItems": 1000},
            "atomic": {"type": "boolean", "default": True},
        },
        "additionalProperties": False,
    }


def _named(*names: str) -> list[Schema]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _problem_ref(status: int) -> Schema:
    return {"$ref": f"#/components/responses/{status}"}


def _query(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "query", "schema": schema, "description": description}


_TEXT: Schema = {"type": "string"}
_PARAMETERS: Schema = {
    "id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
    "where": _query("where", _TEXT, 'an expression, such as stage == "won" and amount > 1000'),
    "q": _query("q", _TEXT, "words to find"),
    "sort": _query("sort", _TEXT, "fields with commas; '-' for descending: -amount,name"),
    "fields": _query("fields", _TEXT, "fields and paths with commas: name,owner.name,customer.title"),
    "limit": _query("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}, "how many"),
    "cursor": _query("cursor", _TEXT, "'next' of the page before"),
    "count": _query("count", {"enum": ["true", "false", "exact"]}, "whether to count them all"),
    "last_write": _query("last_write", {"type": "boolean"}, "write whatever the version is"),
    "if_match": {
        "name": "If-Match",
        "in": "header",
        "schema": _TEXT,
        "description": 'the version that was read, such as "3"',
    },
    "idempotency_key": {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "maxLength": 200},
        "description": "makes a retry safe for 24 hours",
    },
}
_LIST = _named("where", "q", "sort", "fields", "limit", "cursor", "count")

_PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": _TEXT,
        "request_id": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": ["string", "null"]}, "code": _TEXT, "message": _TEXT},
            },
        },
    },
}
_HISTORY: Schema = {
    "type": "object",
    "properties": {
        "history": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "at": {"type": "string", "format": "date-time"},
                    "by": {"type": "object"},
                    "op": _TEXT,
                    "door": _TEXT,
                    "reason": {"type": ["string", "null"]},
                    "changes": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"field": _TEXT, "from": {}, "to": {}}},
                    },
                },
            },
        }
    },
}


def _responses() -> Schema:
    statuses = sorted({status for status in errors.known_codes().values() if status < 500})
    return {
        str(status): {
            "description": "a problem document",
            "content": {errors.PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def _fixed_paths() -> Schema:
    """The addresses that are the same in every installation."""
    rows = (
        ("get", "/objects", "catalog.objects", "what the caller may see of the catalog", False),
        ("get", "/objects/{object}", "catalog.object", "one object with its fields", True),
        ("get", "/reports", "catalog.reports", "the reports the caller may run", False),
        ("get", "/definitions", "definitions.show", "what is installed", False),
        ("post", "/definitions/plan", "definitions.plan", "what applying would change", False),
        ("post", "/definitions/apply", "definitions.apply", "apply definitions", False),
    )
    paths: Schema = {}
    for method, path, operation, summary, names_object in rows:
        found: Schema = {
            "operationId": operation,
            "summary": summary,
            "tags": ["catalog"],
            "responses": {"200": _json({"type": "object"}), "401": _problem_ref(401), "403": _problem_ref(403)},
        }
        if names_object:
            found["parameters"] = [{"name": "object", "in": "path", "required": True, "schema": _TEXT}]
        if method == "post":
            found["requestBody"] = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
        paths[path] = {method: found}
    return paths


def _report(names: list[str]) -> Schema:
    return {
        "operationId": "reports.run",
        "tags": ["reports"],
        "parameters": [
            {"name": "report", "in": "path", "required": True, "schema": {"enum": names}},
            _query("format", {"enum": ["json", "csv", "xlsx"], "default": "json"}, "as what"),
        ],
        "responses": {"200": _json({"type": "object"}), "401": _problem_ref(401), "404": _problem_ref(404)},
    }
