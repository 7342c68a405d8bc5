"""the inbox and one work item"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus

from flask import Response

from dougong.base.errors import BadRequest, Conflict, InvalidRecord, NotAllowed, Stale
from dougong.base.text import Message
from dougong.context import Context
from dougong.features.flows import assignment, drawing
from dougong.features.flows import inbox as inboxes
from dougong.features.flows import service as flows
from dougong.features.flows.inbox import Item, Trace
from dougong.records import service as records
from dougong.records.query import Query
from dougong.web.pages.frame import answer, frame, go, look
from dougong.web.pages.route import Visit
from dougong.web.present import address, approval, detail, form, posted
from dougong.web.present import inbox as present
from dougong.web.present.approval import Clock, Diagram, FlowPanel
from dougong.web.present.detail import FactSection
from dougong.web.present.filters import Choice
from dougong.web.present.form import Sheet
from dougong.web.present.inbox import InboxPage, WorkItemPage
from dougong.web.present.page import Link
from dougong.web.present.value import Look

ON_PAGE = 50
MOST_PEOPLE = 500
_INBOX = Message("Inbox")


def show(ctx: Context, visit: Visit) -> Response:
    """Show what waits for this person, or what they had to do with."""
    seen = look(ctx)
    asked = visit.request.args
    state = asked.get("state", "open")
    state = state if state in present.STATES else "open"
    words = asked.get("q", "").strip()
    found = inboxes.page(
        ctx, state=state, q=words or None, object=asked.get("object") or None, cursor=asked.get("cursor") or None,
        limit=ON_PAGE,
    )  # fmt: skip
    clock = _clock(ctx, seen)
    rows = tuple(present.row(each, _label(ctx, each.object, seen.locale), state, clock) for each in found.entries)
    page = InboxPage(
        frame=frame(ctx, visit, _INBOX.show(seen.locale)),
        tabs=present.tabs(state, seen.locale),
        state=state,
        rows=rows,
        words=words,
        next_href=address.inbox(state=state, q=words or None, cursor=found.next) if found.next else "",
    )
    return answer(visit, "inbox.html", page, locale=seen.locale)


def show_item(ctx: Context, visit: Visit, item_id: str) -> Response:
    """Show one work item, or an approval one has to do with."""
    found = inboxes.item(ctx, item_id)
    return _page(ctx, visit, item_id, found)


def act(ctx: Context, visit: Visit, item_id: str) -> Response:
    """Do what the person decided; where that is refused, show why beside what they typed."""
    sent = visit.request.form
    verb = sent.get("verb", "")
    found = inboxes.item(ctx, item_id)
    entries = posted.read(ctx.catalog, found.trace.object, found.node.fields if found.node else (), sent)
    version = sent.get("version", "")
    to: str | list[str] | None = sent.get("to") or None
    if verb == "return":
        to = sent.get("to_node") or None
    elif verb == "cc":
        to = [each for each in sent.getlist("to") if each]
    try:
        with ctx.savepoint():
            flows.act(
                ctx,
                item_id,
                verb,
                opinion=sent.get("opinion") or None,
                values=entries.values if verb == "approve" else None,
                to=to,
                version=int(version) if version.isdigit() and len(version) < 18 and verb == "approve" else None,
            )
    except (InvalidRecord, Conflict, NotAllowed, BadRequest) as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(error, InvalidRecord) else HTTPStatus.CONFLICT
        errors = error.by_field if isinstance(error, InvalidRecord) else {"": [error.message]}
        again = inboxes.item(ctx, item_id)
        values = {} if isinstance(error, Stale) else entries.values
        opinion = sent.get("opinion", "")[: flows.LONGEST_OPINION]
        return _page(ctx, visit, item_id, again, errors=errors, values=values, opinion=opinion, status=status)
    return go(address.INBOX, f"flow_{verb}", found.trace.title)


def _page(
    ctx: Context,
    visit: Visit,
    item_id: str,
    found: Item,
    *,
    errors: Mapping[str, Sequence[Message]] | None = None,
    values: Mapping[str, object] | None = None,
    opinion: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    seen = look(ctx)
    if found.record is not None:
        seen = seen.with_titles(found.record.titles)
    clock = _clock(ctx, seen)
    trace = found.trace
    model = ctx.catalog.object(trace.object)
    labels = {each.name: each.shown_label().show(seen.locale) for each in model.fields.values()}
    nodes = {visit_.node: visit_.label.show(seen.locale) for visit_ in trace.visits}
    said = errors or {}
    page = WorkItemPage(
        frame=frame(ctx, visit, trace.title, crumbs=(Link(_INBOX.show(seen.locale), address.INBOX),)),
        title=trace.title,
        label=_headline(ctx, seen, found),
        icon=model.definition.icon or "file-check",
        action=address.work_item(item_id),
        verbs=found.verbs,
        panel=approval.panel(trace, clock, diagram_of(ctx, trace, seen.locale)),
        told=tuple(approval.told(trace.told, labels, nodes, clock)),
        sections=_sections(seen, found),
        record_href=address.record(trace.object, trace.record) if found.record is not None else "",
        changed=tuple(labels.get(name, name) for name in found.changed),
        inputs=_inputs(seen, found, said, values or {}),
        returns=tuple(Choice(place.name, place.label.show(seen.locale)) for place in found.returns),
        people=_people(ctx) if {"transfer", "cc"} & set(found.verbs) else (),
        opinion=opinion,
        needs_opinion=found.needs_opinion,
        problems=tuple(message.show(seen.locale) for messages in said.values() for message in messages),
        version=found.record.version if found.record is not None else None,
        due=clock.say(found.item.due_at) if found.item is not None and found.item.state == "open" else "",
        is_late=found.item is not None and found.item.state == "open" and clock.is_over(found.item.due_at),
    )
    return answer(visit, "work_item.html", page, locale=seen.locale, status=status)


def _headline(ctx: Context, seen: Look, found: Item) -> str:
    parts = [_label(ctx, found.trace.object, seen.locale), found.trace.flow_label.show(seen.locale)]
    if found.node is not None:
        parts.append(assignment.node_label(found.node).show(seen.locale))
    return " · ".join(parts)


def _sections(seen: Look, found: Item) -> tuple[FactSection, ...]:
    if found.record is None:
        return ()
    form_name = found.node.form if found.node is not None else None
    return detail.sections(seen, found.record, frozenset(found.record.values), form_name=form_name)


def _inputs(
    seen: Look, found: Item, errors: Mapping[str, Sequence[Message]], values: Mapping[str, object]
) -> tuple[form.Input, ...]:
    """Present what may be entered at this node."""
    if found.node is None or "approve" not in found.verbs or found.record is None:
        return ()
    model = seen.catalog.object(found.trace.object)
    fields = [model.fields[name] for name in found.node.fields if name in model.fields]
    there = {each.name: found.record.get(each.name) for each in fields}
    entries = {**form.entries_of(seen, model, there), **values}
    return form.entered(seen, fields, Sheet(entries=entries, record=found.record, errors=errors))


def _people(ctx: Context) -> tuple[Choice, ...]:
    """Offer the active people: whom one may ask to decide does not hang on whose records one sees."""
    system = ctx.as_system("offer the people to whom an approval may go")
    query = Query(where="active == true", fields=("id", "name", "login"), sort=("name",), limit=MOST_PEOPLE)
    found = [each for each in records.list(system, "user", query) if each.id != ctx.actor.id and each["login"]]
    return tuple(Choice(each.id, f"{each['name']} ({each['login']})") for each in found)


def _label(ctx: Context, object_name: str, locale: str) -> str:
    model = ctx.catalog.objects.get(object_name)
    return model.definition.shown_label().show(locale) if model is not None else object_name


def _clock(ctx: Context, seen: Look) -> Clock:
    return Clock(seen.locale, ctx.actor.zone, ctx.now())


def diagram_of(ctx: Context, trace: Trace, locale: str) -> Diagram | None:
    """Give the picture of an approval, with what became of its nodes."""
    labels = tuple((node, label.show(locale)) for node, label in trace.nodes)
    xml = drawing.picture(ctx.catalog, trace.digest, trace.process, labels)
    return Diagram(xml, approval.marks(trace)) if xml else None


def panels(ctx: Context, seen: Look, object_name: str, record_id: str) -> tuple[FlowPanel, ...]:
    """Present the approvals of a record for its page, the newest first."""
    found = []
    clock = _clock(ctx, seen)
    for at, trace in enumerate(inboxes.of_record(ctx, object_name, record_id)):
        mine = inboxes.open_item(trace, ctx.actor.id)
        panel = approval.panel(
            trace,
            clock,
            diagram_of(ctx, trace, seen.locale) if at == 0 else None,
            href=address.work_item(mine or trace.id),
            is_mine=mine is not None,
        )
        found.append(panel if at == 0 else replace(panel, steps=()))
    return tuple(found)
