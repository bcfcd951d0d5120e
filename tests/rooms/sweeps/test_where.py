"""Conditions over a lane's values: what they mean, against Python's own operators, and what is refused."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import ConfigError
from runner.sweeps.where import condition_of

VALUES = {"fast": 5, "slow": 20, "signal.params.x": 0.25, "slippage": "none", "day": "2012-01-31", "gone": None, "on": True}
ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}
SUMS = {"+": operator.add, "-": operator.sub, "*": operator.mul}

NUMBERS = st.recursive(
    st.one_of(
        st.integers(0, 50).map(lambda n: (str(n), n)),
        st.floats(0, 9).map(lambda n: (repr(n), n)),
        st.sampled_from([(name, value) for name, value in VALUES.items() if type(value) in {int, float}]),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(sorted(SUMS)), inner).map(
            lambda each: (f"({each[0][0]} {each[1]} {each[2][0]})", SUMS[each[1]](each[0][1], each[2][1]))
        ),
        inner.map(lambda each: (f"-{each[0]}", -each[1])),
    ),
    max_leaves=6,
)
COMPARED = st.tuples(NUMBERS, st.sampled_from(sorted(ORDER)), NUMBERS).map(
    lambda each: (f"{each[0][0]} {each[1]} {each[2][0]}", ORDER[each[1]](each[0][1], each[2][1]))
)
CONDITIONS = st.recursive(
    COMPARED,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: (f"({two[0][0]} and {two[1][0]})", two[0][1] and two[1][1])),
        st.tuples(inner, inner).map(lambda two: (f"({two[0][0]} or {two[1][0]})", two[0][1] or two[1][1])),
        inner.map(lambda each: (f"not ({each[0]})", not each[1])),
    ),
    max_leaves=6,
)
"""Texts with what they mean, built side by side."""


def holds(text):
    """Return whether a condition holds for the values above."""
    return condition_of(text).holds(VALUES.__getitem__)


@given(CONDITIONS)
def test_a_condition_means_what_its_parts_mean(condition):
    """Numbers, names, arithmetic, comparisons and connectives, however they are put together."""
    text, expected = condition

    assert holds(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fast < slow", True),
        ("1 < fast <= 5 < slow", True),
        ("slow % fast == 0", True),
        ("slow / fast > 4", False),
        ('slippage == "none"', True),
        ("day >= '2012-01-01' and day < '2012-02-01'", True),
        ("gone == null", True),
        ("fast != null", True),
        ("gone == 3", False),
        ("on", True),
        ("not on or signal.params.x == .25", True),
        ("on == true and on != false", True),
        ("fast > 9 and slippage > 1", False),  # the second is never asked
        ("\n fast <\n slow ", True),
    ],
)
def test_what_is_written_is_what_is_meant(text, expected):
    """Texts, null, truth, names with dots, chains, and connectives that stop where the answer is known."""
    assert holds(text) is expected


def test_names_are_found_with_their_columns():
    """Each name once, where it stands first; texts and words of the language are none."""
    found = condition_of("fast < signal.params.x or 'slow' == slippage and fast == null")

    assert dict(found.names) == {"fast": 0, "signal.params.x": 7, "slippage": 36}


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("fast = slow", "Write == to compare.", 5),
        ("fast <", "must be a condition (invalid syntax)", 6),
        ("(fast < slow) & on", "Write and, and comparisons in parentheses.", 0),
        ("fast in (1, 2)", "must stay within the language of conditions", 0),
        ("fast < 3 and __import__('os')", "must stay within the language of conditions", 13),
        ("fast < (lambda: 1)", "must stay within the language of conditions", 8),
        ("fast ** slow > 1", "must stay within the language of conditions", 0),
        ("slippage.upper() == 'x'", "must stay within the language of conditions", 0),
        ("[fast][0] < 1", "must stay within the language of conditions", 0),
        ("slow < slippage", "must compare numbers with numbers, or texts with texts, was 20 beside 'none'", 7),
        ("gone < 1", "must compare numbers with numbers, or texts with texts, was null beside 1", 7),
        ("on == 1", "must compare numbers with numbers, or texts with texts, was true beside 1", 6),
        ("slow + slippage > 1", "must be a number, was 'none'", 7),
        ("fast / (slow - 20) > 1", "must be a number one can reckon with here, was 0", 8),
        ("slow", "must be a condition, was 20", 0),
        ("on and fast", "must be a condition where and, or, not join conditions, was 5", 7),
        ("'ü' == slippage and on(1)", "must stay within the language of conditions", 20),
    ],
)
def test_what_is_no_condition_is_refused_at_its_column(text, message, column):
    """Nothing that could run, nothing that compares what can't be compared; the caret stands under the place."""
    with pytest.raises(ConfigError) as error:
        holds(text)

    (fault,) = error.value.faults
    assert fault.where == "sweep.where"
    assert message in str(fault)
    assert fault.excerpt == f"{text}\n{' ' * column}^"


@pytest.mark.parametrize("text", ["not " * 200 + "on", "(" * 300 + "on" + ")" * 300, "-" * 5000 + "1 < 2", ""])
def test_texts_that_are_too_deep_or_empty_are_refused(text):
    """A text can't exhaust the reader."""
    with pytest.raises(ConfigError, match=r"sweep\.where: must be"):
        condition_of(text)
