"""the words of a notification: an author's sentences, filled with a record's values in the reader's language"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dougong.base.errors import ActionFailed
from dougong.base.templating import BadSentence, Plain, Sentence
from dougong.base.text import Message, Text
from dougong.catalog.model import Catalog, ObjectModel
from dougong.context import Context
from dougong.definitions.kinds.notification import Notification
from dougong.records import read
from dougong.records.query import Record
from dougong.records.references import titles
from dougong.sdk.field_type import Showing

BLANK = "—"


@dataclass
class Words:
    """What one notification says about one record, to any number of readers."""

    ctx: Context
    """In the system's name: what is told does not depend on who reads it. Sensitive fields cannot be named."""
    notification: Notification
    record_id: str | None
    _record: Record | None = field(default=None, init=False)
    _is_read: bool = field(default=False, init=False)

    def title(self, locale: str, zone: str) -> str:
        """Give the title, in one line."""
        return self._said(self.notification.title, locale, zone)

    def body(self, locale: str, zone: str) -> str:
        """Give the body; blank where it has none."""
        return self._said(self.notification.body, locale, zone) if self.notification.body is not None else ""

    def _said(self, text: Text, locale: str, zone: str) -> str:
        sentence = self.ctx.catalog.memo(_sentence, text.show(locale))
        try:
            return sentence.fill({"record": self._values(locale, zone)})
        except BadSentence as error:
            raise ActionFailed(
                Message(
                    "The notification “{name}” cannot be written: {reason}",
                    name=self.notification.shown_label(),
                    reason=error,
                )
            ) from None

    def _values(self, locale: str, zone: str) -> Plain:
        """Give the values that any of the sentences shows."""
        if not self._is_read:
            self._is_read = True
            self._record = self._found()
        showing = Showing(
            locale=locale,
            zone=zone,
            base_currency=self.ctx.base_currency,
            options=self.ctx.catalog.options,
            titles=self._titles(),
        )
        model = self.ctx.catalog.object(self.notification.object)
        return _plain(self.ctx.catalog, model, self._record, paths(self.ctx.catalog, self.notification.name), showing)

    def _found(self) -> Record | None:
        if self.record_id is None:
            return None
        model = self.ctx.catalog.object(self.notification.object)
        names = tuple(".".join(path) for path in paths(self.ctx.catalog, self.notification.name))
        return read.find(self.ctx, model, self.record_id, names=tuple(dict.fromkeys(("id", *names))))

    def _titles(self) -> Mapping[str, str]:
        if self._record is None:
            return {}
        found: dict[str, str] = {}
        model = self.ctx.catalog.object(self.notification.object)
        for name, value in self._record.values.items():
            target = _field_at(self.ctx.catalog, model, tuple(name.split("."))).type.lookup()
            if target is not None and value is not None:
                found |= titles(self.ctx, target, (value,))
        return found


def _sentence(catalog: Catalog, text: str) -> Sentence:
    return Sentence(text)


def paths(catalog: Catalog, name: str) -> tuple[tuple[str, ...], ...]:
    """Give the fields and paths that the sentences of a notification show, in any language."""
    return catalog.memo(_paths, name)


def _paths(catalog: Catalog, name: str) -> tuple[tuple[str, ...], ...]:
    notification = catalog.get(Notification, name)
    texts = [notification.title, *([notification.body] if notification.body is not None else [])]
    found = (path for text in texts for each in text.by_language.values() for path in Sentence(each).paths)
    return tuple(dict.fromkeys(path[1:] for path in found if len(path) > 1))


def _field_at(catalog: Catalog, model: ObjectModel, path: tuple[str, ...]) -> Any:
    *steps, last = path
    for step in steps:
        model = catalog.object(str(model.field(step).type.lookup()))
    return model.field(last)


def _plain(
    catalog: Catalog,
    model: ObjectModel,
    record: Record | None,
    wanted: Iterable[tuple[str, ...]],
    showing: Showing,
) -> Plain:
    """Give a record as sentences see it: text, by name."""

    def shown(path: tuple[str, ...]) -> str:
        value = record.values.get(".".join(path)) if record is not None else None
        if value is None:
            return BLANK
        return str(_field_at(catalog, model, path).type.in_base_currency(showing.base_currency).format(value, showing))

    return _tree((), set(wanted), shown)


def _tree(at: tuple[str, ...], wanted: set[tuple[str, ...]], shown: Callable[[tuple[str, ...]], str]) -> Plain:
    below = dict.fromkeys(path[len(at)] for path in wanted if len(path) > len(at) and path[: len(at)] == at)
    inner = {name: _tree((*at, name), wanted, shown) for name in below}
    return Plain(shown(at) if at in wanted else "", inner)
