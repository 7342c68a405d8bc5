"""press a button of a record, after a page that asks for what it wants to know"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response

from dougong.base.errors import ActionFailed, Conflict, InvalidRecord, NotFound
from dougong.base.text import Message
from dougong.context import Context
from dougong.features.automation import buttons
from dougong.features.automation.buttons import Shown
from dougong.records import references
from dougong.records.query import Record
from dougong.web.pages.forms import first_choices
from dougong.web.pages.frame import answer, back_to, crumbs, frame, go, look
from dougong.web.pages.lists import object_of
from dougong.web.pages.records import get_or_tell
from dougong.web.pages.route import Visit
from dougong.web.present import address, detail, form, posted
from dougong.web.present.buttons import ButtonPage
from dougong.web.present.form import Sheet
from dougong.web.present.page import Link
from dougong.web.present.posted import Entries


def ask(ctx: Context, visit: Visit, name: str, record_id: str, button: str) -> Response:
    """Ask for what a button wants to know."""
    record, shown = _shown(ctx, name, record_id, button)
    values = buttons.beginnings(ctx, name, shown, record)
    entries = Entries()
    for each in shown.inputs:
        value = values.get(each.field.name)
        entries.values[each.field.name] = None if value is None else each.field.type.entry(value, look(ctx).showing)
    return _page(ctx, visit, record, shown, entries, version=str(record.version or ""))


def press(ctx: Context, visit: Visit, name: str, record_id: str, button: str) -> Response:
    """Press a button; where something stands in the way, say so with all that was entered."""
    record, shown = _shown(ctx, name, record_id, button)
    entries = posted.read_fields((each.field for each in shown.inputs), visit.request.form)
    version = visit.request.form.get("version", "")
    given = int(version) if version.isdigit() else None
    try:
        with ctx.savepoint():
            pressed = buttons.press(
                ctx, name, record_id, button, entries.values, version=given, last_write=record.version is None
            )
    except (InvalidRecord, ActionFailed, Conflict) as error:
        errors = error.by_field if isinstance(error, InvalidRecord) else {"": [error.message]}
        errors = {**errors, **entries.errors()}
        return _page(ctx, visit, record, shown, entries, version=version, errors=errors)
    seen = look(ctx)
    label = shown.label.show(seen.locale)
    if pressed.opened is not None:
        return go(address.record(*pressed.opened), "pressed", label)
    here = address.record(name, record_id) if pressed.record is not None else address.listing(name)
    return go(back_to(visit, here), "pressed", label)


def _shown(ctx: Context, name: str, record_id: str, button: str) -> tuple[Record, Shown]:
    """Give a record and one of the buttons that are offered on it."""
    object_of(ctx, name)
    record = get_or_tell(ctx, name, record_id)
    found = next((each for each in buttons.offered(ctx, name, record) if each.name == button), None)
    if found is None:
        raise NotFound(Message("This is not offered on the record as it is now.", code="no_button"))
    return record, found


def _page(
    ctx: Context,
    visit: Visit,
    record: Record,
    shown: Shown,
    entries: Entries,
    *,
    version: str,
    errors: Mapping[str, Sequence[Message]] | None = None,
) -> Response:
    model = ctx.catalog.object(record.object)
    seen = look(ctx)
    title = detail.title_of(seen.with_titles(record.titles), model, record)
    label = shown.label.show(seen.locale)
    heading = Message("{button}: {title}", button=label, title=title).show(seen.locale)
    here = address.record(model.name, record.id)
    said = dict(errors or {})
    if shown.reason_not is not None and not said:
        said[""] = [shown.reason_not]
    asked = {each.field.name for each in shown.inputs}
    page = ButtonPage(
        frame=frame(ctx, visit, heading, crumbs=crumbs(seen, model, Link(title, here)), search_in=model.name),
        heading=heading,
        label=label,
        style=shown.style,
        confirm=shown.confirm.show(seen.locale) if shown.confirm is not None else "",
        action=address.with_query(address.button(model.name, record.id, shown.name), [("next", back_to(visit, ""))]),
        version=version,
        inputs=_inputs(ctx, shown, entries, said),
        problems=tuple(
            message.show(seen.locale) for name, some in said.items() if name not in asked for message in some
        ),
        cancel_href=back_to(visit, here),
    )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return answer(visit, "button.html", page, locale=seen.locale, status=status)


def _inputs(
    ctx: Context, shown: Shown, entries: Entries, errors: Mapping[str, Sequence[Message]]
) -> tuple[form.Input, ...]:
    seen = look(ctx)
    titles: dict[str, str] = {}
    choices: dict[str, Sequence[tuple[str, str]]] = {}
    for each in shown.inputs:
        target = each.field.type.lookup()
        if target and seen.can_open(target):
            value: Any = entries.values.get(each.field.name)
            titles |= references.titles(ctx, target, [value] if isinstance(value, str) and value else [])
            choices[target] = first_choices(ctx, seen, target, "")
    sheet = Sheet(entries.values, errors=errors, typed=entries.typed, choices=choices, titles=titles)
    fields = [each.field.model_copy(update={"required": each.required}) for each in shown.inputs]
    return form.entered(seen.with_titles(titles), fields, sheet)
