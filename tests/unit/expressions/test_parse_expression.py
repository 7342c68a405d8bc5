"""what an author writes becomes a small tree, or a clean error; nothing else gets through"""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dougong.expressions.errors import ExpressionError
from dougong.expressions.parse import MOST_NODES, parse
from dougong.expressions.scan import DEEPEST, LONGEST_TEXT, MOST_BRACKETS
from dougong.expressions.tree import (
    Arithmetic,
    Both,
    Call,
    Compare,
    Conditional,
    Either,
    In,
    IsNull,
    Literal,
    Me,
    Negative,
    Not,
    Path,
)
from dougong.expressions.types import BLANK, BOOLEAN, TEXT, number

A, B = Path(("a",), 0), Path(("b",), 4)


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert 0 <= caught.value.at <= max(len(text), LONGEST_TEXT)
    said = str(caught.value)
    assert said[0].islower() or said[0] in "'"
    assert not said.endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("1", Literal(Decimal(1), 0, number(0))),
        ("1.50", Literal(Decimal("1.50"), 0, number(2))),
        (".5", Literal(Decimal("0.5"), 0, number(1))),
        ("-2.5", Literal(Decimal("-2.5"), 0, number(1))),
        ("- a", Negative(Path(("a",), 2))),
        ("123456789012345678", Literal(Decimal(123456789012345678), 0, number(0))),
        ("0.000000000000000001", Literal(Decimal("1E-18"), 0, number(18))),
        ("'a'", Literal("a", 0, TEXT)),
        (r'"\"\u00e4\n\\"', Literal('"ä\n\\', 0, TEXT)),
        ('"null is true"', Literal("null is true", 0, TEXT)),
        ('"e\u0301"', Literal("é", 0, TEXT)),
        ("true", Literal(value=True, type=BOOLEAN)),
        ("False", Literal(value=False, type=BOOLEAN)),
        ("null", Literal(None, 0, BLANK)),
        ("None", Literal(None, 0, BLANK)),
        ("a.b.c", Path(("a", "b", "c"), 0)),
        ("me", Me((), 0)),
        ("me.unit.name", Me(("unit", "name"), 0)),
        ("a + b", Arithmetic("+", A, B)),
        ("a / b", Arithmetic("/", A, B)),
        ("a <b", Compare("<", A, Path(("b",), 3))),
        ("a!=b", Compare("!=", A, Path(("b",), 3))),
        ("a is null", IsNull(A, negated=False)),
        ("a is not null", IsNull(A, negated=True)),
        ("a is None", IsNull(A, negated=False)),
        ("a in (1, 2)", In(A, (Literal(Decimal(1), 6, number(0)), Literal(Decimal(2), 9, number(0))), negated=False)),
        ("a not in ['x']", In(A, (Literal("x", 10, TEXT),), negated=True)),
        ("a in b.c", In(A, Path(("b", "c"), 5), negated=False)),
        ("a and b and c", Both((A, Path(("b",), 6), Path(("c",), 12)))),
        ("a or b", Either((A, Path(("b",), 5)))),
        ("not a", Not(Path(("a",), 4))),
        ("a if b else c", Conditional(Path(("b",), 5), A, Path(("c",), 12))),
        ("f()", Call("f", ())),
        ("f(a, 'x')", Call("f", (Path(("a",), 2), Literal("x", 5, TEXT)))),
        ("sum(a.b)", Call("sum", (Path(("a", "b"), 4),))),
    ],
)
def test_text_becomes_a_tree(text: str, node: object):
    assert parse(text) == node


def test_chain_of_comparisons_is_several():
    assert parse("1 < a <= 9") == Both(
        (
            Compare("<", Literal(Decimal(1), 0, number(0)), Path(("a",), 4), 0),
            Compare("<=", Path(("a",), 4), Literal(Decimal(9), 9, number(0)), 4),
        )
    )


def test_operators_bind_as_in_python():
    assert parse("not a is null and b") == Both((Not(IsNull(Path(("a",), 4), negated=False, at=4)), Path(("b",), 18)))
    assert parse("a + b * c") == Arithmetic("+", A, Arithmetic("*", B, Path(("c",), 8), 4))


def test_expression_goes_over_several_lines():
    assert parse("\n  a\n\t+\r\n\u3000b\n") == Arithmetic("+", Path(("a",), 3), Path(("b",), 10), 3)


