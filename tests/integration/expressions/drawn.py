"""random expressions over the world, each of a wanted sort"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hypothesis import strategies as st

Draw = Callable[..., str]

_FIELDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "order": {
        "text": ["title", "code", "customer.name", "owner.name", "customer.owner.unit.name", "me.name"],
        "number": ["amount", "paid", "rate", "share", "pieces", "customer.credit", "owner.limit", "me.limit"],
        "whole": ["pieces"],
        "boolean": ["closed", "customer.active"],
        "date": ["due", "begun", "customer.since", "today()"],
        "moment": ["placed", "customer.seen", "now()"],
        "user": ["owner", "customer.owner", "me", "me.boss", "owner.boss"],
        "codes": ["tags", "customer.tags", "me.roles", "owner.roles"],
    },
    "line": {
        "text": ["label", "product.name", "me.name"],
        "number": ["price", "quantity", "discount", "product.weight", "me.limit"],
        "whole": ["quantity"],
        "boolean": ["done"],
        "date": ["due", "today()"],
    },
}
_LITERALS: Mapping[str, Sequence[str]] = {
    "text": ['"a"', '"A"', '"Zebra"', '"斗拱"', '"b"', '" spaced "', "'%'", '"ärger"', '"\U0001f600"'],
    "number": ["0", "1", "-1", "2.5", "0.005", "3", "-0.5", "100", "12.3456", "0.333333", "99.99", "7"],
    "whole": ["0", "1", "-1", "3", "12", "-30"],
    "boolean": ["true", "false"],
    "date": ['"2026-11-22"', '"2026-03-29"', '"2024-02-29"', '"2025-12-31"'],
    "moment": ['"2026-11-21T16:00:00Z"', '"2026-10-25T02:30:00.5+01:00"', '"2026-03-29T01:30:00Z"'],
    "user": ['"01a00000-0000-7000-8000-000000000001"'],
}
_ORDERS = ["<", "<=", ">", ">=", "==", "!="]


class Writer:
    """Writes one expression; where it stands on a line, every path goes through the lines."""

    def __init__(self, draw: Callable[..., object], object_name: str = "order", prefix: str = "") -> None:
        self.draw = draw
        self.object_name = object_name
        self.prefix = prefix

    def one(self, choices: Sequence[str]) -> str:
        return str(self.draw(st.sampled_from(choices)))

    def field(self, sort: str) -> str:
        name = self.one(_FIELDS[self.object_name][sort])
        return name if name.startswith("me") or name.endswith(")") else self.prefix + name

    def literal(self, sort: str) -> str:
        return self.one(_LITERALS[sort])

    def any(self, sort: str, depth: int) -> str:
        """Write something of a sort."""
        return str(getattr(self, sort)(depth))

    def leaf(self, sort: str) -> str:
        return self.field(sort) if self.draw(st.integers(0, 3)) else self.literal(sort)

    def choice(self, sort: str, depth: int) -> str:
        one, other = self.any(sort, depth - 1), self.any(sort, depth - 1)
        if self.draw(st.booleans()):
            return f"({one} if {self.boolean(depth - 1)} else {other})"
        return f"coalesce({self.field(sort)}, {one}, {other})"

    def text(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("text")
        form = self.one(["leaf", "leaf", "join", "fold", "concat", "of", "choice", "least"])
        match form:
            case "join":
                return f"({self.text(depth - 1)} + {self.text(depth - 1)})"
            case "fold":
                return f"{self.one(['lower', 'upper', 'trim'])}({self.text(depth - 1)})"
            case "concat":
                return f"concat({self.text(depth - 1)}, {self.text(depth - 1)})"
            case "of":
                return f"text_of({self.field(self.one(['number', 'date']))})"
            case "choice":
                return self.choice("text", depth)
            case "least" if not self.prefix:
                return f"{self.one(['min', 'max'])}(lines.label)"
        return self.leaf("text")

    def number(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("number")
        form = self.one(
            ["leaf", "leaf", "arithmetic", "arithmetic", "round", "whole", "choice", "aggregate", "aggregate"]
        )
        match form:
            case "arithmetic":
                return f"({self.number(depth - 1)} {self.one(['+', '-', '*', '/'])} {self.number(depth - 1)})"
            case "round":
                name = self.one(["round", "abs", "floor", "ceil", "-"])
                places = f", {self.one(['0', '1', '2', '5'])}" if name == "round" else ""
                return f"{name}({self.number(depth - 1)}{places})"
            case "whole":
                return self.whole(depth)
            case "choice":
                return self.choice("number", depth)
            case "aggregate":
                return self.aggregate(depth)
        return self.leaf("number")

    def whole(self, depth: int) -> str:
        form = self.one(["leaf", "part", "between", "length"])
        match form:
            case "part" if depth > 0:
                name = self.one(["year_of", "quarter_of", "month_of", "day_of", "weekday_of"])
                return f"{name}({self.date(depth - 1)})"
            case "between" if depth > 0:
                return f"days_between({self.date(depth - 1)}, {self.date(depth - 1)})"
            case "length" if depth > 0:
                return f"length_of({self.text(depth - 1)})"
        return self.leaf("whole")

    def aggregate(self, depth: int) -> str:
        if self.prefix:
            return self.leaf("number")
        line = Writer(self.draw, "line", "lines.")
        match self.one(["count", "which", "sum", "avg", "min"]):
            case "count":
                return "count(lines)"
            case "which":
                return f"count(lines.done and {line.boolean(depth - 1)})"
            case "sum":
                return f"sum(lines.price * {line.number(depth - 1)})"
            case "avg":
                return f"avg(lines.price + {line.number(depth - 1)})"
        return f"{self.one(['min', 'max'])}(coalesce(lines.price, {line.number(depth - 1)}))"

    def date(self, depth: int) -> str:
        if depth <= 0:
            return self.field("date")
        match self.one(["leaf", "moved", "start", "of", "choice", "least"]):
            case "moved":
                return self.moved("date", depth)
            case "start":
                return f"start_of_month({self.date(depth - 1)})"
            case "of" if not self.prefix:
                return f"date_of({self.moment(depth - 1)})"
            case "choice":
                return self.choice("date", depth)
            case "least" if not self.prefix:
                return f"{self.one(['min', 'max'])}(lines.due)"
        return self.field("date")

    def moved(self, sort: str, depth: int) -> str:
        unit = self.one(["days", "months", "years"])
        count = self.whole(depth - 1) if unit == "days" else self.leaf("whole")
        return f"({self.any(sort, depth - 1)} {self.one(['+', '-'])} {unit}({count}))"

    def moment(self, depth: int) -> str:
        if depth > 0 and self.draw(st.booleans()):
            return self.moved("moment", depth)
        return self.field("moment")

    def user(self, depth: int) -> str:
        return self.choice("user", depth) if depth > 0 and not self.draw(st.integers(0, 3)) else self.field("user")

    def boolean(self, depth: int) -> str:
        """Write a condition."""
        if depth <= 0:
            return self.field("boolean")
        forms = ["field", "compare", "compare", "compare", "among", "blank", "join", "join", "not", "choice", "text"]
        forms += [] if self.prefix else ["codes", "same", "days", "days"]
        return str(getattr(self, f"_{self.one(forms)}")(depth))

    def _field(self, depth: int) -> str:
        return self.field("boolean")

    def _compare(self, depth: int) -> str:
        sort = self.one(["text", "number", "number", "date"] + ([] if self.prefix else ["moment"]))
        left = self.any(sort, depth - 1)
        right = self.literal(sort) if self.draw(st.booleans()) else self.any(sort, depth - 1)
        if self.draw(st.integers(0, 5)) == 0:
            return f"({left} {self.one(_ORDERS)} {self.field(sort)} {self.one(_ORDERS)} {right})"
        return f"({left} {self.one(_ORDERS)} {right})"

    def _days(self, depth: int) -> str:
        if self.draw(st.booleans()):
            return f"({self.field('moment')} {self.one(_ORDERS)} {self.one(['today()', self.literal('date')])})"
        return f"({self.moment(depth - 1)} {self.one(_ORDERS)} {self.date(depth - 1)})"

    def _same(self, depth: int) -> str:
        return f"({self.user(depth - 1)} {self.one(['==', '!='])} {self.user(depth - 1)})"

    def _among(self, depth: int) -> str:
        sort = self.one(["text", "number", "date"] + ([] if self.prefix else ["user"]))
        count = int(str(self.draw(st.integers(1, 3))))
        elements = [self.literal(sort) if self.draw(st.booleans()) else self.field(sort) for _ in range(count)]
        return f"({self.any(sort, depth - 1)} {self.one(['in', 'not in'])} [{', '.join(elements)}])"

    def _codes(self, depth: int) -> str:
        return f"({self.text(depth - 2)} {self.one(['in', 'not in'])} {self.field('codes')})"

    def _blank(self, depth: int) -> str:
        sort = self.one(["text", "number", "date", "boolean"])
        return f"({self.any(sort, depth - 1)} {self.one(['is null', 'is not null'])})"

    def _join(self, depth: int) -> str:
        return f"({self.boolean(depth - 1)} {self.one(['and', 'or'])} {self.boolean(depth - 1)})"

    def _not(self, depth: int) -> str:
        return f"(not {self.boolean(depth - 1)})"

    def _choice(self, depth: int) -> str:
        return self.choice("boolean", depth)

    def _text(self, depth: int) -> str:
        name = self.one(["contains", "starts_with", "ends_with"])
        return f"{name}({self.text(depth - 1)}, {self.leaf('text')})"


@st.composite
def expressions(draw: Callable[..., object], sorts: Sequence[str], depth: int) -> str:
    """Draw an expression of one of some sorts."""
    writer = Writer(draw)
    sort = writer.one(sorts)
    return writer.any(sort, depth)
