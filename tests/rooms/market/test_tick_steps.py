"""Steps of price in trades, quotes and books that stay: splits are found, and what only looks like one is let pass."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from runner.errors import DataError
from runner.market.source import Raw

START = datetime(2024, 3, 4, 14, 30, tzinfo=UTC)
ROWS = 120
NIGHT = 60
"""The first row of the second day."""


def walk(ratio, *, at=NIGHT, back=None):
    """Prices that move by a cent or two, divided by a ratio from a row on, until they come back."""
    prices = 100 + np.cumsum(np.random.default_rng(7).choice([-0.02, -0.01, 0.01, 0.02], ROWS))
    prices[at:back] /= ratio
    return prices


def stamps():
    return [START + timedelta(days=int(row >= NIGHT), seconds=row) for row in range(ROWS)]


def trades(prices):
    sizes = {"price": prices, "size": [1.0] * ROWS, "side": [None] * ROWS}
    schema = {"symbol": pl.String, "timestamp": pl.Datetime("us", "UTC"), **dict.fromkeys(sizes, pl.Float64)}
    return Raw(pl.DataFrame({"symbol": ["A"] * ROWS, "timestamp": stamps(), **sizes}, schema=schema), {}, stream="trades")


def quotes(bid, ask):
    columns = {"bid_price": bid, "bid_size": [1.0] * ROWS, "ask_price": ask, "ask_size": [1.0] * ROWS}
    return Raw(pl.DataFrame({"symbol": ["A"] * ROWS, "timestamp": stamps(), **columns}), {}, stream="quotes")


@pytest.fixture
def counted(streams, event):
    """Return how many rows the check finds."""

    def run(raw):
        data = streams([raw], timezone=event, split="keep", unit="keep", stale="keep", duplicate_equal="keep")
        return data.quality[raw.stream]["checks"]["split"]["count"]

    return run


@pytest.mark.parametrize("ratio", [1.5, 2, 3, 4, 5, 7, 8, 1 / 2, 1 / 8, 2.02, 2.6, 6.3])
def test_a_step_between_two_sessions_is_found(counted, ratio):
    """By common ratios of splits and their reverses, with a small move of the night, and by any large ratio."""
    prices = walk(ratio)

    assert counted(trades(prices)) == 1
    assert counted(quotes(prices - 0.01, prices + 0.01)) == 1


@pytest.mark.parametrize(
    ("ratio", "at", "found"), [(2, 30, 0), (2.6, 30, 1), (2.3, NIGHT, 0), (1.44, NIGHT, 0), (1.2, NIGHT, 0)]
)
def test_within_a_session_or_by_an_uncommon_ratio_it_must_be_large(counted, ratio, at, found):
    """News of the night, and a price that halves while it is traded, are as large as 2.3."""
    assert counted(trades(walk(ratio, at=at))) == found


def test_prices_that_come_back_are_no_step(counted):
    """Ten rows at half of the price or a third are wrong prices, or a fall and its recovery; thirty are two steps."""
    assert counted(trades(walk(2, back=NIGHT + 10))) == 0
    assert counted(trades(walk(3, back=NIGHT + 10))) == 0
    assert counted(trades(walk(3, back=NIGHT + 30))) == 2


def test_wild_prices_step_by_chance(counted):
    """Where prices double and halve from row to row, one that stays is nothing unusual."""
    prices = np.where(np.arange(ROWS) % 2, 100.0, 60.0)
    prices[NIGHT:] /= 4

    assert counted(trades(prices)) == 0


def test_an_offer_that_is_withdrawn_is_no_step(counted):
    """The bid stays where it is, only the middle leaves."""
    prices = walk(1)
    ask = np.where(np.arange(ROWS) >= NIGHT, prices * 1.95, prices + 0.01)

    assert counted(quotes(prices - 0.01, ask)) == 0


def test_a_step_of_ten_is_another_unit_s(streams, event, counted):
    """It is found once, by the check of units."""
    raw = trades(walk(10, at=40))
    data = streams([raw], timezone=event, split="keep", unit="keep", stale="keep", duplicate_equal="keep")

    assert data.quality["trades"]["checks"]["unit"]["count"] == 40
    assert counted(raw) == 0


def test_it_is_refused_by_default_with_the_price(streams, event):
    """And the message shows the row, and says what to write."""
    with pytest.raises(DataError, match=r"quality\.split: prices must not step to another level and stay there") as caught:
        streams([trades(walk(2))], timezone=event, stale="keep")

    assert "quality.split: keep" in str(caught.value)
    assert "price" in str(caught.value)
    assert "2024-03-05" in str(caught.value)
