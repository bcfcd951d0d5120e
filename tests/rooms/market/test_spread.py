"""Quotes and books nobody means: offers far above bids, placeholders, and middles that leap."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from runner.errors import DataError
from runner.market.source import Raw

NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
GOOD = (10.0, 1.0, 10.1, 2.0)


def raw(rows, stream="quotes"):
    """One row a second: bid, its size, offer, its size; of a book the one level."""
    level = "_0" if stream == "depth" else ""
    names = [f"{name}{level}" for name in ("bid_price", "bid_size", "ask_price", "ask_size")]
    values = zip(*rows, strict=True)
    columns = {name: pl.Series(name, each, dtype=pl.Float64) for name, each in zip(names, values, strict=True)}
    stamps = [NOON + timedelta(seconds=at) for at in range(len(rows))]
    return Raw(
        pl.DataFrame({"symbol": ["A"] * len(rows), "timestamp": stamps, **columns}), {}, stream, int(stream == "depth")
    )


def counts(data, stream="quotes"):
    return {name: check["count"] for name, check in data.quality[stream]["checks"].items() if check["count"]}


@pytest.mark.parametrize("stream", ["quotes", "depth"])
@pytest.mark.parametrize(
    "row",
    [
        (0.01, 1.0, 199_999.99, 1.0),  # stubs
        (10.0, 1.0, 1010.0, 1.0),  # the offer in another unit
        (0.1, 1.0, 10.1, 1.0),  # the bid in another unit
        (10.0, 1.0, 20.1, 1.0),  # just above twice the bid
        (10.0, 999_999.0, 10.1, 1.0),
        (10.0, 1.0, 10.1, 2_147_483_647.0),
        (None, None, 199_999.99, 1.0),
        (999_999.0, 1.0, None, None),
    ],
)
def test_quotes_nobody_means_are_counted(streams, event, stream, row):
    """One-sided mistakes of units, stubs and placeholders, and they are no mistake of the market's unit."""
    found = counts(streams([raw([GOOD, row, GOOD], stream)], timezone=event), stream)

    assert found.pop("one_sided", 1) == 1
    assert found == {"spread": 1}


@pytest.mark.parametrize(
    "row",
    [
        (10.0, 1.0, 20.0, 1.0),  # twice the bid
        (10.0, 999_998.0, 10.1, 1.0),
        (99_999.98, 1.0, 99_999.99, 1.0),  # a coin at a round price, with both sides
        (10.0, None, 10.1, None),
    ],
)
def test_quotes_that_may_be_meant_are_not(streams, event, row):
    """At the bounds."""
    assert counts(streams([raw([row] * 3)], timezone=event)) == {}


def test_how_far_an_offer_may_be_is_declared(streams, event):
    """Options are quoted at 0.05 to 0.30."""
    wide = raw([(0.05, 1.0, 0.30, 1.0)] * 2)

    assert counts(streams([wide], timezone=event)) == {"spread": 2}
    assert counts(streams([wide], timezone=event, spread_times=6.5)) == {}


def test_a_wide_quote_is_refused_or_left_out_if_asked(streams, event):
    """With the row and what to write."""
    source = raw([GOOD, (0.01, 1.0, 199_999.99, 1.0), GOOD])

    assert streams([source], timezone=event, spread="drop").tape.rows == 2
    with pytest.raises(DataError) as caught:
        streams([source], timezone=event, spread="error")
    assert str(caught.value).split("\n", 1)[1] == (
        "  quality.spread: the best offer must be near the best bid, and neither a placeholder, was not so in 1 row (A 1). "
        "Repair the source, or write quality.spread: drop to leave such rows out, keep to let them pass, or a larger "
        "quality.spread_times.\n"
        "    row 2 of the source: A 2024-01-02 12:00:01+00:00 bid_price=0.01 bid_size=1.0 ask_price=199999.99 ask_size=1.0"
    )


@pytest.mark.parametrize("stream", ["quotes", "depth"])
def test_a_middle_that_leaps_away_and_comes_back_is_an_outlier(streams, event, stream):
    """By 25 usual moves, with a spread like any other."""
    rows = [(price, 1.0, price + 0.1, 1.0) for price in (100.0 + 0.05 * (at % 2) for at in range(60))]
    rows[30] = (90.0, 1.0, 90.1, 1.0)

    assert counts(streams([raw(rows, stream)], timezone=event), stream) == {"outlier": 1}


def test_both_sides_in_another_unit_are_found_behind_stubs(streams, event):
    """A stub has no middle: the quotes around it are compared with each other."""
    rows = [GOOD] * 6 + [(0.01, 1.0, 199_999.99, 1.0)] + [(300.0, 1.0, 303.0, 1.0)] * 3

    assert counts(streams([raw(rows)], timezone=event, unit="keep")) == {"unit": 3, "spread": 1}
