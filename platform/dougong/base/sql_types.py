"""how values are stored, alike on SQLite and PostgreSQL

PostgreSQL has exact numbers, moments, ids and arrays of its own. SQLite gets scaled 64-bit integers for decimals
(its own `Numeric` goes through floating point and loses cents), text for dates, moments and ids, and JSON for sets.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

MOST_DIGITS = 18
EXACT = decimal.Context(prec=60, rounding=decimal.ROUND_HALF_UP)


def _is_sqlite(dialect: Dialect) -> bool:
    return dialect.name == "sqlite"


class Key(sa.types.TypeDecorator[str]):
    """An id: `uuid` on PostgreSQL, dashed text elsewhere; always `str` in Python."""

    impl = sa.String(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=False))
        return dialect.type_descriptor(sa.String(36))


class ExactDecimal(sa.types.TypeDecorator[decimal.Decimal]):
    """An exact decimal of at most 18 digits: `numeric` on PostgreSQL, an integer scaled by 10**scale on SQLite."""

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, scale: int, digits: int = MOST_DIGITS) -> None:
        super().__init__(digits, scale)
        self.scale = scale
        self.digits = digits
        self.unit = decimal.Decimal(1).scaleb(-scale)

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if _is_sqlite(dialect):
            return dialect.type_descriptor(sa.BigInteger())
        return dialect.type_descriptor(sa.Numeric(self.digits, self.scale))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        exact = EXACT.quantize(value if isinstance(value, decimal.Decimal) else decimal.Decimal(value), self.unit)
        return int(exact.scaleb(self.scale, EXACT)) if _is_sqlite(dialect) else exact

    def process_result_value(self, value: Any, dialect: Dialect) -> decimal.Decimal | None:
        if value is None:
            return None
        return decimal.Decimal(value).scaleb(-self.scale, EXACT) if _is_sqlite(dialect) else value


class Moment(sa.types.TypeDecorator[dt.datetime]):
    """A moment in UTC, to the millisecond: `timestamptz` on PostgreSQL, `2026-11-22 02:29:28.123` on SQLite."""

    impl = sa.String(23)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if _is_sqlite(dialect):
            return dialect.type_descriptor(sa.String(23))
        return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True, precision=3))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None or not _is_sqlite(dialect):
            return value
        moment: dt.datetime = value.astimezone(dt.UTC)
        return moment.replace(tzinfo=None).isoformat(" ", "milliseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if _is_sqlite(dialect):
            return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)
        moment: dt.datetime = value.astimezone(dt.UTC)
        return moment


class Codes(sa.types.TypeDecorator[tuple[str, ...]]):
    """Several codes in their order: `text[]` on PostgreSQL, a JSON array on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(sa.Text()))
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        return json.dumps(list(value), ensure_ascii=False) if _is_sqlite(dialect) else list(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:
        if value is None:
            return None
        return tuple(json.loads(value) if _is_sqlite(dialect) else value)
