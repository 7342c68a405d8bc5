"""search in all objects at once: what the box offers while one types, and the page with everything that was found"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from dougong.base.errors import NotFound
from dougong.base.text import Message
from dougong.context import Context
from dougong.records import across
from dougong.records import service as records
from dougong.records.across import Found, Hit
from dougong.records.query import Query
from dougong.web.pages.frame import answer, frame, look, menu_objects
from dougong.web.pages.route import Visit
from dougong.web.present import address, found, listing
from dougong.web.present.found import SearchPage, Suggested

OFFERED = 5
"""So many records of one object stand in the box and on the page."""
MOST_GROUPS = 6
"""So many objects stand in the box; the page has all of them."""
RECENT = 8
PAGE = 50
LONGEST = 200
"""Words beyond this many characters are not looked for."""


def suggest(ctx: Context, visit: Visit) -> Response:
    """Offer what fits the words that are typed; before anything is typed, what the person looked at last."""
    words = _words(visit)
    seen = look(ctx)
    first = visit.request.args.get("of", "")
    hits = across.find(ctx, words, limit=OFFERED, objects=order(ctx, first)) if words else ()
    recent = () if words else across.known(ctx, _recent(visit))
    page = Suggested(
        words=words,
        groups=found.groups(seen, hits[:MOST_GROUPS], words),
        recent=tuple(found.record(seen, of, hit) for of, hit in recent),
        all_href=address.search(words) if words else "",
    )
    return answer(visit, "found.html", page, locale=seen.locale)


def show(ctx: Context, visit: Visit) -> Response:
    """Show everything that was found: the best of each object, or one object page by page."""
    words = _words(visit)
    chosen = visit.request.args.get("in", "")
    if chosen:
        return _show_one(ctx, visit, words, chosen)
    seen = look(ctx)
    hits = across.find(ctx, words, limit=OFFERED, objects=order(ctx)) if words else ()
    more = [each.object for each in hits if each.more]
    counts = {each.object: len(each.hits) for each in hits} | dict(across.counts(ctx, words, more))
    groups = found.groups(seen, hits, words, counts)
    return _answer(ctx, visit, words, groups)


def _show_one(ctx: Context, visit: Visit, words: str, name: str) -> Response:
    if name not in order(ctx) or not records.may(ctx, "read", name):
        raise NotFound(Message("There is no such list, or it is not yours to see.", code="not_found"))
    seen = look(ctx)
    model = ctx.catalog.object(name)
    cursor = visit.request.args.get("cursor", "")
    back = [each for each in visit.request.args.get("back", "").split(",") if each]
    query = Query(q=words, fields=("id",), sort=listing.by_title(model), limit=PAGE, cursor=cursor or None)
    page = records.list(ctx, name, query) if words else None
    ids = [(name, each.id) for each in page.records] if page else []
    shown = across.known(ctx, ids)
    of = shown[0][0] if shown else Found(name, None, None, (), more=False)
    hits: tuple[Hit, ...] = tuple(hit for _, hit in shown)
    counts = across.counts(ctx, words, (name,))
    whole = found.group(seen, Found(name, of.title, of.subtitle, hits, more=False), words, count=counts.get(name, 0))
    following = page.next if page else None
    return _answer(
        ctx,
        visit,
        words,
        (),
        whole=whole,
        next_href=address.search(words, name, cursor=following, back=",".join([*back, cursor or "-"]))
        if following
        else "",
        previous_href=_previous(words, name, back) if back else "",
    )


def _previous(words: str, name: str, back: list[str]) -> str:
    *before, last = back
    return address.search(words, name, cursor="" if last == "-" else last, back=",".join(before))


def _answer(
    ctx: Context,
    visit: Visit,
    words: str,
    groups: tuple[found.FoundGroup, ...],
    *,
    whole: found.FoundGroup | None = None,
    next_href: str = "",
    previous_href: str = "",
) -> Response:
    seen = look(ctx)
    said = Message("Search: {words}", words=words) if words else Message("Search")
    page = SearchPage(
        frame=frame(ctx, visit, said.show(seen.locale), words=words),
        words=words,
        groups=groups,
        whole=whole,
        list_href=address.listing(whole.object, q=words) if whole else "",
        all_href=address.search(words),
        next_href=next_href,
        previous_href=previous_href,
    )
    return answer(visit, "search.html", page, locale=seen.locale)


def order(ctx: Context, first: str = "") -> tuple[str, ...]:
    """Give the objects in the order in which they are offered: that of the page, those of the menus, the rest."""
    known = ctx.catalog.objects
    return tuple(dict.fromkeys((*((first,) if first in known else ()), *menu_objects(ctx.catalog), *known)))


def _words(visit: Visit) -> str:
    return visit.request.args.get("q", "").strip()[:LONGEST]


def _recent(visit: Visit) -> Sequence[tuple[str, str]]:
    """Read what the browser remembers: `customer:ID,order:ID`. Only what its person may see is shown."""
    asked = (each.partition(":") for each in visit.request.args.get("recent", "").split(",")[:RECENT])
    return [(name, record_id) for name, colon, record_id in asked if colon]
