"""every route in one table, private unless marked public

An API row runs `run(ctx, call, **names)`, a page `run(ctx, visit, **names)`, a row of the third table
`run(engine, app, request, **names)` without a unit of work. The pages' rows stand in `web.pages`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response

from dougong.web import health
from dougong.web.api import (
    activity,
    buttons,
    dashboards,
    definitions,
    docs,
    flows,
    imports,
    jobs,
    notifications,
    objects,
    openapi,
    prints,
    records,
    reports,
    search,
)

API = "/api/v1"
_FILES = f"{API}/records/<name>/<record_id>/files"
_COMMENT = f"{API}/records/<name>/<record_id>/comments/<comment_id>"


@dataclass(frozen=True)
class Endpoint:
    """One row of the API. Anything but GET runs in a writing transaction."""

    rule: str
    name: str
    run: Callable[..., Response]
    methods: tuple[str, ...] = ("GET",)
    closed: bool = False
    """It opens transactions of its own, after the one that found out who asks."""
    uploads: bool = False
    """Whether it takes files."""


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
    Endpoint(f"{API}/records/<name>/<record_id>/buttons", "api.record.buttons", buttons.list_all),
    Endpoint(f"{API}/records/<name>/<record_id>/buttons/<button>", "api.record.press", buttons.press, ("POST",)),
    Endpoint(f"{API}/records/<name>/buttons", "api.list.buttons", buttons.list_above),
    Endpoint(f"{API}/records/<name>/buttons/<button>", "api.list.press", buttons.press_above, ("POST",)),
    Endpoint(f"{API}/records/<name>/<record_id>/comments", "api.comments", activity.list_comments),
    Endpoint(f"{API}/records/<name>/<record_id>/comments", "api.comments.add", activity.add_comment, ("POST",)),
    Endpoint(_COMMENT, "api.comment", activity.show_comment),
    Endpoint(_COMMENT, "api.comment.edit", activity.edit_comment, ("PATCH",)),
    Endpoint(_COMMENT, "api.comment.delete", activity.delete_comment, ("DELETE",)),
    Endpoint(_FILES, "api.files", activity.list_files),
    Endpoint(_FILES, "api.files.add", activity.add_files, ("POST",), closed=True, uploads=True),
    Endpoint(f"{API}/files/<file_id>", "api.file", activity.show_file),
    Endpoint(f"{API}/files/<file_id>", "api.file.delete", activity.delete_file, ("DELETE",)),
    Endpoint(f"{API}/records/<name>/<record_id>/print", "api.record.templates", prints.list_all),
    Endpoint(f"{API}/records/<name>/<record_id>/print/<template>", "api.record.print", prints.show),
    Endpoint(f"{API}/reports", "api.reports", reports.list_all),
    Endpoint(f"{API}/reports/<name>", "api.report", reports.show),
    Endpoint(f"{API}/notifications", "api.notifications", notifications.list_all),
    Endpoint(f"{API}/notifications/read", "api.notifications.read", notifications.read_all, ("POST",)),
    Endpoint(f"{API}/notifications/<notification_id>/read", "api.notification.read", notifications.read_one, ("POST",)),
    Endpoint(f"{API}/search", "api.search", search.show),
    Endpoint(f"{API}/dashboards", "api.dashboards", dashboards.list_all),
    Endpoint(f"{API}/dashboards/<name>", "api.dashboard", dashboards.show),
    Endpoint(f"{API}/imports", "api.imports.start", imports.start, ("POST",), closed=True, uploads=True),
    Endpoint(f"{API}/imports/<import_id>", "api.import", imports.show),
    Endpoint(f"{API}/imports/<import_id>/errors", "api.import.errors", imports.errors),
    Endpoint(f"{API}/jobs", "api.jobs", jobs.list_all),
    Endpoint(f"{API}/jobs/<job_id>", "api.job", jobs.show),
    Endpoint(f"{API}/jobs/<job_id>/cancel", "api.job.cancel", jobs.cancel, ("POST",)),
    Endpoint(f"{API}/inbox", "api.inbox", flows.inbox),
    Endpoint(f"{API}/inbox/<item_id>", "api.inbox.item", flows.item),
    Endpoint(f"{API}/inbox/<item_id>/<verb>", "api.inbox.act", flows.act, ("POST",)),
    Endpoint(f"{API}/flows/<name>/start", "api.flow.start", flows.start, ("POST",)),
    Endpoint(f"{API}/flows/<name>/simulate", "api.flow.simulate", flows.simulate, ("POST",)),
    Endpoint(f"{API}/flows/instances/<instance_id>", "api.flow.instance", flows.instance),
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
