"""Directional movement, against Wilder's rules written out plainly."""

import math

import numpy as np
import pytest
from evaluated import bars, expressed, values

from runner.signal.operators.adx import directional_index, minus_di, plus_di

NAN = math.nan


def wilders(high, low, close, lookback):
    """Return +DI, −DI and DX per bar, and ADX of those DX from `warm` on, by Wilder (1978) on averages from their first."""
    moves = []
    for t in range(1, len(close)):
        up, down = high[t] - high[t - 1], low[t - 1] - low[t]
        moves.append((
            max(high[t] - low[t], abs(high[t] - close[t - 1]), abs(low[t] - close[t - 1])),
            up if up > down and up > 0 else 0.0,
            down if down > up and down > 0 else 0.0,
        ))  # fmt: skip
    average = moves[0]
    found = []
    for move in moves:
        if found:
            average = tuple(((lookback - 1) * a + m) / lookback for a, m in zip(average, move, strict=True))
        plus, minus = 100 * average[1] / average[0], 100 * average[2] / average[0]
        found.append((plus, minus, 100 * abs(plus - minus) / (plus + minus) if plus + minus else NAN))
    return np.array([(NAN, NAN, NAN), *found]).T


@pytest.mark.parametrize("lookback", [2, 14])
def test_the_indicators_agree_with_wilders_rules(lookback):
    """Bars around 1e6, every row after the warm-up."""
    data = bars(20_000)
    expected = wilders(*(each.tolist() for each in data.values()), lookback)
    first = plus_di.body.warm_up(lookback, 1e-6)

    for op, reference in zip((plus_di, minus_di, directional_index), expected, strict=True):
        actual = values(op, *data.values(), p=(lookback, 1e-6))

        assert np.isnan(actual[:first]).all()
        np.testing.assert_allclose(actual[first:], reference[first:], rtol=1e-9)


def test_adx_averages_the_index_once_it_is_defined():
    """Wilder's smoothing of DX, with a warm-up of its own after that of DX."""
    data = bars(5_000)
    dx = wilders(*(each.tolist() for each in data.values()), 14)[2]

    actual = expressed("adx(high, low, close, 14)", **data)
    first = int(np.isnan(actual).sum())
    average = dx[188]
    for value in dx[189 : first + 1]:
        average += (value - average) / 14

    assert first == 1 + 187 + 187
    np.testing.assert_allclose(actual[first], average, rtol=1e-9)


def test_only_the_larger_movement_counts():
    """Up by 2 and down by 1 is up; down by 3 and up by 1 is down; an inside bar is neither."""
    high, low, close = [10, 12, 13, 12.5], [8, 7, 4, 5], [9, 9, 9, 9]

    plus, minus = (values(op, high, low, close, p=(1, 1)) for op in (plus_di, minus_di))

    np.testing.assert_allclose(plus[1:], [100 * 2 / 5, 0, 0])
    np.testing.assert_allclose(minus[1:], [0, 100 * 3 / 9, 0])


def test_prices_that_never_moved_have_no_direction():
    """No range at all: undefined. A range without movement: both are zero and the index is undefined."""
    flat = ([5] * 4, [5] * 4, [5] * 4)
    still = ([6] * 4, [4] * 4, [5] * 4)

    assert np.isnan(values(plus_di, *flat, p=(1, 1))).all()
    assert values(plus_di, *still, p=(1, 1))[1:].tolist() == [0, 0, 0]
    assert np.isnan(values(directional_index, *still, p=(1, 1))).all()


def test_undefined_rows_are_as_if_they_had_not_been_there():
    """NaN, infinity, and prices so far off that a movement overflows."""
    table = np.array([bars(30, offset=50.0)[name] for name in ("high", "low", "close")])
    holes = [3, 8, 9, 20]
    table[0, 3], table[1, 8], table[2, 9], table[:, 20] = NAN, math.inf, -math.inf, (1.7e308, -1.7e308, 1.0)
    kept = np.setdiff1d(np.arange(30), holes)

    for op in (plus_di, minus_di, directional_index):
        actual = values(op, *table, p=(3, 0.3))

        assert np.isnan(actual[holes]).all()
        assert actual[kept].tobytes() == values(op, *table[:, kept], p=(3, 0.3)).tobytes()
