"""the OpenAPI document of one catalog, for one caller: what they may not see is not in it"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from flask import Response

import dougong
from dougong.catalog.model import Catalog, Flow, ObjectModel, Report
from dougong.context import Context
from dougong.definitions.kinds.object import Field
from dougong.features.automation.buttons import buttons_of
from dougong.features.printing import service as printing
from dougong.features.reports import dashboard as dashboards
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
    paths: Schema = {**_fixed_paths(), "/files/{file}": _FILE}
    for model in seen:
        paths |= _paths(ctx, model)
        schemas |= _schemas(ctx, model)
    names = sorted(each.name for each in ctx.catalog.of(Report).values() if records.may(ctx, "read", each.object))
    if ctx.catalog.of(Flow):
        schemas |= _FLOW_SCHEMAS
        paths |= _flow_paths(sorted(ctx.catalog.of(Flow)))
    if names:
        paths["/reports/{report}"] = {"get": _report(names)}
    opened = [each.name for each in dashboards.visible(ctx)]
    if opened:
        paths["/dashboards/{dashboard}"] = {"get": _dashboard(opened)}
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
        paths |= _hanging_paths(model)
        whole["get"] = _operation(model, "list", {"200": _json(_list_of(model))}, 400, parameters=_LIST)
        one["get"] = _operation(
            model, "get", {"200": _json(_ref(model.name), etag=True)}, 404, parameters=_named("fields")
        )
        paths[f"/records/{model.name}/{{id}}/history"] = {
            "parameters": [{"$ref": "#/components/parameters/id"}],
            "get": _operation(
                model,
                "history",
                {"200": _json({"$ref": "#/components/schemas/History"})},
                400,
                404,
                parameters=_named("limit", "cursor"),
            ),
        }
    if may["read"] and (model.definition.states is not None or buttons_of(ctx.catalog, model.name, "record")):
        paths |= _button_paths(ctx, model)
    paths |= _paper_paths(ctx, model)
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


def _hanging_paths(model: ObjectModel) -> Schema:
    """Say what hangs on a record: its comments and files."""
    here = f"/records/{model.name}/{{id}}"
    key = {"$ref": "#/components/parameters/id"}
    some = _named("limit", "cursor")
    text: Schema = {
        "type": "object",
        "required": ["text"],
        "properties": {"text": {"type": "string", "maxLength": 10000}},
    }
    which = {"name": "comment", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    listed, one, gone = {"200": _json({"type": "object"})}, {"200": _json(_COMMENT)}, {"204": {"description": "gone"}}
    upload = _operation(model, "files.add", {"201": _json({"type": "object"})}, 403, 404, 409, 413, 415, 422)
    upload["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": _UPLOAD}}}
    return {
        f"{here}/comments": {
            "parameters": [key],
            "get": _operation(model, "comments", listed, 400, 404, parameters=some),
            "post": _operation(model, "comments.add", {"201": _json(_COMMENT)}, 400, 403, 404, 422, body=text),
        },
        f"{here}/comments/{{comment}}": {
            "parameters": [key, which],
            "get": _operation(model, "comment", one, 404),
            "patch": _operation(model, "comment.edit", one, 403, 404, 422, body=text),
            "delete": _operation(model, "comment.delete", gone, 403, 404),
        },
        f"{here}/files": {
            "parameters": [key],
            "get": _operation(model, "files", listed, 400, 404, parameters=some),
            "post": upload,
        },
    }


def _button_paths(ctx: Context, model: ObjectModel) -> Schema:
    """Say what is offered on a record, and each button by its name."""
    here = f"/records/{model.name}/{{id}}/buttons"
    ways = [each.name for each in model.definition.states.transitions] if model.definition.states else []
    names = [*ways, *(each.name for each in buttons_of(ctx.catalog, model.name, "record"))]
    which = {"name": "button", "in": "path", "required": True, "schema": {"enum": names}}
    answers = {"200": _json(_PRESSED, etag=True)}
    return {
        here: {
            "parameters": [{"$ref": "#/components/parameters/id"}],
            "get": _operation(model, "buttons", {"200": _json({"type": "object"})}, 404),
        },
        f"{here}/{{button}}": {
            "parameters": [{"$ref": "#/components/parameters/id"}, which],
            "post": _operation(
                model, "press", answers, 403, 404, 409, 412, 422, 428,
                body={"type": "object", "description": "its inputs, by name"},
                parameters=_named("if_match", "last_write", "idempotency_key"),
            ),
        },
    }  # fmt: skip


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
        own = field.type.in_base_currency(ctx.base_currency).json_schema()
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

_COMMENT: Schema = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "at": {"type": "string", "format": "date-time"},
        "by": {"type": "object"},
        "text": _TEXT,
        "mentions": {"type": "array", "items": {"type": "object"}},
        "edited_at": {"type": ["string", "null"], "format": "date-time"},
    },
}
_UPLOAD: Schema = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
}
_PRESSED: Schema = {
    "type": "object",
    "properties": {
        "record": {"type": ["object", "null"], "description": "as it is now"},
        "open": {"type": ["object", "null"], "description": "the object and id of the record that one is led to"},
    },
}
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
                    "transition": {"type": ["string", "null"], "description": "the transition that it was"},
                    "changes": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"field": _TEXT, "from": {}, "to": {}}},
                    },
                },
            },
        },
        "next": {"type": ["string", "null"]},
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
        ("get", "/search", "search", "the best records of each object that hold every word", False),
        ("get", "/dashboards", "catalog.dashboards", "the dashboards the caller may open", False),
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
        if path == "/search":
            found["parameters"] = [
                {**_query("q", _TEXT, "words, pinyin or initials; every one must occur"), "required": True},
                _query("limit", {"type": "integer", "minimum": 1, "maximum": 50, "default": 5}, "how many of each"),
                _query("objects", _TEXT, "names with commas; by default everything that the caller may read"),
            ]
        if method == "post":
            found["requestBody"] = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
        paths[path] = {method: found}
    return paths


_FILE: Schema = {
    "parameters": [{"name": "file", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}],
    "get": {
        "operationId": "files.content",
        "tags": ["files"],
        "summary": "the content of a file of a record",
        "parameters": [_query("inline", {"type": "boolean"}, "whether a browser may show it, where that is safe")],
        "responses": {
            "200": {"description": "its bytes", "content": {"*/*": {}}},
            **{str(each): _problem_ref(each) for each in (401, 404)},
        },
    },
    "delete": {
        "operationId": "files.delete",
        "tags": ["files"],
        "summary": "take a file away",
        "responses": {
            "204": {"description": "gone"},
            **{str(each): _problem_ref(each) for each in (401, 403, 404)},
        },
    },
}


def _paper_paths(ctx: Context, model: ObjectModel) -> Schema:
    """What goes to paper, and what comes from files."""
    paths: Schema = {}
    templates = [each.name for each in printing.offered(ctx, model.name, "record")]
    if templates and records.may(ctx, "read", model.name):
        paths[f"/records/{model.name}/{{id}}/print/{{template}}"] = {"get": _print(model, templates)}
    if records.may(ctx, "import", model.name):
        paths["/imports"] = {"post": _IMPORT}
    return paths


def _print(model: ObjectModel, templates: list[str]) -> Schema:
    answer = {"description": "on paper", "content": {"application/pdf": {}, "text/html": {}}}
    parameters: list[Schema] = [
        {"$ref": "#/components/parameters/id"},
        {"name": "template", "in": "path", "required": True, "schema": {"enum": templates}},
        _query("format", {"enum": ["pdf", "html"], "default": "pdf"}, "as what"),
    ]
    return _operation(model, "print", {"200": answer}, 403, 404, 422, parameters=parameters)


_IMPORT: Schema = {
    "operationId": "imports.start",
    "tags": ["imports"],
    "summary": "import a file; GET /imports/{id} says what came of it",
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "object"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "object": _TEXT,
                        "map": {**_TEXT, "description": "the name of an import map, or a list of columns as JSON"},
                        "key": {**_TEXT, "description": "fields of the natural key, with commas"},
                        "sheet": _TEXT,
                        "header_row": {"type": "integer", "minimum": 1},
                        "dry_run": {"type": "boolean"},
                    },
                }
            },
            "text/csv": {"schema": _TEXT},
        },
    },
    "responses": {
        "202": {"description": "a job imports it"},
        **{str(each): _problem_ref(each) for each in (400, 401, 403, 413)},
    },
}


def _report(names: list[str]) -> Schema:
    return {
        "operationId": "reports.run",
        "tags": ["reports"],
        "parameters": [
            {"name": "report", "in": "path", "required": True, "schema": {"enum": names}},
            _query("format", {"enum": ["json", "csv", "xlsx"], "default": "json"}, "as what"),
            _query("where", {"type": "string"}, "a further condition; the report's parameters are named too"),
        ],
        "responses": {
            "200": _json({"type": "object"}),
            **{str(status): _problem_ref(status) for status in (400, 401, 404, 422)},
        },
    }


def _dashboard(names: list[str]) -> Schema:
    return {
        "operationId": "dashboards.open",
        "summary": "the tiles of a dashboard with the caller's data",
        "tags": ["reports"],
        "parameters": [{"name": "dashboard", "in": "path", "required": True, "schema": {"enum": names}}],
        "responses": {"200": _json({"type": "object"}), **{str(status): _problem_ref(status) for status in (401, 404)}},
    }


# ---- flows -----------------------------------------------------------------------------------------------------------

_PERSON: Schema = {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}, "name": _TEXT}}
_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
_MAYBE: Schema = {"type": ["string", "null"]}
_FLOW_SCHEMAS: Schema = {
    "Step": {
        "type": "object",
        "description": "a node that would be come to, and who would decide there",
        "properties": {
            "node": _TEXT,
            "label": _TEXT,
            "mode": {"enum": ["any", "all", "sequence", "percent"]},
            "people": {
                "type": "array",
                "items": {"type": "object", "properties": {"id": _TEXT, "name": _TEXT, "why": _TEXT}},
            },
            "skipped": _MAYBE,
        },
    },
    "FlowInstance": {
        "type": "object",
        "description": "who decided what, where it stands, and what comes next",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "flow": _TEXT,
            "flow_label": _TEXT,
            "object": _TEXT,
            "record": {"type": "string", "format": "uuid"},
            "title": _TEXT,
            "applicant": _PERSON,
            "status": {"enum": ["running", "returned", "approved", "rejected", "withdrawn", "cancelled"]},
            "round": {"type": "integer"},
            "started_at": _MOMENT,
            "ended_at": _MOMENT,
            "nodes": {"type": "array", "items": {"type": "object"}},
            "events": {"type": "array", "items": {"type": "object"}},
            "next": {"type": "array", "items": {"$ref": "#/components/schemas/Step"}},
            "copied": {"type": "array", "items": _TEXT},
        },
    },
    "WorkItem": {
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "instance": {"type": "string", "format": "uuid"},
            "object": _TEXT,
            "state": {"enum": ["open", "waiting", "done", "void", None]},
            "node": _MAYBE,
            "form": _MAYBE,
            "fields": {"type": "array", "items": _TEXT, "description": "what may be entered while approving"},
            "record": {"type": ["object", "null"]},
            "changed": {"type": "array", "items": _TEXT, "description": "since the caller's last decision"},
            "verbs": {"type": "array", "items": _TEXT, "description": "what may be done now"},
            "returns": {"type": "array", "items": _TEXT, "description": "where it may be returned to"},
            "needs_opinion": {"type": "array", "items": _TEXT},
            "due_at": _MOMENT,
            "trace": {"$ref": "#/components/schemas/FlowInstance"},
        },
    },
    "Decision": {
        "type": "object",
        "description": "where an instance stands after somebody did something with it",
        "properties": {
            "instance": {"type": "string", "format": "uuid"},
            "status": _TEXT,
            "round": {"type": "integer"},
            "waits": {
                "type": "array",
                "items": {"type": "object", "properties": {"item": _TEXT, "node": _TEXT, "user": _TEXT}},
            },
        },
    },
    "Inbox": {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"type": "object"}},
            "next": _MAYBE,
            "count": {"type": ["integer", "string"]},
        },
    },
}
_VERBS = ["approve", "reject", "return", "transfer", "cc", "remind", "withdraw"]


def _flow_paths(names: list[str]) -> Schema:
    """The inbox and the flows that there are."""

    def operation(name: str, schema: str, *problems: int, status: int = 200, **more: Any) -> Schema:
        answers = {str(status): _json({"$ref": f"#/components/schemas/{schema}"})}
        refused = {str(each): _problem_ref(each) for each in (401, *problems)}
        return {"operationId": f"flows.{name}", "tags": ["flows"], "responses": {**answers, **refused}, **more}

    def body(properties: Schema, *, required: bool) -> Schema:
        schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return {"required": required, "content": {"application/json": {"schema": schema}}}

    item = {"name": "item", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    flow = {"name": "flow", "in": "path", "required": True, "schema": {"enum": names}}
    of = body({"object": _TEXT, "record": {"type": "string", "format": "uuid"}}, required=True)
    state = _query("state", {"enum": ["open", "done", "mine", "cc"], "default": "open"}, "which of them")
    asked = [state, _query("object", _TEXT, "only of this object"), *_named("q", "limit", "cursor", "count")]
    said = {
        "opinion": {"type": "string", "maxLength": 2000},
        "values": {"type": "object", "description": "fields that are entered while approving"},
        "to": {
            "anyOf": [_TEXT, {"type": "array", "items": _TEXT}],
            "description": "a person to transfer to, several to send a copy to, or the node to return to",
        },
    }
    verb = {"name": "verb", "in": "path", "required": True, "schema": {"enum": _VERBS}}
    steps: Schema = {
        "type": "object",
        "properties": {
            "steps": {"type": "array", "items": {"$ref": "#/components/schemas/Step"}},
            "refused": _MAYBE,
        },
    }
    simulated = operation("simulate", "Step", 400, 404, parameters=[flow], requestBody=of)
    simulated["responses"]["200"] = _json(steps)
    return {
        "/inbox": {"get": operation("inbox", "Inbox", 400, parameters=asked)},
        "/inbox/{item}": {"get": operation("item", "WorkItem", 404, parameters=[item])},
        "/inbox/{item}/{verb}": {
            "post": operation(
                "act", "Decision", 400, 403, 404, 409, 412, 422,
                parameters=[item, verb, *_named("if_match")], requestBody=body(said, required=False),
            )
        },
        "/flows/{flow}/start": {
            "post": operation(
                "start", "FlowInstance", 400, 403, 404, 409, 422, status=201, parameters=[flow], requestBody=of
            )
        },
        "/flows/{flow}/simulate": {"post": simulated},
        "/flows/instances/{item}": {"get": operation("instance", "FlowInstance", 404, parameters=[item])},
    }  # fmt: skip
