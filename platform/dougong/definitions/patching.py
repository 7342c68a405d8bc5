"""one patch laid over the data of a definition: keys changed, items added, changed, removed and put in order"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dougong.base.names import hint_for
from dougong.base.problems import Problem
from dougong.definitions.kinds import KINDS
from dougong.definitions.marked import MarkedList, MarkedMap, Path, Spot, place_of, spot_of
from dougong.definitions.shapes import Part, Shape, Shapes
from dougong.sdk.action import Action

_NAMING_KEYS = ("name", "value")
"""What tells the items of a list apart: `name`, or `value` in a list of options."""


@dataclass
class Patching:
    """One patch at work: in which languages plain texts are, its own and the target's, and what went wrong."""

    patch: MarkedMap
    language: str
    target_language: str
    shapes: Shapes
    field_types: Any
    problems: list[Problem] = field(default_factory=list)

    def apply(self, target: MarkedMap) -> MarkedMap:
        """Give the target with the patch laid over it."""
        kind = KINDS[target["kind"]]
        change = self.patch.get("change")
        result = self.merged(target, change, kind, ("change",)) if isinstance(change, MarkedMap) else target.copy()
        for position, text in enumerate(_list(self.patch.get("remove"))):
            if isinstance(text, str):
                self.remove(result, text, ("remove", position))
        order = self.patch.get("order")
        for text, names in (order if isinstance(order, MarkedMap) else {}).items():
            self.order(result, text, _list(names), ("order", text))
        return result

    def add(self, code: str, path: Path, message: str, hint: str = "", *, key: bool = False) -> None:
        """Note a problem at a path of the patch."""
        self.problems.append(Problem(place_of(self.patch, path, key=key), code, message, hint))

    def merged(self, base: MarkedMap, change: MarkedMap, part: Part | None, path: Path) -> MarkedMap:
        """Give a mapping with the changes of another."""
        result = base.copy()
        shapes = self._shapes(part, base, change)
        for key, value in change.items():
            if path == ("change",) and key in ("kind", "name"):
                self.add("E311", (*path, key), f"a patch cannot change '{key}'", key=True)
                continue
            if key in _NAMING_KEYS and key in base and base[key] == value:
                continue  # it only says which item is meant
            shape = shapes.get(key) or Shape(key)
            result.put(key, self.value(base.get(key), value, shape, (*path, key)), change.spots[key])
        return result

    def value(self, old: Any, new: Any, shape: Shape, path: Path) -> Any:
        """Give what a key has after the change."""
        if shape.is_text:
            return self.text(old, new, spot_of(self.patch, path))
        if isinstance(old, MarkedMap) and isinstance(new, MarkedMap):
            return self.merged(old, new, shape.part, path)
        if isinstance(new, MarkedList) and shape.merges == "name":
            return self.named(old if isinstance(old, MarkedList) else MarkedList(new.spot), new, shape, path)
        if isinstance(old, MarkedList) and isinstance(new, MarkedList) and shape.merges == "set":
            result = old.copy()
            for item, spot in zip(new, new.spots, strict=True):
                if item not in result:
                    result.put(item, spot)
            return result
        if isinstance(new, MarkedMap) and shape.part:
            return self.merged(MarkedMap(new.spot), new, shape.part, path)
        return new

    def text(self, old: Any, new: Any, spot: Spot) -> Any:
        """Give a text in which the patch's languages take the place of the old ones."""
        said = MarkedMap(spot)
        if isinstance(new, str):
            said.put(self.language, new, spot)
        elif isinstance(new, MarkedMap):
            said = new
        else:
            return new
        result = MarkedMap(spot)
        if isinstance(old, str):
            result.put(self.target_language, old, spot)
        elif isinstance(old, MarkedMap):
            result = old.copy()
        for language, text in said.items():
            result.put(language, text, said.spots[language])
        return result

    def named(self, old: MarkedList, new: MarkedList, shape: Shape, path: Path) -> MarkedList:
        """Give a list in which items with a known name are changed and new ones are added."""
        result = old.copy()
        known = {name_of(item) or "": position for position, item in enumerate(old)}
        for position, item in enumerate(new):
            at = known.get(name_of(item) or "")
            if at is not None and isinstance(item, MarkedMap):
                result[at] = self.merged(old[at], item, shape.part, (*path, position))
                continue
            blank = MarkedMap(new.spots[position])
            added = self.merged(blank, item, shape.part, (*path, position)) if isinstance(item, MarkedMap) else item
            result.put(added, new.spots[position])
        return result

    def remove(self, target: MarkedMap, text: str, path: Path) -> None:
        """Take `fields.fax` or `sections.main.fields.fax` away, or a key such as `subtitle`."""
        container, last = self._find(target, text)
        if container is None or last is None:
            self.add("E312", path, f"there is no '{text}' to remove", self._hint(target, text))
        elif isinstance(container, MarkedList):
            position = [name_of(item) for item in container].index(last)
            del container[position], container.spots[position]
        else:
            del container[last], container.spots[last]

    def order(self, target: MarkedMap, text: str, names: list[Any], path: Path) -> None:
        """Put the items of a list in an order; those that are not named stay behind them, as they were."""
        container, last = self._find(target, text)
        found = container.get(last) if isinstance(container, MarkedMap) and last is not None else None
        if not isinstance(found, MarkedList) or not isinstance(container, MarkedMap) or last is None:
            self.add("E312", path, f"there is no list '{text}' to put in order", self._hint(target, text), key=True)
            return
        known = [name_of(item) for item in found]
        for position, name in enumerate(names):
            if name not in known:
                self.add("E312", (*path, position), f"'{text}' has no '{name}'", hint_for(str(name), map(str, known)))
        first = [known.index(name) for name in names if name in known]
        result = MarkedList(found.spot)
        for position in [*dict.fromkeys(first), *(each for each in range(len(found)) if each not in first)]:
            result.put(found[position], found.spots[position])
        container.put(last, result, container.spots[last])

    def _shapes(self, part: Part | None, base: MarkedMap, change: MarkedMap) -> dict[str, Shape]:
        """Give the shapes of a part's keys; a field has those of its type's options too."""
        found = dict(self.shapes.get(part, {})) if part else {}
        type_shape = found.get("type")
        if type_shape and type_shape.part:
            type_class = self.field_types.find(str(change.get("type", base.get("type"))))
            found |= {key: shape for key, shape in self.shapes.get(type_class, {}).items() if key not in found}
        if part is Action:
            wanted = change.get("do", base.get("do"))
            own = next(
                (each for each in self.shapes if issubclass(each, Action) and getattr(each, "do", "") == wanted), part
            )
            found |= self.shapes.get(own, {})
        return found

    def _find(self, data: Any, text: str) -> tuple[MarkedMap | MarkedList | None, str | None]:
        """Find what holds the thing that a dotted text names; what is walked through is copied, so it may change."""
        key, _, rest = text.partition(".")
        if not isinstance(data, MarkedMap) or key not in data:
            return None, None
        if not rest:
            return data, key
        inner = data[key]
        if isinstance(inner, MarkedMap):
            data[key] = inner.copy()
            return self._find(data[key], rest)
        if not isinstance(inner, MarkedList):
            return None, None
        copied = data[key] = inner.copy()
        for position, item in enumerate(copied):
            name = name_of(item)
            if rest == name:
                return copied, name
            if name is not None and rest.startswith(f"{name}.") and isinstance(item, MarkedMap):
                copied[position] = item.copy()
                return self._find(copied[position], rest.removeprefix(f"{name}."))
        return None, None

    @staticmethod
    def _hint(target: MarkedMap, text: str) -> str:
        key, _, rest = text.partition(".")
        inner = target.get(key)
        if isinstance(inner, MarkedList):
            return hint_for(rest, [str(name) for name in map(name_of, inner) if name])
        return hint_for(key, target)


def name_of(item: Any) -> str | None:
    """Say what tells an item of a list apart from the others."""
    if isinstance(item, MarkedMap):
        return next((str(item[key]) for key in _NAMING_KEYS if key in item), None)
    return item if isinstance(item, str) else None


def names_of(items: Iterable[Any]) -> list[str]:
    """Give the names of a list's items."""
    return [name for name in map(name_of, items) if name is not None]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