def test_places_count_characters_not_bytes():
    node = parse('"斗拱" == a')
    assert isinstance(node, Compare)
    assert node.right == Path(("a",), 8)


@pytest.mark.parametrize(
    ("text", "at", "message", "hint"),
    [
        ("", 0, "there is no expression", ""),
        (" \n ", 0, "there is no expression", ""),
        ("a = b", 2, "'=' is not a sign of this language", "write =="),
        ("a === b", 2, "'===' is not a sign of this language", "write =="),
        ("a && b", 2, "'&&' is not a sign of this language", "write and"),
        ("!a", 0, "'!' is not a sign of this language", "write not"),
        ("a <> b", 2, "'<>' is not a sign of this language", "write !="),
        ("a ＞ 3", 2, "'＞' is not a sign of this language", "write >"),
        ("（a）", 0, "'（' is not a sign of this language", "write ("),
        ("a == “x”", 5, "'“' is not a sign of this language", 'write "'),
        ("金额 > 3", 0, "'金' is not a sign of this language", "field names are ASCII; put a text in quotes"),
        ("a % b", 2, "'%' is not a sign of this language", "write / 100"),
        ("a b", 2, "something is missing between 'a' and 'b'", "an operator, a comma, or a quote"),
        ("a in ('x' 'y')", 10, "something is missing between ''x'' and ''y''", "an operator, a comma, or a quote"),
        ("a and", 5, "something is missing after 'and'", ""),
        ("a + ", 3, "something is missing after '+'", ""),
        ("(a", 0, "the bracket '(' is not closed", ""),
        ("a)", 1, "the bracket ')' closes nothing", ""),
        ("(a]", 2, "the bracket ']' closes nothing", ""),
        ("a + * b", 4, "'*' cannot stand here", ""),
        ("'abc", 0, "the text that begins with 'abc does not end", ""),
        (r"'\d'", 1, r"a text cannot hold '\d'", r"there is: \n \t \\ \" \' and \u with four digits"),
        ("007", 0, "the number '007' begins with a zero", ""),
        ("1e5", 0, "'1e5' is not a number", "write all its digits, with a '.'"),
        ("1_000", 0, "'1_000' is not a number", "write all its digits, with a '.'"),
        ("0x10", 0, "'0x10' is not a number", "write all its digits, with a '.'"),
        ("1.2.3", 0, "'1.2.3' is not a number", "write all its digits, with a '.'"),
        ("1234567890123456789", 0, "the number '1234567890123456789' has more than 18 digits", ""),
        ("0.1234567890123456789", 0, "the number '0.1234567890123456789' has more than 18 digits", ""),
        ("nan1 + NaN", 7, "'NaN' cannot be a name", "write 'nan'"),
        ("Amount > 1", 0, "'Amount' cannot be a name", "write 'amount'"),
        ("a AND b", 2, "'AND' cannot be a name", "write 'and'"),
        ("+a", 0, "'+' needs something on its left", ""),
        ("a is b", 5, "only 'null' can follow 'is'", "say '==' to compare"),
        ("a in ()", 5, "the list after 'in' is empty", ""),
        ("(1, 2)", 0, "a list can only stand on the right of 'in'", ""),
        ("f(a)(b)", 0, "only a function can be called", ""),
        ("a.f(b)", 0, "only a function can be called", ""),
        ("f(a).b", 0, "only a field can be followed by '.b'", ""),
        ("a, b", 0, "a list can only stand on the right of 'in'", ""),
        ("true.a", 0, "'true' cannot be part of a path", ""),
        ("a.b.c.d.e.f.g.h.i", 0, "'a.b.c.d.e.f.g.h.i' has more than 8 steps", ""),
        ("a\x00", 1, r"an expression cannot hold '\x00'", ""),
        ("'\ud800'", 1, r"an expression cannot hold '\ud800'", ""),
    ],
)
def test_error_says_where_and_what_to_do(text: str, at: int, message: str, hint: str):
    error = refused(text)
    assert (error.at, str(error), str(error.hint or "")) == (at, message, hint)


