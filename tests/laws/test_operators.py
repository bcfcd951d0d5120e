"""Every law over every registered operator in every form it has, and the values of the plainest operators."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runner.signal.laws import ANY_ROWS, ONCE, PLAIN_ROWS, forms
from runner.signal.laws.drawn import drawn
from runner.signal.laws.judgement import plain_trial
from runner.signal.registry import operators
from runner.signal.scan import scanned
from tests.laws.drawn_inputs import generators, plain_trials, trials

SUBJECTS = [(operator, form) for operator in operators().values() for form in forms(operator)]
"""Formulas have no form of their own: they keep the laws as far as the operators they are made of."""

EACH = pytest.mark.parametrize(
    ("operator", "form"), SUBJECTS, ids=[f"{operator.name}-{form}" for operator, form in SUBJECTS]
)
SETTINGS = settings(
    max_examples=15,
    deadline=None,
    phases=[phase for phase in Phase if phase is not Phase.explain],  # values come from a seed, which explains nothing
    suppress_health_check=[HealthCheck.too_slow],  # the first example compiles the operator
)


def broken(laws, trial, generator) -> list[str]:
    return [str(found) for law in laws if (found := law(trial, generator))]


@EACH
@given(data=st.data())
@SETTINGS
def test_every_operator_keeps_the_laws_of_any_history(operator, form, data):
    """NaN, infinity, ties, constants, -0, offsets, irregular clocks: the bits are the same, however and with whomever it runs."""
    trial, generator = data.draw(trials(operator, form)), data.draw(generators())

    assert broken(ANY_ROWS, trial, generator) == []


@EACH
@given(data=st.data())
@SETTINGS
def test_every_operator_keeps_the_laws_of_plain_histories(operator, form, data):
    """Over data it is made for an operator has the memory it says: no value too early, none too late, no row too long."""
    trial, generator = data.draw(plain_trials(operator, form)), data.draw(generators())

    assert broken(PLAIN_ROWS, trial, generator) == []


@EACH
def test_every_operator_keeps_the_laws_that_are_tried_once(operator, form):
    """It says its formula, its state has one length, its largest parameters work, and it doesn't drift in a long run."""
    generator = np.random.default_rng(5)
    trial = plain_trial(operator, form, generator, counts=(8,), is_even=True)

    assert broken(ONCE, trial, generator) == []


FADING = [operator for operator in operators().values() if operator.tolerance > 0.0]
"""Operators that never forget anything whole."""


@pytest.mark.parametrize("operator", FADING, ids=[operator.name for operator in FADING])
@pytest.mark.parametrize("lookback", [2, 14])
@pytest.mark.parametrize("is_one_price", [False, True])
def test_what_fades_never_jumps_however_long_nothing_happens(operator, lookback, is_one_price):
    """Once it has settled, a value stays where it is over 12,000 equal rows, far beyond where averages are too small for a
    number; of bars with a range, and of bars that are one price.
    """
    parameters = (float(lookback), *(float(each.default) for each in operator.parameters[1:]))
    history = drawn(operator, parameters, np.random.default_rng(8), counts=(400,), flavour="plain", is_even=True)
    last = [history.columns[-1 if is_one_price else k][-1] for k in range(len(history.columns))]
    columns = [np.append(column, np.full(12_000, value)) for column, value in zip(history.columns, last, strict=True)]

    flat = row_scan(operator.name, columns, parameters)[400:]

    assert np.isfinite(flat).all()
    assert np.ptp(flat[1000:]) <= 1e-9


def row_scan(name, columns, parameters=()):
    """Return the values of an operator over one symbol."""
    return scanned(operators()[name], columns, parameters, offsets=np.array([0, columns[0].size]))[0]


def test_mean_agrees_with_a_two_pass_reference_on_long_offset_data():
    """Windows over 200,000 values around 1e6: relative error below 1e-12 everywhere."""
    x = 1e6 + np.random.default_rng(7).normal(size=200_000)
    for lookback in (1, 2, 3, 20, 250, 999):
        windows = np.lib.stride_tricks.sliding_window_view(x, lookback)
        expected = np.array([math.fsum(w) / lookback for w in windows[::997]])

        actual = row_scan("mean", (x,), (float(lookback),))[lookback - 1 :][::997]

        np.testing.assert_allclose(actual, expected, rtol=1e-12)


def test_a_huge_value_leaves_no_trace_in_a_mean_once_it_has_left():
    """Ones with a single 1e17 among them, and three values whose sum overflows: the mean is 1 again when they are out."""
    for huge in ([1e17], [1e308, 1e308, 1e308], [-1e16, 3.0, 1e16]):
        x = np.ones(100)
        x[30 : 30 + len(huge)] = huge

        actual = row_scan("mean", (x,), (20.0,))

        assert actual[50 + len(huge) :].tolist() == [1.0] * (50 - len(huge))


@pytest.mark.parametrize("name", ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal"])
def test_a_comparison_with_an_undefined_side_is_undefined(name):
    """Not false: its opposite must not become true."""
    a, b = np.array([math.nan, 1.0, math.nan, 1.0]), np.array([1.0, math.nan, math.nan, 2.0])

    out = row_scan(name, (a, b))

    assert np.isnan(out).tolist() == [True, True, True, False]
    assert out[3] == {"less": 1, "less_equal": 1, "greater": 0, "greater_equal": 0, "equal": 0, "not_equal": 1}[name]


def test_lag_agrees_with_slicing():
    """lag(x, n) is the column moved down by n rows."""
    x = np.arange(10.0)
    for rows in (1, 3, 9):
        actual = row_scan("lag", (x,), (float(rows),))

        assert actual[rows:].tolist() == x[:-rows].tolist()


def test_bar_pressure_agrees_with_numbers_worked_by_hand():
    """A bar closed a quarter of its range up has odds 1:3; one that fell has none; one closed at its high has huge odds."""
    columns = tuple(
        np.array(c)
        for c in ([10.0, 10.0, 10.0, 10.0], [12.0, 11.0, 14.0, 11.0], [8.0, 9.0, 10.0, 9.0], [11.0, 9.5, 14.0, 10.0])
    )

    actual = row_scan("bar_pressure", columns)

    np.testing.assert_allclose(actual[:2], [1 / 3, 0.0], rtol=1e-9)
    assert actual[2] > 1e8
    assert actual[3] == 0.0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("and", [0, 0, 0, 0, 1, None, 0, None, None]),
        ("or", [0, 1, None, 1, 1, 1, None, 1, None]),
    ],
)
def test_logic_is_kleenes(name, expected):
    """The truth tables of strong three-valued logic (Kleene 1952), rows a = F T N by b = F T N."""
    cells = [0.0, 1.0, math.nan]
    a, b = np.repeat(cells, 3), np.tile(cells, 3)

    out = row_scan(name, (a, b))

    assert [None if math.isnan(v) else int(v) for v in out] == expected
