"""Laws that every registered operator keeps, and an independent reference for those with a formula over a window."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.compiler import STEP, compile_function, scan
from runner.signal.operator import Operator, Rows
from runner.signal.registry import operators

ALL = pytest.mark.parametrize("op", operators().values(), ids=lambda op: op.name)

VALUES = st.one_of(
    st.floats(-1e6, 1e6, allow_nan=False, width=32),
    st.sampled_from([0.0, -0.0, 1.0, math.nan, math.inf, -math.inf, 1e300, 1e-300]),
)
BOOLEANS = st.sampled_from([0.0, 1.0, math.nan])


def drawn_inputs(data, op: Operator, rows: int) -> tuple[np.ndarray, ...]:
    values = BOOLEANS if op.takes == "boolean" else VALUES
    return tuple(np.array(data.draw(st.lists(values, min_size=rows, max_size=rows))) for _ in op.inputs)


def drawn_parameters(data, op: Operator) -> tuple[float, ...]:
    return tuple(
        float(data.draw(st.integers(p.least, 9))) if isinstance(p, Rows) else data.draw(st.floats(-3, 3))
        for p in op.parameters
    )


def scanned(op: Operator, columns, parameters, rows: range | None = None, state=None, out=None) -> np.ndarray:
    state = np.zeros(op.state(*parameters)) if state is None else state
    out = np.full(columns[0].size, -7.0) if out is None else out
    scan(op.step, state, columns, np.array(parameters, dtype=float), rows=rows or range(columns[0].size), out=out)
    return out


def pushed(op: Operator, columns, parameters) -> np.ndarray:
    step = compile_function(op.step, STEP)
    state, p = np.zeros(op.state(*parameters)), np.array(parameters, dtype=float)
    return np.array([step(state, np.array([c[t] for c in columns]), p) for t in range(columns[0].size)])


@ALL
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_push_equals_scan_to_the_bit_wherever_it_is_split(op, data):
    """Pushing rows one by one, scanning a column, and scanning it in two parts with the state carried over are one thing."""
    rows = data.draw(st.integers(2, 40))
    columns, parameters = drawn_inputs(data, op, rows), drawn_parameters(data, op)
    split = data.draw(st.integers(1, rows - 1))

    whole = scanned(op, columns, parameters)
    state, parts = np.zeros(op.state(*parameters)), np.empty(rows)
    scanned(op, columns, parameters, range(split), state, parts)
    restored = state.copy()
    scanned(op, columns, parameters, range(split, rows), restored, parts)

    assert whole.tobytes() == pushed(op, columns, parameters).tobytes()
    assert whole.tobytes() == parts.tobytes()


@ALL
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_the_future_never_changes_the_past(op, data):
    """Replacing every later row by something else leaves the earlier values as they were."""
    rows = data.draw(st.integers(2, 40))
    columns, parameters = drawn_inputs(data, op, rows), drawn_parameters(data, op)
    cut = data.draw(st.integers(1, rows - 1))
    other = tuple(np.where(np.arange(rows) < cut, c, d) for c, d in zip(columns, drawn_inputs(data, op, rows), strict=True))

    before, after = scanned(op, columns, parameters), scanned(op, other, parameters)

    assert before[:cut].tobytes() == after[:cut].tobytes()


@ALL
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_the_first_defined_value_is_exactly_where_warm_up_says(op, data):
    """On defined input every value before the warm-up is NaN and every later one is not."""
    rows = data.draw(st.integers(1, 40))
    parameters = drawn_parameters(data, op)
    defined = st.sampled_from([0.0, 1.0]) if op.takes == "boolean" else st.floats(1.0, 100.0)
    columns = tuple(np.array(data.draw(st.lists(defined, min_size=rows, max_size=rows))) for _ in op.inputs)

    out = scanned(op, columns, parameters)

    assert np.isnan(out).tolist() == [t < op.warm_up(*parameters) for t in range(rows)]


@ALL
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_an_undefined_value_is_forgotten_when_it_leaves_the_window(op, data):
    """NaN or infinity spoils no more rows than the warm-up is long."""
    parameters = drawn_parameters(data, op)
    memory = op.warm_up(*parameters)
    rows = memory + 8
    defined = st.sampled_from([0.0, 1.0]) if op.takes == "boolean" else st.floats(1.0, 100.0)
    columns = tuple(np.array(data.draw(st.lists(defined, min_size=rows, max_size=rows))) for _ in op.inputs)
    clean = scanned(op, columns, parameters)
    for column in columns:
        column[3] = data.draw(st.sampled_from([math.nan, math.inf])) if op.takes == "number" else math.nan

    out = scanned(op, columns, parameters)

    np.testing.assert_allclose(out[4 + memory :], clean[4 + memory :], rtol=1e-12)


@ALL
def test_booleans_are_true_false_or_undefined(op):
    """A boolean operator gives nothing but 1, 0 and NaN."""
    if op.gives != "boolean":
        assert op.gives == "number"
        return
    grid = np.array([0.0, 1.0, math.nan] if op.takes == "boolean" else [-1.0, 0.0, 2.0, math.nan, math.inf])
    columns = tuple(c.ravel().copy() for c in np.meshgrid(*[grid] * len(op.inputs)))

    out = scanned(op, columns, ())

    assert set(out[~np.isnan(out)].tolist()) <= {0.0, 1.0}


@ALL
def test_every_operator_says_what_it_computes(op):
    """The description is there, starts with a capital or a formula, and ends a sentence."""
    assert len(op.description) > 5
    assert op.description.rstrip().endswith(".")


def test_mean_agrees_with_a_two_pass_reference_on_long_offset_data():
    """Ten windows over 200,000 values around 1e6: relative error below 1e-12 everywhere."""
    x = 1e6 + np.random.default_rng(7).normal(size=200_000)
    op = operators()["mean"]
    for lookback in (1, 2, 3, 20, 250, 999):
        windows = np.lib.stride_tricks.sliding_window_view(x, lookback)
        expected = np.array([math.fsum(w) / lookback for w in windows[::997]])

        actual = scanned(op, (x,), (float(lookback),))[lookback - 1 :][::997]

        np.testing.assert_allclose(actual, expected, rtol=1e-12)


def test_a_huge_value_leaves_no_trace_in_a_mean_once_it_has_left():
    """Ones with a single 1e17 among them, and three values whose sum overflows: the mean is 1 again when they are out."""
    for huge in ([1e17], [1e308, 1e308, 1e308], [-1e16, 3.0, 1e16]):
        x = np.ones(100)
        x[30 : 30 + len(huge)] = huge

        actual = scanned(operators()["mean"], (x,), (20.0,))

        assert actual[50 + len(huge) :].tolist() == [1.0] * (50 - len(huge))


@pytest.mark.parametrize("name", ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal"])
def test_a_comparison_with_an_undefined_side_is_undefined(name):
    """Not false: its opposite must not become true."""
    a, b = np.array([math.nan, 1.0, math.nan, 1.0]), np.array([1.0, math.nan, math.nan, 2.0])

    out = scanned(operators()[name], (a, b), ())

    assert np.isnan(out).tolist() == [True, True, True, False]
    assert out[3] == {"less": 1, "less_equal": 1, "greater": 0, "greater_equal": 0, "equal": 0, "not_equal": 1}[name]


def test_lag_agrees_with_slicing():
    """lag(x, n) is the column moved down by n rows."""
    x = np.arange(10.0)
    for rows in (1, 3, 9):
        actual = scanned(operators()["lag"], (x,), (float(rows),))

        assert actual[rows:].tolist() == x[:-rows].tolist()


def test_bar_pressure_agrees_with_numbers_worked_by_hand():
    """A bar closed a quarter of its range up has odds 1:3; one that fell has none; one closed at its high has huge odds."""
    columns = tuple(
        np.array(c)
        for c in ([10.0, 10.0, 10.0, 10.0], [12.0, 11.0, 14.0, 11.0], [8.0, 9.0, 10.0, 9.0], [11.0, 9.5, 14.0, 10.0])
    )

    actual = scanned(operators()["bar_pressure"], columns, ())

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

    out = scanned(operators()[name], (a, b), ())

    assert [None if math.isnan(v) else int(v) for v in out] == expected
