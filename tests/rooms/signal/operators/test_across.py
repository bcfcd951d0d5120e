"""Sums and means over symbols and what is made from them, against exact fractions and wider arithmetic."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instants import across, assert_instants_are_apart, assert_the_order_of_symbols_is_nothing, tables, wide

from runner.signal.operators.across import count_across, mean_across, std_across, sum_across
from runner.signal.operators.demean import demean
from runner.signal.operators.scale_across import scale_across
from runner.signal.operators.zscore_across import zscore_across

ALL = (count_across, demean, mean_across, scale_across, std_across, sum_across, zscore_across)


def exactly(name, row):
    """Return what an operator's formula says of one instant, in fractions but for the root."""
    there = [Fraction(value) for value in row if math.isfinite(value)]
    count, total = len(there), sum(there)
    mean = total / count if count else None
    squares = sum((value - mean) ** 2 for value in there)
    std = math.sqrt(squares / (count - 1)) if count > 1 else math.nan
    sizes = sum(abs(value) for value in there)
    of = {
        "count_across": lambda _: count,
        "demean": lambda x: x - mean,
        "mean_across": lambda _: mean,
        "scale_across": lambda x: x / sizes if sizes else math.nan,
        "std_across": lambda _: std,
        "sum_across": lambda _: total,
        "zscore_across": lambda x: float(x - mean) / std if std else math.nan,
    }[name]
    return [float(of(Fraction(value))) if math.isfinite(value) else math.nan for value in row]


@pytest.mark.parametrize("op", ALL, ids=lambda op: op.name)
@given(drawn=tables(), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_they_are_what_their_formulas_say(op, drawn, seed):
    """The undefined are left out; no matter who stands where, to the bit; a z-score's error is that of its deviation."""
    got = across(op, drawn[0])

    for row, values in zip(drawn[0], got, strict=True):
        size = 1.0 if op in {count_across, scale_across} else max(abs(v) for v in [*row, 0.0] if math.isfinite(v))
        if op is zscore_across:
            size = size / deviation if (deviation := max(map(abs, exactly("demean", row)), default=0.0)) > 0.0 else 1.0
        np.testing.assert_allclose(values, exactly(op.name, row), rtol=1e-12, atol=1e-15 * size)
    assert_the_order_of_symbols_is_nothing(op, drawn, seed)
    assert_instants_are_apart(op, drawn)


def test_a_million_values_agree_with_wider_arithmetic():
    """Two thousand instants of five hundred symbols around 1e6, against NumPy's long double."""
    table = wide()
    exact = table.astype(np.longdouble)
    mean, std = np.nanmean(exact, axis=1, keepdims=True), np.nanstd(exact, axis=1, keepdims=True, ddof=1)

    for op, expected in {
        demean: exact - mean,
        mean_across: np.where(np.isnan(table), np.nan, mean),
        std_across: np.where(np.isnan(table), np.nan, std),
        sum_across: np.where(np.isnan(table), np.nan, np.nansum(exact, axis=1, keepdims=True)),
        zscore_across: (exact - mean) / std,
        scale_across: exact / np.nansum(np.abs(exact), axis=1, keepdims=True),
        count_across: np.where(np.isnan(table), np.nan, np.isfinite(table).sum(axis=1, keepdims=True)),
    }.items():
        np.testing.assert_allclose(across(op, table), expected.astype(np.float64), rtol=1e-12, atol=1e-12, err_msg=op.name)


@pytest.mark.parametrize("value", [0.0, -0.0, 0.1, 1e6 + 0.1, -1e17])
def test_equal_values_don_t_differ_at_all(value):
    """Their deviation and distances are exactly 0, their mean is theirs, and there is no z-score."""
    table = np.full((1, 7), value)

    assert set(across(demean, table)[0].tolist()) == {0.0}
    assert set(across(std_across, table)[0].tolist()) == {0.0}
    assert set(across(mean_across, table)[0].tolist()) == {value}
    assert np.isnan(across(zscore_across, table)).all()


def test_one_symbol_alone_has_a_mean_and_no_deviation():
    """With M − 1 below the root, one value has no deviation."""
    assert [across(op, [[3.0]])[0, 0] for op in (count_across, sum_across, mean_across, demean)] == [1.0, 3.0, 3.0, 0.0]
    assert np.isnan([across(op, [[3.0]])[0, 0] for op in (std_across, zscore_across)]).all()


def test_shares_add_up_to_one_and_keep_their_signs():
    """Weights of a portfolio; where nothing is wanted there is nothing to share out."""
    assert across(scale_across, [[2.0, -1.0, np.nan, 1.0]])[0, [0, 1, 3]].tolist() == [0.5, -0.25, 0.25]
    assert np.isnan(across(scale_across, [[0.0, -0.0]])).all()


def test_small_values_between_huge_ones_are_not_lost():
    """1 stays of 1e17 + 1 − 1e17; in doubles from left to right nothing would."""
    assert across(sum_across, [[1e17, 1.0, -1e17]]).tolist() == [[1.0, 1.0, 1.0]]


@pytest.mark.parametrize("op", [demean, scale_across, std_across, sum_across, zscore_across], ids=lambda op: op.name)
def test_what_overflows_is_undefined_and_gone_at_the_next_instant(op):
    """Neither infinite nor 0, and of the instant before nothing remains."""
    huge = [1.5e308, -1.5e308, 1.5e308, 1.6e308, 1.7e308]
    plain = [1.0, 2.0, 3.0, 4.0, 6.0]

    got = across(op, [huge, plain])

    assert np.isnan(got[0]).all()
    assert got[1].tobytes() == across(op, [plain])[0].tobytes()
