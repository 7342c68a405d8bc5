"""read, check, plan and apply definitions; for administrators"""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from http import HTTPStatus

from babel.dates import format_datetime
from flask import Response

from dougong.base.errors import BadRequest, Conflict, DougongError, NotAllowed, NotFound
from dougong.base.names import is_id
from dougong.base.text import Message
from dougong.context import Context
from dougong.definitions.kinds.parts import Definition
from dougong.definitions.sources import SITE
from dougong.features.bundles import service as bundles
from dougong.features.bundles.service import DefinitionProblems
from dougong.records import service as records
from dougong.records.query import Query
from dougong.storage.plan import Plan
from dougong.web.pages.frame import answer, frame, go, is_administrator, look
from dougong.web.pages.route import Visit
from dougong.web.present import address, studio
from dougong.web.present.page import Link

HERE = Message("Administration")
NEW_TEXT = """\
kind: view
name: x_my_view
label: {en: My view, zh-CN: 我的视图}
object: customer
columns: [{name: name}]
"""


def administrators_only(ctx: Context) -> None:
    """Refuse everyone else."""
    if not is_administrator(ctx):
        raise NotAllowed(Message("Only an administrator may do this.", code="administrators_only"))


def _crumbs(locale: str, *more: Link) -> tuple[Link, ...]:
    return (Link(HERE.show(locale), address.ADMIN), *more)


# ---- read ------------------------------------------------------------------------------------------------------------


def show(ctx: Context, visit: Visit) -> Response:
    """Show everything that is installed."""
    administrators_only(ctx)
    locale = look(ctx).locale
    words = visit.request.args.get("q", "").strip()
    page = studio.CatalogPage(
        frame=frame(ctx, visit, Message("Definitions").show(locale)),
        bundles=studio.bundles(ctx.catalog, locale),
        objects=studio.objects(ctx.catalog, locale, words),
        found=studio.others(ctx.catalog, locale, words),
        words=words,
        fingerprint=ctx.catalog.fingerprint[:12],
    )
    return answer(visit, "admin/catalog.html", page, locale=locale)


def show_object(ctx: Context, visit: Visit, name: str) -> Response:
    """Show one object with everything that belongs to it."""
    administrators_only(ctx)
    locale = look(ctx).locale
    model = ctx.catalog.object(name)
    row = studio.object_row(ctx.catalog, model, locale)
    page = studio.ObjectPage(
        frame=frame(ctx, visit, row.label, crumbs=_crumbs(locale)),
        row=row,
        table=ctx.catalog.physical.table(name),
        fields=studio.fields(ctx.catalog, model, locale),
        rules=studio.rules(model, locale),
        used_by=studio.used_by(ctx.catalog, name, locale),
        source_href=f"/admin/definitions/object/{name}",
        list_href=address.listing(name) if model.nature != "child" else "",
        add_href=f"/admin/objects/{name}/add-field",
    )
    return answer(visit, "admin/object.html", page, locale=locale)


def show_definition(ctx: Context, visit: Visit, kind: str, name: str) -> Response:
    """Show the text of a definition."""
    administrators_only(ctx)
    locale = look(ctx).locale
    definition = ctx.catalog.definitions.get(kind, {}).get(name)
    if definition is None:
        raise NotFound(Message("There is no such definition.", code="not_found"))
    layer, path = _file_of(definition)
    text = bundles.layers(visit.engine).get(layer, {}).get(path, "")
    is_own = layer == SITE
    page = studio.SourcePage(
        frame=frame(ctx, visit, name, crumbs=_crumbs(locale)),
        kind=kind,
        name=name,
        label=definition.shown_label().show(locale),
        layer=layer,
        path=path,
        lines=tuple(text.splitlines()),
        edit_href=_edit_href(path) if is_own else "",
        patch_href="" if is_own else f"/admin/site/edit?patches={kind}/{name}",
    )
    return answer(visit, "admin/source.html", page, locale=locale)


def _file_of(definition: Definition) -> tuple[str, str]:
    """Give the layer and the file of a definition."""
    return definition.bundle, definition.place.path.removeprefix(f"{definition.bundle}/")


def _edit_href(path: str) -> str:
    return address.with_query("/admin/site/edit", [("path", path)])


def show_site(ctx: Context, visit: Visit) -> Response:
    """Show the site's own definitions."""
    administrators_only(ctx)
    locale = look(ctx).locale
    files = tuple(Link(path, _edit_href(path)) for path in sorted(bundles.site_files(visit.engine)))
    page = studio.SitePage(
        frame(ctx, visit, Message("This site's definitions").show(locale), crumbs=_crumbs(locale)), files
    )
    return answer(visit, "admin/site.html", page, locale=locale)


def show_applied(ctx: Context, visit: Visit) -> Response:
    """Show the plans that were carried out."""
    administrators_only(ctx)
    seen = look(ctx)
    applied = bundles.history(visit.engine)
    names = _names(ctx, {each.by for each in applied})
    rows = tuple(
        studio.AppliedRow(
            at=format_datetime(
                each.at,
                format="medium",
                tzinfo=zoneinfo.ZoneInfo(seen.showing.zone),
                locale=seen.locale.replace("-", "_"),
            ),
            by=names.get(each.by, each.by),
            status=each.status,
            reason=each.reason or "",
            changes=studio.changes(each.plan),
            versions=tuple(f"{name} {old or '—'} → {new or '—'}" for name, old, new in each.plan.versions),
        )
        for each in applied
    )
    title = Message("Applied plans").show(seen.locale)
    page = studio.AppliedPage(frame(ctx, visit, title, crumbs=_crumbs(seen.locale)), rows)
    return answer(visit, "admin/applied.html", page, locale=seen.locale)


