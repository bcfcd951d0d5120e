"""What is left once a group or another value has explained what it can, against pandas, fractions and NumPy."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instants import across, assert_instants_are_apart, assert_the_order_of_symbols_is_nothing, tables, wide

from runner.signal.operators.neutralise import neutralise, neutralise_to


def both(row, other):
    """Return the places at which two values are defined."""
    return [i for i, pair in enumerate(zip(row, other, strict=True)) if all(map(math.isfinite, pair))]


def residuals(row, other):
    """Follow the formula of the regression in fractions."""
    there = both(row, other)
    found = [math.nan] * len(row)
    if len(there) < 3:
        return found
    x, y = ([Fraction(values[i]) for i in there] for values in (row, other))
    dx, dy = ([value - sum(values) / len(values) for value in values] for values in (x, y))
    square = sum(d * d for d in dy)
    slope = sum(a * b for a, b in zip(dx, dy, strict=True)) / square if square else 0
    for i, a, b in zip(there, dx, dy, strict=True):
        found[i] = float(a - slope * b)
    return found


@given(drawn=tables(inputs=2), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_groups_lose_their_means(drawn, seed):
    """As pandas' grouping does it; a symbol alone has 0 left, one without x or group has nothing and counts for nothing."""
    groups = [[round(value) % 3 if math.isfinite(value) else value for value in row] for row in drawn[1]]

    got = across(neutralise, drawn[0], groups)

    for row, group, values in zip(drawn[0], groups, got, strict=True):
        there = both(row, group)
        x = pd.Series([row[i] for i in there], dtype=float)
        expected = np.full(len(row), np.nan)
        expected[there] = x - x.groupby([group[i] for i in there]).transform("mean") if there else []
        np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-9)
    assert_the_order_of_symbols_is_nothing(neutralise, [drawn[0], groups], seed)
    assert_instants_are_apart(neutralise, [drawn[0], groups])


def test_a_million_values_lose_their_groups_means():
    """Ten groups of fifty symbols around 1e6, against NumPy's long double."""
    table = wide()
    group = np.arange(500) % 10
    exact = table.astype(np.longdouble)

    got = across(neutralise, table, np.broadcast_to(group.astype(float), table.shape))

    for each in range(10):
        members = exact[:, group == each]
        expected = members - np.nanmean(members, axis=1, keepdims=True)
        np.testing.assert_allclose(got[:, group == each], expected.astype(np.float64), rtol=1e-12, atol=1e-12)


@given(drawn=tables(inputs=2), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_a_regression_leaves_its_residuals(drawn, seed):
    """As the formula says; an error is relative to the largest distance there is."""
    got = across(neutralise_to, *drawn)

    for row, other, values in zip(*drawn, got, strict=True):
        size = max([abs(row[i]) for i in both(row, other)], default=0.0)
        np.testing.assert_allclose(values, residuals(row, other), rtol=1e-9, atol=1e-9 * size)
    assert_the_order_of_symbols_is_nothing(neutralise_to, drawn, seed)
    assert_instants_are_apart(neutralise_to, drawn)


def test_long_tables_agree_with_least_squares():
    """Two thousand instants of symbols around 1e6, some of them fitted by NumPy; what is left has nothing of y."""
    x, y = wide(), wide(seed=10)
    x += 0.5 * (y - 1e6)

    got = across(neutralise_to, x, y)

    for t in range(0, 2_000, 200):
        there = np.isfinite(x[t]) & np.isfinite(y[t])
        y_there = y[t, there] - y[t, there].mean()
        design = np.column_stack([np.ones(there.sum()), y_there])
        fit, *_ = np.linalg.lstsq(design, x[t, there] - 1e6, rcond=None)
        np.testing.assert_allclose(got[t, there], x[t, there] - 1e6 - design @ fit, rtol=0, atol=1e-9)
        assert np.isnan(got[t, ~there]).all()
        assert got[t, there] @ y_there == pytest.approx(0.0, abs=1e-6)


def test_equal_values_explain_nothing_and_two_points_explain_everything():
    """A y that is the same everywhere leaves the distances from the mean; two symbols leave nothing to say."""
    assert across(neutralise_to, [[1.0, 2.0, 6.0]], [[0.1, 0.1, 0.1]]).tolist() == [[-2.0, -1.0, 3.0]]
    assert np.isnan(across(neutralise_to, [[1.0, 2.0, 6.0]], [[1.0, 2.0, np.nan]])).all()


def test_tiny_and_huge_scales_of_y_are_all_the_same():
    """Only the direction of y counts: its squares neither vanish nor overflow."""
    x, y = [[1.0, 2.0, 6.0, 4.0]], np.array([[1.0, 2.0, 3.0, 5.0]])
    plain = across(neutralise_to, x, y)

    for scale in (2.0**-600, 2.0**600):
        np.testing.assert_allclose(across(neutralise_to, x, y * scale), plain, rtol=1e-12)
