"""a tree: what stands at the top, and what stands below the records that are open"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dougong.base.names import is_id
from dougong.context import Context
from dougong.definitions.kinds.view import ViewColumn
from dougong.records import service as records
from dougong.records.aggregate import Group, Measured
from dougong.records.query import MOST_RECORDS, Page, Query, Record
from dougong.web.pages.lists import Opened, Read, count_of
from dougong.web.present import filters, listing, tree
from dougong.web.present.listing import Asked, Pager


def read(ctx: Context, found: Opened, asked: Asked) -> Read:
    """Read a tree: a page of its top, what is below the open records, and how many stand below each.

    A record whose own record above is not to be seen stands at the top. What is filtered stands flat.
    """
    view, model, seen = asked.view, found.model, found.seen
    if view.tree is None or view.tree.parent not in found.readable:
        return Read(Pager(""), is_empty=True)
    names = listing.paths(ctx.catalog, view, found.readable) or (model.title or "id",)
    if not view.columns:
        asked = replace(asked, view=view.model_copy(update={"columns": tuple(ViewColumn(name=name) for name in names)}))
    asking = _Asking(ctx, found, asked, view.tree.parent, names)
    is_flat = bool(asked.words or asked.expression or found.narrowed)
    page = asking.top(is_flat=is_flat)
    level = tree.levels(asked.kept.get(tree.LEVELS, ""))
    below, is_cut = ({}, False) if is_flat else asking.below(page.records, level)
    counts = {} if is_flat else asking.counts(page.records, below.values())
    presented = tree.tree(
        seen,
        model,
        asked,
        names,
        page.records,
        below,
        counts,
        found.rules,
        level=level,
        is_flat=is_flat,
        next_href=asked.href(model.name, cursor=page.next) if page.next else "",
        is_cut=is_cut,
    )
    pager = Pager(count_of(page, seen.locale), next_href=presented.next_href)
    return Read(pager, is_empty=not page.records, parts={"tree": presented})


@dataclass(frozen=True)
class _Asking:
    """What is asked of the gate for one tree."""

    ctx: Context
    found: Opened
    asked: Asked
    parent: str
    names: tuple[str, ...]

    def _query(self, where: str | None, limit: int) -> Query:
        return Query(
            where=filters.together(self.asked.view.where, where, self.found.narrowed, self.asked.expression),
            q=self.asked.words or None,
            sort=self.found.sort(self.ctx, self.asked.sort),
            fields=tuple(dict.fromkeys(("id", self.parent, *self.names))),
            limit=limit,
            flags=self.found.flags,
        )

    def top(self, *, is_flat: bool) -> Page:
        """Read what stands at the top; filtered, whatever is found."""
        query = self._query(None if is_flat else f"{self.parent}.id is null", listing.SIZES[-1])
        query = replace(query, cursor=self.asked.cursor or None, count="to_limit")
        return records.list(self.ctx, self.found.model.name, query)

    def below(self, roots: Sequence[Record], level: int) -> tuple[dict[str, list[Record]], bool]:
        """Read what is below the open records: one statement, and one more for each further level that is open."""
        wanted = [each for each in tree.opened(self.asked.kept.get(tree.OPEN, "")) if is_id(each)]
        wanted += [each.id for each in roots] if level > 1 else []
        found: dict[str, list[Record]] = {}
        is_cut = False
        for _ in range(max(level - 1, 1)):
            fresh = [each for each in dict.fromkeys(wanted) if each not in found]
            if not fresh:
                break
            under = records.list(
                self.ctx, self.found.model.name, self._query(_is_one_of(self.parent, fresh), MOST_RECORDS)
            )
            is_cut = is_cut or under.next is not None
            found |= {each: [] for each in fresh}
            for record in under.records:
                found[record[self.parent]].append(record)
            wanted = [each.id for each in under.records]
        return found, is_cut

    def counts(self, roots: Sequence[Record], below: Iterable[Sequence[Record]]) -> Mapping[str, int]:
        """Say how many records stand directly below each that is shown, in one statement."""
        shown = [each.id for each in (*roots, *(each for some in below for each in some))]
        if not shown:
            return {}
        rows = records.aggregate(
            self.ctx,
            self.found.model.name,
            groups=[Group("above", self.parent)],
            measures=[Measured("count", "count")],
            where=filters.together(self.asked.view.where, _is_one_of(self.parent, shown)),
            limit=len(shown),
            as_listed=True,
        )
        return {row["above"]: row["count"] for row in rows}


def _is_one_of(name: str, ids: Iterable[str]) -> str:
    return f"{name} in ({', '.join(filters.quoted(each) for each in ids)},)"
