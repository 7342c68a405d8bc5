"""what may be done with a list beside reading it: its columns, filters, views of one's own, changing many records"""

from __future__ import annotations

from dougong.base.text import Message
from dougong.context import Context
from dougong.records import service as records
from dougong.web.pages.lists import Opened, Read
from dougong.web.present import address
from dougong.web.present.listing import KEPT, Tools
from dougong.web.present.page import Link


def of(ctx: Context, found: Opened, read: Read) -> Tools:
    """Say what this person may do with the list that is shown."""
    model, asked, seen = found.model, found.asked, found.seen
    name = model.name
    query = asked.href(name).partition("?")[2]
    behind = f"?{query}" if query else ""
    is_list = asked.view.type == "list"  # a closed set
    actions = _actions(ctx, found) if is_list and not read.is_empty else ()
    may_paste = is_list and records.may(ctx, "create", name) and records.may(ctx, "import", name)
    return Tools(
        columns_href=f"{address.listing(name)}/columns{behind}" if "cols" in KEPT[asked.view.type] else "",
        filter_href=f"{address.listing(name)}/filter{behind}",
        save_href=f"{address.listing(name)}/views{behind}" if "saved_view" in ctx.catalog.objects else "",
        paste_href=f"{address.listing(name)}/paste{behind}" if may_paste else "",
        bulk_href=f"{address.listing(name)}/bulk" if actions else "",
        cell_href=f"{address.listing(name)}/" if any(column.is_edited for column in read.table.columns) else "",
        actions=tuple(Link(label.show(seen.locale), do, icon) for do, label, icon in actions),
    )


def _actions(ctx: Context, found: Opened) -> tuple[tuple[str, Message, str], ...]:
    name = found.model.name
    writable = {field.name for field in records.writable(ctx, name)} if records.may(ctx, "update", name) else set()
    offered = (
        ("change", Message("Change a field"), "edit", bool(writable)),
        ("assign", Message("Give to"), "user-check", "owner" in writable),
        ("transition", Message("Lead on"), "arrow-right-circle", bool(writable) and _has_states(found)),
        ("delete", Message("Delete"), "trash", records.may(ctx, "delete", name)),
    )
    return tuple((do, label, icon) for do, label, icon, is_there in offered if is_there)


def _has_states(found: Opened) -> bool:
    return found.model.definition.states is not None
