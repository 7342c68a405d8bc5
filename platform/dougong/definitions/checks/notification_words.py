"""E481: the words of a notification cannot be written

`{{ record.name }}` shows a field, `{{ record.customer.name }}` one over a lookup. Lines cannot be shown, and neither
can sensitive fields: a mail is read by whoever gets it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dougong.base.names import hint_for
from dougong.base.problems import Problem
from dougong.base.templating import BadSentence, Sentence
from dougong.definitions.kinds.notification import Notification
from dougong.definitions.linked import Linked

CODE = "E481"


def problems(linked: Linked) -> Iterator[Problem]:
    """Look at title and body in every language."""
    for notification in linked.of(Notification):
        for key, text in (("title", notification.title), ("body", notification.body)):
            for said in dict.fromkeys(text.by_language.values()) if text is not None else ():
                for message, hint in _wrong(linked, notification.object, said):
                    yield Problem(linked.place(notification, key), CODE, message, hint)


def _wrong(linked: Linked, object_name: str, text: str) -> Iterator[tuple[str, str]]:
    try:
        sentence = Sentence(text)
    except BadSentence as error:
        yield f"the text cannot be read: {error}", "values stand in {{ record.… }}"
        return
    for path in sentence.paths:
        if path[0] != "record":
            yield f"'{path[0]}' is nothing that can be shown", "values begin with 'record': {{ record.name }}"
        elif len(path) == 1:
            yield "'record' alone cannot be shown", "name one of its fields: {{ record.name }}"
        else:
            yield from _wrong_path(linked, object_name, path[1:])


def _wrong_path(linked: Linked, object_name: str, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    at: str | None = object_name
    for position, name in enumerate(path):
        if at is None:
            yield f"'{path[position - 1]}' leads to no other record", "only lookups do"
            return
        known = linked.fields.get(at, {})
        if not known:
            return  # the object itself is missing, which has been said
        if name not in known:
            yield f"object '{at}' has no field '{name}'", hint_for(name, known)
            return
        field = known[name]
        if field.sensitive:
            yield f"field '{name}' is sensitive", "leave it out; who may see it sees it in the record"
        if field.type.lines() is not None:
            yield f"'{name}' is lines", "show a field of the record"
            return
        at = field.type.lookup()
