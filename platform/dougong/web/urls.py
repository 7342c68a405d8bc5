"""every route in one table, private unless marked public

An API row runs `run(ctx, call, **names)`, a page `run(ctx, visit, **names)`, a row of the third table
`run(engine, app, request, **names)` without a unit of work. The pages' rows stand in `web.pages`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response

from dougong.web import health
from dougong.web.api import definitions, docs, objects, openapi, records, reports

API = "/api/v1"


@dataclass(frozen=True)
class Endpoint:
    """One row of the API. Anything but GET runs in a writing transaction."""

    rule: str
    name: str
    run: Callable[..., Response]
    methods: tuple[str, ...] = ("GET",)
    closed: bool = False
    """It opens transactions of its own, after the one that found out who asks."""


@dataclass(frozen=True)
class Plain:
    """One address outside of any unit of work; all of these are public."""

    rule: str
    name: str
    run: Callable[..., Response]


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(f"{API}/objects", "api.objects", objects.list_all),
    Endpoint(f"{API}/objects/<name>", "api.object", objects.show),
    Endpoint(f"{API}/records/<name>", "api.records", records.list_some),
    Endpoint(f"{API}/records/<name>", "api.records.create", records.create, ("POST",)),
    Endpoint(f"{API}/records/<name>/<record_id>", "api.record", records.show),
    Endpoint(f"{API}/records/<name>/<record_id>", "api.record.update", records.update, ("PATCH",)),
    Endpoint(f"{API}/records/<name>/<record_id>", "api.record.delete", records.delete, ("DELETE",)),
    Endpoint(f"{API}/records/<name>/<record_id>/history", "api.record.history", records.history),
    Endpoint(f"{API}/reports", "api.reports", reports.list_all),
    Endpoint(f"{API}/reports/<name>", "api.report", reports.show),
    Endpoint(f"{API}/definitions", "api.definitions", definitions.show),
    Endpoint(f"{API}/definitions/plan", "api.definitions.plan", definitions.plan, ("POST",), closed=True),
    Endpoint(f"{API}/definitions/apply", "api.definitions.apply", definitions.apply, ("POST",), closed=True),
    Endpoint(f"{API}/openapi.json", "api.openapi", openapi.show),
    Endpoint(f"{API}/docs", "api.docs", docs.show),
)

PLAIN: tuple[Plain, ...] = (
    Plain("/healthz", "healthz", health.alive),
    Plain("/readyz", "readyz", health.ready),
    Plain("/metrics", "metrics", health.metrics),
    Plain("/static/dist/<path:name>", "static", health.browser_file),
)
