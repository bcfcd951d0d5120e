import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.report.trades import OPEN, round_trips

NAMES = ("symbol", "opened", "closed", "side", "quantity", "entry_price", "exit_price", "profit", "fees", "slippage")


def rows(trips):
    return list(zip(*(trips[name].tolist() for name in NAMES), strict=True))


def test_long_round_trip_earns_the_price_difference_less_fees(ledger):
    """Buy 10 at 100, sell 10 at 110, fees of 1 and 2: 97 is left, slippage is already in the prices."""
    ledger.fill(1, "AAA", "buy", 10.0, 100.0, slippage=5.0, fee=1.0)
    ledger.fill(2, "AAA", "sell", 10.0, 110.0, slippage=4.0, fee=2.0)

    trips = round_trips(ledger.tables().fills)

    assert rows(trips) == [("AAA", 1, 2, "long", 10.0, 100.0, 110.0, 97.0, 3.0, 9.0)]


def test_short_round_trip_earns_when_the_price_falls(ledger):
    """Sell 4 at 50, buy them back at 45: a profit of 20."""
    ledger.fill(1, "AAA", "sell", 4.0, 50.0)
    ledger.fill(2, "AAA", "buy", 4.0, 45.0)

    trips = round_trips(ledger.tables().fills)

    assert rows(trips) == [("AAA", 1, 2, "short", 4.0, 50.0, 45.0, 20.0, 0.0, 0.0)]


def test_flip_closes_one_trade_and_opens_the_next_sharing_costs_by_quantity(ledger):
    """Selling 15 out of a long of 10 closes it with two thirds of the fee and opens a short of 5 with the rest."""
    ledger.fill(1, "AAA", "buy", 10.0, 100.0)
    ledger.fill(2, "AAA", "sell", 15.0, 110.0, slippage=3.0, fee=6.0)
    ledger.fill(3, "AAA", "buy", 5.0, 100.0)

    trips = round_trips(ledger.tables().fills)

    assert rows(trips) == [
        ("AAA", 1, 2, "long", 10.0, 100.0, 110.0, 96.0, 4.0, 2.0),
        ("AAA", 2, 3, "short", 5.0, 110.0, 100.0, 48.0, 2.0, 1.0),
    ]


def test_scaling_in_and_out_is_one_trade_with_average_prices(ledger):
    """Entries of 10 at 100 and 30 at 120 average 115; exits of 20 at 130 and 20 at 110 average 120; 40 × 5 is earned."""
    ledger.fill(1, "AAA", "buy", 10.0, 100.0)
    ledger.fill(2, "AAA", "buy", 30.0, 120.0)
    ledger.fill(3, "AAA", "sell", 20.0, 130.0)
    ledger.fill(4, "AAA", "sell", 20.0, 110.0)

    trips = round_trips(ledger.tables().fills)

    assert rows(trips) == [("AAA", 1, 4, "long", 40.0, 115.0, 120.0, 200.0, 0.0, 0.0)]


def test_open_trade_shows_what_it_realised_at_average_cost(ledger):
    """After selling 10 of 40 held at an average of 115 for 125, 100 less the fee of 7 is realised and the trade is open."""
    ledger.fill(1, "AAA", "buy", 10.0, 100.0, fee=7.0)
    ledger.fill(2, "AAA", "buy", 30.0, 120.0)
    ledger.fill(3, "AAA", "sell", 10.0, 125.0)

    trips = round_trips(ledger.tables().fills)

    assert rows(trips) == [("AAA", 1, OPEN, "long", 40.0, 115.0, 125.0, 93.0, 7.0, 0.0)]


def test_untouched_open_trade_has_no_exit_price(ledger):
    """Nothing was closed, so the exit price is NaN and the profit is minus the fee."""
    ledger.fill(1, "AAA", "buy", 1.0, 10.0, fee=0.5)

    trips = round_trips(ledger.tables().fills)

    assert np.isnan(trips["exit_price"][0])
    assert trips["profit"].tolist() == [-0.5]


def test_symbols_are_matched_apart_in_the_order_they_opened(ledger):
    """Interleaved fills of two symbols give two trades, first opened first."""
    ledger.fill(1, "BBB", "buy", 1.0, 10.0)
    ledger.fill(2, "AAA", "buy", 1.0, 20.0)
    ledger.fill(3, "AAA", "sell", 1.0, 21.0)
    ledger.fill(4, "BBB", "sell", 1.0, 12.0)

    trips = round_trips(ledger.tables().fills)

    assert trips["symbol"].tolist() == ["BBB", "AAA"]
    assert trips["profit"].tolist() == [2.0, 1.0]


def test_sums_of_decimals_end_flat(ledger):
    """0.1 + 0.2 sold as 0.3 leaves a rounding crumb, which is not a position."""
    ledger.fill(1, "AAA", "buy", 0.1, 10.0)
    ledger.fill(2, "AAA", "buy", 0.2, 10.0)
    ledger.fill(3, "AAA", "sell", 0.3, 10.0)
    ledger.fill(4, "AAA", "buy", 0.3, 10.0)
    ledger.fill(5, "AAA", "sell", 0.1, 10.0)
    ledger.fill(6, "AAA", "sell", 0.2, 10.0)

    trips = round_trips(ledger.tables().fills)

    assert trips["closed"].tolist() == [3, 6]


def test_no_fills_give_an_empty_table_of_the_same_columns(ledger):
    """Nothing traded is a table without rows, not a missing table."""
    trips = round_trips(ledger.tables().fills)

    assert tuple(trips) == NAMES
    assert {column.size for column in trips.values()} == {0}


FILL = st.tuples(st.sampled_from(["AAA", "BBB"]), st.integers(-9, 9).filter(bool), st.integers(1, 200), st.integers(0, 3))


@given(st.lists(FILL, max_size=30))
def test_profit_over_all_trades_is_the_cash_that_came_back(drawn):
    """Once every position is closed, the trades' profits add up to all cash received less all cash and fees paid."""
    held = {"AAA": 0, "BBB": 0}
    cash = 0.0
    signed = [(symbol, quantity, price, fee) for symbol, quantity, price, fee in drawn]
    for symbol, quantity, _, _ in drawn:
        held[symbol] += quantity
    signed += [(symbol, -quantity, 50, 1) for symbol, quantity in held.items() if quantity]
    for _, quantity, price, fee in signed:
        cash -= quantity * price + fee
    fills = {
        "ts": np.arange(len(signed), dtype=np.int64),
        "symbol": np.array([fill[0] for fill in signed], dtype=np.str_),
        "side": np.array(["buy" if fill[1] > 0 else "sell" for fill in signed], dtype=np.str_),
        "quantity": np.array([abs(fill[1]) for fill in signed], dtype=np.float64),
        "price": np.array([fill[2] for fill in signed], dtype=np.float64),
        "fee": np.array([fill[3] for fill in signed], dtype=np.float64),
        "slippage": np.zeros(len(signed)),
    }

    trips = round_trips(fills)

    assert not np.any(trips["closed"] == OPEN)
    assert float(trips["profit"].sum()) == pytest.approx(cash, abs=1e-8)
