"""the fields an object has by its nature"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from dougong.base.errors import InvalidValue
from dougong.base.names import is_id
from dougong.base.registry import Registry
from dougong.base.sql_types import Key
from dougong.base.text import Message, Text
from dougong.definitions.kinds.object import Field
from dougong.expressions import types
from dougong.sdk.field_type import Column, Comparison, FieldType, Reading

FieldTypes = Registry[type[FieldType[Any]]]


class RecordId(FieldType[str]):
    """The id of a record; in expressions it is the record itself, so that `superior != id` can be said."""

    name: ClassVar[str] = "id"
    label: ClassVar[Text] = Text({"en": "Id", "zh-CN": "编号"})
    widget: ClassVar[str] = "none"
    comparisons: ClassVar[tuple[Comparison, ...]] = ("is", "is_not", "any_of")
    is_computed: ClassVar[bool] = True

    of: str
    """The object whose records have it."""

    def columns(self) -> tuple[Column, ...]:
        return (Column("", Key()),)

    def expression_type(self) -> types.Type | None:
        return types.record(self.of)

    def parse(self, raw: Any, reading: Reading) -> str:
        text = raw.strip().lower() if isinstance(raw, str) else raw
        if not is_id(text):
            raise InvalidValue(Message("This is not the id of a record.", code="id_unclear"))
        return str(text)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}


BY_NATURE: Mapping[str, tuple[str, ...]] = {
    "record": ("id", "version", "owner", "unit", "created_at", "created_by", "updated_at", "updated_by"),
    "child": ("id", "parent", "position"),
    "link": ("id", "created_at", "created_by"),
    "event": ("id", "at", "by"),
    "external": ("id",),
}

NAMES = frozenset(name for names in BY_NATURE.values() for name in names)
"""Names that no author may give to a field."""

_LABELS = {
    "id": {"en": "Id", "zh-CN": "编号"},
    "version": {"en": "Version", "zh-CN": "版本"},
    "owner": {"en": "Owner", "zh-CN": "负责人"},
    "unit": {"en": "Unit", "zh-CN": "所属部门"},
    "created_at": {"en": "Created at", "zh-CN": "创建时间"},
    "created_by": {"en": "Created by", "zh-CN": "创建人"},
    "updated_at": {"en": "Updated at", "zh-CN": "更新时间"},
    "updated_by": {"en": "Updated by", "zh-CN": "更新人"},
    "parent": {"en": "Belongs to", "zh-CN": "所属记录"},
    "position": {"en": "Position", "zh-CN": "序号"},
    "at": {"en": "At", "zh-CN": "发生时间"},
    "by": {"en": "By", "zh-CN": "操作人"},
}

_TYPES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "version": ("integer", {}),
    "owner": ("lookup", {"to": "user"}),
    "unit": ("lookup", {"to": "unit"}),
    "created_at": ("datetime", {}),
    "created_by": ("lookup", {"to": "user"}),
    "updated_at": ("datetime", {}),
    "updated_by": ("lookup", {"to": "user"}),
    "position": ("integer", {}),
    "at": ("datetime", {}),
    "by": ("lookup", {"to": "user"}),
}


class SystemFields:
    """Makes system fields; those that are alike for all objects are made once."""

    def __init__(self, field_types: FieldTypes) -> None:
        self._types = field_types
        self._shared: dict[str, Field] = {}

    def of(self, nature: str, object_name: str, parent: str | None) -> dict[str, Field]:
        """Give the system fields of an object, by name and in order."""
        return {name: self._field(name, object_name, parent) for name in BY_NATURE[nature]}

    def _field(self, name: str, object_name: str, parent: str | None) -> Field:
        if name == "id":
            return _made("id", RecordId(of=object_name))
        if name == "parent":
            return _made("parent", self._types.get("lookup").model_validate({"to": parent or object_name}))
        if name not in self._shared:
            type_name, options = _TYPES[name]
            self._shared[name] = _made(name, self._types.get(type_name).model_validate(options))
        return self._shared[name]


def _made(name: str, field_type: FieldType[Any]) -> Field:
    return Field(name=name, type=field_type, label=Text(_LABELS[name]), searchable=False, is_system=True)