HOSTILE = [
    "().__class__.__base__.__subclasses__()",
    "a.__class__",
    "__import__('os')",
    "lambda: 1",
    "(lambda: 1)()",
    "[x for x in y]",
    "{x for x in y}",
    "{1: 2}",
    "{}",
    "{1, 2}",
    "f'{a}'",
    'f"{a.__class__}"',
    "b'a'",
    "r'a'",
    "u'a'",
    "(a := 1)",
    "a[0]",
    "a[1:2]",
    "*a",
    "f(*a)",
    "f(**a)",
    "f(a=1)",
    "'%s' % a",
    "9**9**9",
    "a // b",
    "a @ b",
    "a << 9",
    "a >> 9",
    "a | b",
    "a & b",
    "a ^ b",
    "~a",
    "await a",
    "yield a",
    "(yield)",
    "print(1); a",
    "a\\\nb",
    "# a",
    "a # b",
    "...",
    "`a`",
    "$a",
    "a?b:c",
    "a->b",
    "'''a'''",
    '"""a"""',
    "1j",
    "0b1",
    "0o7",
    "1.",
    "1.e5",
    "a.1",
    "1.a",
    "a..b",
    ".a",
    "import os",
    "del a",
    "not",
    "if",
    "else",
    "a if b",
    "in",
    "is",
    "a is not",
    "()",
    "[]",
    "[[a]]",
    "(a,)",
    "exec",
    "a.b(",
    "'\\x00'",
    "'\\ud800'",
    "'\\u0000'",
    "'\\N{DIGIT ONE}'",
    "'\\",
    "'a\nb'",
    "\u202ea",
    "ｘ > 1",
    "a\u0300",
    "_a",
    "None.a",
    "true.a",
    "'a'.format",
    "'{0}'.format(a)",
    "5 .real",
    "class",
    "match a",
    "a; b",
    "a, b",
    "lines[0].a",
    "me.__dict__",
    "Infinity",
    "9" * 400,
    "a" * 41,
    "\ufeffa",
    "if a then b",
    "case when a then b end",
    "a like '%b%'",
    "a between 1 and 2 3",
    "drop table a",
    "'a' or '1'='1",
    "a /* b */",
    "not_in in",
    "a not b",
    "a is is null",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_not_listed_is_refused(text: str):
    if text == "exec":
        assert parse(text) == Path(("exec",), 0)
        return
    refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "a" + ")" * 10_000,
        "(" * 1900 + "a" + ")" * 1900,
        "[" * 1900,
        "f(" * 1300 + ")" * 1300,
        "-" * 3999 + "a",
        "not " * 999 + "a",
        "- " * 51 + "a",
        "1+" * 1999 + "1",
        "a if b else " * 330 + "c",
        "a.b" + "+a.b" * 990,
        "a<" * 1999 + "a",
        "(" * (MOST_BRACKETS + 1) + "a" + ")" * (MOST_BRACKETS + 1),
        "a" + " and (a" * 200 + ")" * 200,
        "a in (" + "1," * 1990 + "1)",
        "f(" + "a," * 1990 + "a)",
        "a" * (LONGEST_TEXT + 1),
        "'" + "a" * LONGEST_TEXT,
        "a+b" * 100_000,
    ],
)
def test_size_and_nesting_are_bounded(text: str):
    begun = time.perf_counter()
    refused(text)
    assert time.perf_counter() - begun < 5


def test_bounds_are_reached():
    assert parse("(" * MOST_BRACKETS + "a" + ")" * MOST_BRACKETS) == Path(("a",), MOST_BRACKETS)
    assert parse("not " * DEEPEST + "a")
    assert parse("'" + "a" * (LONGEST_TEXT - 2) + "'")
    assert parse("a in (" + ",".join(["1"] * (MOST_NODES - 2)) + ")")


WORDS = (
    "a",
    "b",
    "1",
    ".",
    "(",
    ")",
    "[",
    "]",
    ",",
    "+",
    "-",
    "*",
    "/",
    "<",
    "==",
    "!=",
    "in",
    "not",
    "is",
    "null",
    "if",
    "else",
    "and",
    "or",
    "'x'",
    "true",
    "me",
    "f",
)


def refusal(text: str) -> ExpressionError | None:
    try:
        parse(text)
    except ExpressionError as error:
        return error
    return None


@given(st.text(max_size=60))
@settings(max_examples=100)
def test_any_text_is_read_or_refused(text: str):
    error = refusal(text)
    assert error is None or 0 <= error.at <= len(text)


@given(st.lists(st.sampled_from(WORDS), max_size=14))
@settings(max_examples=200)
def test_any_words_are_read_or_refused(words: list[str]):
    error = refusal(" ".join(words))
    assert error is None or 0 <= error.at <= len(" ".join(words))