def _names(ctx: Context, ids: set[str]) -> dict[str, str]:
    """Give the names of users."""
    where = " or ".join(f'id == "{each}"' for each in sorted(ids) if is_id(each))
    if not where:
        return {}
    found = records.list(ctx, "user", Query(where=where, fields=("id", "name"), limit=200))
    return {each.id: str(each["name"]) for each in found}


# ---- write -----------------------------------------------------------------------------------------------------------


def edit(ctx: Context, visit: Visit) -> Response:
    """Show one file of the site's layer, or begin a new one."""
    administrators_only(ctx)
    asked = visit.request.args
    path, patches = asked.get("path", ""), asked.get("patches", "")
    there = bundles.site_files(visit.engine)
    text = there.get(path, NEW_TEXT)
    if patches:
        kind, _, name = patches.partition("/")
        path = f"patches/x_{name}.yaml"
        text = there.get(path, f"kind: patch\nname: x_{name}\npatches: {kind}/{name}\nchange:\n  label: …\n")
    return _edit_page(ctx, visit, path, text, ctx.catalog.fingerprint)


def _edit_page(
    ctx: Context, visit: Visit, path: str, text: str, base: str, *, error: DougongError | None = None
) -> Response:
    locale = look(ctx).locale
    found = error.problems if isinstance(error, DefinitionProblems) else []
    title = path or Message("New definition").show(locale)
    mine = Link(Message("This site's definitions").show(locale), "/admin/site")
    page = studio.EditPage(
        frame=frame(ctx, visit, title, crumbs=_crumbs(locale, mine)),
        path=path,
        text=text,
        base=base,
        is_new=path not in bundles.site_files(visit.engine),
        problems=studio.problems(found),
        problem=error.message.show(locale) if error and not found else "",
        marked=studio.marked(text, path, found),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return answer(visit, "admin/edit.html", page, locale=locale, status=status)


def plan(ctx: Context, visit: Visit) -> Response:
    """Show what an edited file would change."""
    administrators_only(ctx)
    sent = visit.request.form
    path, text, base = sent.get("path", "").strip(), sent.get("text", ""), sent.get("base", "")
    removes = sent.get("do") == "remove"
    if not path and not removes:
        path = _path_for(text)
    try:
        planned = _planned(visit, path, None if removes else text, base)
    except (DefinitionProblems, BadRequest, Conflict) as error:
        return _edit_page(ctx, visit, path, text, base, error=error)
    following = sent.get("next", "/admin/site")
    return plan_page(ctx, visit, planned, path, "" if removes else text, following, is_removal=removes)


def _planned(visit: Visit, path: str, text: str | None, base: str, more: Mapping[str, str] | None = None) -> Plan:
    clean = _lines_as_kept(text) if text is not None else None
    return bundles.plan_edit(visit.engine, SITE, path, clean, base or None, more=more)


def _lines_as_kept(text: str) -> str:
    """A browser sends lines with an end of its own."""
    return text.replace("\r\n", "\n")


def _path_for(text: str) -> str:
    """Name the file of a new definition after what it says it is."""
    said = dict(
        line.split(":", 1) for line in text.splitlines() if ":" in line and not line.startswith((" ", "#", "-"))
    )
    kind, name = said.get("kind", "").strip(), said.get("name", "").strip()
    folder = {"options": "options", "role": "access", "permission_set": "access", "patch": "patches"}.get(
        kind, f"{kind}s"
    )
    return f"{folder}/{name}.yaml"


def plan_page(
    ctx: Context,
    visit: Visit,
    planned: Plan,
    path: str,
    text: str,
    following: str,
    *,
    is_removal: bool = False,
    problem: str = "",
    more: Mapping[str, str] | None = None,
) -> Response:
    """Show what a plan would change, with the button that carries it out."""
    locale = look(ctx).locale
    title = Message("What would change").show(locale)
    page = studio.PlanPage(
        frame=frame(ctx, visit, title, crumbs=_crumbs(locale)),
        path=path,
        text=text,
        base=planned.base,
        is_removal=is_removal,
        changes=studio.changes(planned),
        steps=studio.steps(planned),
        problems=planned.problems,
        advice=studio.problems(planned.advice),
        destructive=len(planned.destructive),
        is_empty=planned.is_empty,
        back_href=_edit_href(path),
        next=following if address.is_local(following) else "/admin/site",
        problem=problem,
        more=tuple((more or {}).items()),
    )
    status = HTTPStatus.CONFLICT if problem else HTTPStatus.OK
    return answer(visit, "admin/plan.html", page, locale=locale, status=status)


def apply(ctx: Context, visit: Visit) -> Response:
    """Carry out the plan that was looked at. Runs after the request's own transaction: it changes tables."""
    administrators_only(ctx)
    sent = visit.request.form
    path, text, base = sent.get("path", ""), sent.get("text", ""), sent.get("base", "")
    removes = sent.get("is_removal") == "1"
    more = dict(zip(sent.getlist("more_path"), map(_lines_as_kept, sent.getlist("more_text")), strict=False))
    following = sent.get("next", "/admin/site")
    try:
        planned = _planned(visit, path, None if removes else text, base, more)
    except (DefinitionProblems, BadRequest, Conflict) as error:
        return _edit_page(ctx, visit, path, text, base, error=error)
    try:
        bundles.apply(
            visit.engine,
            planned,
            by=ctx.actor.id,
            reason=sent.get("reason", "").strip()[:500] or None,
            allow_drop=sent.get("allow_drop") == "1",
        )
    except (Conflict, NotAllowed) as error:
        said = error.message.show(ctx.locale)
        return plan_page(ctx, visit, planned, path, text, following, is_removal=removes, problem=said, more=more)
    return go(following if address.is_local(following) else "/admin/site", "applied", path)
