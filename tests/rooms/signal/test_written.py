"""Expressions and values as text."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.signal.expression import Call, Literal, Name, Text, parse
from runner.signal.written import number_text, value_text, written

SIGNS = [
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "equal",
    "not_equal",
    "add",
    "subtract",
    "multiply",
    "divide",
    "power",
]

NUMBERS = st.one_of(st.integers(-(10**6), 10**6).map(float), st.floats(-1e15, 1e15))
LEAVES = st.one_of(
    NUMBERS.map(lambda number: Literal(number, 0)),
    st.sampled_from(["close", "depth.bid_size_0", "n"]).map(lambda name: Name(name, 0)),
    st.sampled_from(["30min", "since_open", "it's"]).map(lambda text: Text(text, 0)),
)


def calls(inner):
    """Draw calls: of two sides by a sign, of one, and by name."""
    return st.one_of(
        st.tuples(st.sampled_from([*SIGNS, "and", "or"]), inner, inner).map(
            lambda drawn: Call(drawn[0], drawn[1:], (), 0, symbol=drawn[0])
        ),
        inner.map(lambda part: Call("not", (part,), (), 0, symbol="not")),
        inner.filter(lambda part: not isinstance(part, Literal)).map(
            lambda part: Call("negate", (part,), (), 0, symbol="-")
        ),
        st.tuples(inner, inner).map(lambda parts: Call("mean", parts[:1], (("lookback", parts[1]),), 0)),
    )


def without_columns(tree):
    """Return a tree that doesn't know where it was written."""
    if isinstance(tree, Call):
        parts = tuple(without_columns(part) for part in tree.arguments)
        return replace(tree, arguments=parts, named=tuple((k, without_columns(v)) for k, v in tree.named), column=0)
    return replace(tree, column=0)


@given(st.recursive(LEAVES, calls, max_leaves=12))
def test_what_is_written_reads_back_as_the_same_tree(tree):
    """Brackets stand where they are needed, whatever is nested in what."""
    again = without_columns(parse(written(tree), "x"))

    assert written(again) == written(tree)
    assert again == tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a<b and not(c or d)", "a < b and not (c or d)"),
        ("a!=b", "a != b"),
        ("a < b < c", "a < b and b < c"),
        ("((a+b))*c - (d - e)", "(a + b) * c - (d - e)"),
        ("-a**2", "-a ** 2"),
        ("(-2)**2", "(-2) ** 2"),
        ("2**3**4", "2 ** 3 ** 4"),
        ('mean( close,"30min" )', 'mean(close, "30min")'),
    ],
)
def test_few_brackets(text, expected):
    """An expression is written as its author would."""
    assert written(parse(text, "x")) == expected


@given(NUMBERS)
def test_numbers_read_back(number):
    """Few digits, but the same number."""
    assert float(number_text(number)) == number


@pytest.mark.parametrize(
    ("value", "gives", "expected"),
    [
        (math.nan, "number", "undefined"),
        (math.nan, "boolean", "undefined"),
        (1.0, "boolean", "true"),
        (0.0, "boolean", "false"),
        (0.4850961, "number", "0.485096"),
        (19730300.0, "number", "19,730,300"),
        (-0.0, "number", "-0"),
        (math.inf, "number", "infinite"),
        (3.2e17, "number", "3.2e+17"),
    ],
)
def test_values_in_words(value, gives, expected):
    """Conditions are words, long numbers are grouped."""
    assert value_text(value, gives) == expected
