"""the records of an object as a view shows them: a list, a board, a calendar, a tree or cards"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from flask import Response

from dougong.context import Context
from dougong.records import service as records
from dougong.web.pages import boards, calendars, lists, prints, tools, trees
from dougong.web.pages.frame import answer
from dougong.web.pages.lists import Opened, Read
from dougong.web.pages.route import Visit
from dougong.web.present import address
from dougong.web.present.listing import Asked

Reader = Callable[[Context, Opened, Asked], Read]


def show(ctx: Context, visit: Visit, name: str) -> Response:
    """Show the records of an object."""
    ctx = lists.reading(ctx, visit)
    found = lists.opened(ctx, visit, name)
    read, trouble = lists.tried(found, ctx.locale, partial(_READERS[found.asked.view.type], ctx, found))
    page = lists.page_of(ctx, visit, found, read, trouble, tools.of(ctx, found, read))
    may_import = records.may(ctx, "import", name) and records.may(ctx, "create", name)
    page = replace(
        page,
        prints=() if read.is_empty else prints.of_list(ctx, found),
        import_href=address.imports(name) if may_import else "",
    )
    return answer(visit, "list.html", page, locale=found.seen.locale)


_READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "list": lists.read_list,
        "board": boards.read,
        "calendar": calendars.read,
        "tree": trees.read,
        "gallery": lists.read_gallery,
    }
)
