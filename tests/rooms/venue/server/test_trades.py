"""A bar played as trades is the bar again, to the bit."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import DataError
from runner.venue.server.exact import number_text
from runner.venue.server.score import Score
from runner.venue.server.trades import BarTrades, TapeTrades
from tests.markets import minutes, tape_of

PRICES = st.floats(min_value=1e-6, max_value=1e9)
VOLUMES = st.one_of(st.floats(min_value=1e-300, max_value=1e300), st.just(0.0), st.just(math.nan))


def rebuilt(trades):
    """Put a bar together from trades in their order, the volume summed as a listener sums it."""
    prices = [trade.price for trade in trades]
    volume = 0.0
    for trade in trades:
        volume += trade.size
    return (prices[0], max(prices), min(prices), prices[-1], volume)


def same(one, other):
    """Return whether two rows are equal to the bit, NaN equal to NaN."""
    return np.array(one).tobytes() == np.array(other).tobytes() or np.array_equal(one, other, equal_nan=True)


@given(st.lists(st.tuples(st.lists(PRICES, min_size=4, max_size=4), VOLUMES), min_size=1, max_size=5))
def test_bars_rebuilt_from_their_trades_are_the_tape_s(drawn):
    """Open, high, low, close and volume come back to the bit, whatever the bar, also through the text that travels."""
    bars = []
    for prices, volume in drawn:
        low, *inner, high = sorted(prices)
        bars.append((inner[0], high, low, inner[1], volume))
    trades = BarTrades(tape_of("bars", {"A": minutes(*bars)}))

    for place, bar in enumerate(bars):
        told = [trades.trade(number) for number in range(4 * place, 4 * place + 4)]
        read = [trade._replace(price=float(number_text(trade.price)), size=_read(trade.size)) for trade in told]
        assert same(rebuilt(read), bar)
        assert all(60_000 * place < trade.at_ms < 60_000 * (place + 1) for trade in told)


def _read(size):
    text = number_text(size)
    return math.nan if text is None else float(text)


@pytest.mark.parametrize(
    ("bar", "path"),
    [
        ((10, 15, 8, 12), (10, 8, 15, 12)),
        ((10, 11, 5, 6), (10, 11, 5, 6)),
        ((10, 12, 8, 9), (10, 12, 8, 9)),
    ],
)
def test_the_nearer_extreme_comes_first(bar, path):
    """After the open the nearer of high and low, the high where both are as near, then the other, then the close."""
    trades = BarTrades(tape_of("bars", {"A": minutes((*bar, 8))}))

    told = [trades.trade(number) for number in range(4)]

    assert tuple(trade.price for trade in told) == path
    assert [trade.size for trade in told] == [2, 2, 2, 2]
    assert [trade.at_ms for trade in told] == [1, 20_000, 39_999, 59_999]


def test_a_bar_ends_before_the_next_one_opens():
    """The end of a bar is an instant of its own, after its close and before the open of the bar that follows at once."""
    score = Score.of({"bars": tape_of("bars", {"A": minutes((1, 1, 1, 1, 4), (2, 2, 2, 2, 4))})})

    told = [
        (instant.at_ms, [score.trades.trade(number).price for _, number in instant.trades]) for instant in score.instants(0)
    ]

    assert told[3:6] == [(59_999, [1.0]), (60_000, []), (60_001, [2.0])]


def test_a_bar_with_an_unknown_price_has_no_trades():
    """What isn't known isn't traded; its neighbours are."""
    trades = BarTrades(tape_of("bars", {"A": minutes((1, 1, 1, 1, 4), (2, math.nan, 2, 2, 4), (3, 3, 3, 3, 4))}))

    assert [trades.trade(number).price for number in range(trades.at_ms.size)] == [1.0] * 4 + [3.0] * 4


def test_bars_off_the_millisecond_are_refused():
    """The dialect has milliseconds: a bar that opens within one can't be told, and that is said."""
    tape = tape_of("bars", {"A": [(0.0, 1e-8, 1, 1, 1, 1, 1)]})

    with pytest.raises(DataError, match="whole milliseconds"):
        BarTrades(tape)


@given(st.lists(st.integers(0, 5_000_000), min_size=1, max_size=30))
def test_no_row_is_told_before_it_was_known(known_ns):
    """A row is told at the first whole millisecond at or after its own instant, and instants ascend strictly."""
    rows = [(ns / 60e9, 1.0 + place, 1.0, 1.0) for place, ns in enumerate(sorted(known_ns))]
    tape = tape_of("trades", {"A": rows})
    score, trades = Score.of({"trades": tape}), TapeTrades(tape)

    instants = list(score.instants(-1))

    assert all(0 <= at * 1_000_000 - ts < 1_000_000 for at, ts in zip(trades.at_ms, tape.ts, strict=True))
    assert all(one.at_ms < other.at_ms for one, other in pairwise(instants))
    assert [number for instant in instants for _, number in instant.trades] == list(range(len(rows)))


def test_what_falls_together_is_told_together():
    """Books come before trades, symbols in their order; what lies at or before the beginning is not told."""
    depth = tape_of("depth", {"A": [(1, 9, 5, 11, 5)], "B": [(2, 9, 5, 11, 5)]}, levels=1)
    trades = tape_of("trades", {"A": [(1, 10, 1, 1), (2, 10, 1, 1)], "B": [(2, 10, 1, 1), (2, 11, 1, 1)]})
    score = Score.of({"depth": depth, "trades": trades})

    told = list(score.instants(60_000))

    assert told == [(120_000, ((1, 1),), ((0, 1), (1, 2), (1, 3)))]
