"""Several streams from one source: each on a tape of its own, with its own clock and its own report."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from runner.errors import ConfigError, DataError
from runner.market.digest import tape_digest
from runner.market.source import Raw
from runner.market.streams import columns_of
from runner.spec.timezone import Timezone
from runner.spec.window import Window

NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
EVENT = Timezone(zone="UTC", stamp="event")


def raw(stream, rows, *, levels=0, **fields):
    """Rows of symbol, stamp and the stream's values."""
    symbols, stamps, *values = zip(*rows, strict=True)
    names = columns_of(stream, levels)
    floats = {name: pl.Series(name, column, dtype=pl.Float64) for name, column in zip(names, values, strict=True)}
    return Raw(pl.DataFrame({"symbol": symbols, "timestamp": stamps, **floats}), {}, stream, levels, **fields)


def trade(price, *, at=0, symbol="A", side=1.0):
    return (symbol, NOON + timedelta(seconds=at), price, 1.0, side)


def bar(day, *, symbol="A", price=10.0):
    return (symbol, date(2024, 1, day), price, price + 1, price - 1, price, 100.0)


def told(error, run):
    with pytest.raises(error) as caught:
        run()
    return str(caught.value).split("\n", 1)[1]


def test_each_stream_has_a_tape(streams, ns):
    """Daily bars of one symbol and trades of another, each under its own policy; the bars are the main tape."""
    data = streams(
        [raw("trades", [trade(5.0, symbol="B"), trade(5.1, at=1, symbol="B")], timezone=EVENT), raw("bars", [bar(2)])],
        symbols=("A", "B"),
    )

    assert list(data.tapes) == ["bars", "trades"]
    assert data.tape is data.tapes["bars"]
    assert data.tapes["bars"].ts.tolist() == [ns("2024-01-02 21:00")]
    trades = data.tapes["trades"]
    assert trades.stream == "trades"
    assert trades.ts.tolist() == trades.opened.tolist() == [ns("2024-01-02 12:00"), ns("2024-01-02 12:00:01")]
    assert trades.offsets.tolist() == [0, 0, 2]
    assert tuple(trades.columns) == ("price", "size", "side")
    assert list(data.quality) == ["bars", "trades"]
    assert data.quality["trades"]["rows_read"] == 2


def test_a_source_without_bars_has_a_main_tape(streams):
    """Its first stream."""
    data = streams([raw("trades", [trade(5.0)])], timezone=EVENT)

    assert data.tape is data.tapes["trades"]


def test_events_of_one_instant_keep_their_order(streams):
    """Equal stamps and equal values are no fault, though they are counted; no sort moves what the source put in order."""
    prices = [10.3, 10.1, 10.2, 10.1, 10.1]

    data = streams([raw("trades", [trade(price) for price in prices])], timezone=EVENT)

    assert data.tape.columns["price"].tolist() == prices
    counts = {name: check["count"] for name, check in data.quality["trades"]["checks"].items() if check["count"]}
    assert counts == {"duplicate_equal": 2}


def test_sorting_events_keeps_the_order_within_an_instant(streams):
    """Two seconds whose rows came the wrong way round."""
    rows = [trade(10.2, at=1), trade(10.1, at=1), trade(10.4, at=0), trade(10.3, at=0)]

    data = streams([raw("trades", rows)], timezone=EVENT, unsorted="sort")

    assert data.tape.columns["price"].tolist() == [10.4, 10.3, 10.2, 10.1]
    assert data.quality["trades"]["checks"]["unsorted"]["count"] == 1


def test_a_book_has_columns_for_every_level(streams):
    """Bid prices, bid sizes, offer prices and offer sizes, the best level first; an empty level is NaN."""
    book = raw("depth", [("A", NOON, 10.0, None, 1.0, None, 10.1, 10.2, 2.0, 3.0)], levels=2)

    tape = streams([book], timezone=EVENT).tape

    assert tuple(tape.columns) == columns_of("depth", 2)
    assert str({name: values.tolist() for name, values in tape.columns.items()}) == str(
        {
            "bid_price_0": [10.0], "bid_price_1": [float("nan")], "bid_size_0": [1.0], "bid_size_1": [float("nan")],
            "ask_price_0": [10.1], "ask_price_1": [10.2], "ask_size_0": [2.0], "ask_size_1": [3.0],
        }
    )  # fmt: skip


def test_one_stream_from_two_sources_is_one_tape(streams, daily):
    """Each with its own kind of stamps and its own policy; symbols in the universe's order."""
    instants = raw("bars", [("B", NOON, 5.0, 6.0, 4.0, 5.0, 1.0)])
    hourly = replace(instants, timezone=Timezone(zone="UTC", stamp="open", interval="1h"))

    data = streams([hourly, raw("bars", [bar(2)], notes=("told",))], symbols=("A", "B"), timezone=daily)

    assert data.tape.columns["open"].tolist() == [10.0, 5.0]
    assert (data.tape.ts - data.tape.opened).tolist() == [6.5 * 3600e9, 3600e9]
    assert data.quality["bars"]["notes"] == ["told"]


def test_prices_that_nobody_adjusted_are_those_that_were_traded(streams):
    """Beside adjusted bars of one source the bars of another have `raw_*` too."""
    adjusted = raw("bars", [bar(2)])
    extra = {f"raw_{name}": pl.lit(2.0) * pl.col(name) for name in ("open", "high", "low", "close")}
    adjusted = replace(adjusted, frame=adjusted.frame.with_columns(**extra))

    data = streams([adjusted, raw("bars", [bar(2, symbol="B", price=7.0)])], symbols=("A", "B"))

    assert data.tape.columns["raw_close"].tolist() == [20.0, 7.0]
    assert data.tape.columns["raw_high"].tolist() == [22.0, 8.0]


def test_the_deepest_book_says_how_many_levels_there_are(streams):
    """Levels a source doesn't have are empty."""
    one = raw("depth", [("A", NOON, 10.0, 1.0, 10.1, 1.0)], levels=1)
    two = raw("depth", [("B", NOON, 5.0, 4.9, 1.0, 1.0, 5.1, 5.2, 1.0, 1.0)], levels=2)

    tape = streams([one, two], symbols=("A", "B"), timezone=EVENT).tape

    assert tuple(tape.columns) == columns_of("depth", 2)
    assert str(tape.columns["bid_price_1"].tolist()) == "[nan, 4.9]"


def test_a_policy_must_fit_its_stream(streams):
    """Trades aren't daily; the fault says whose policy it is."""
    assert told(ConfigError, lambda: streams([raw("trades", [trade(5.0)])])) == (
        "  timezone.stamp: must be event for trades, was session. Write timezone.stamp: event and interval: null."
    )
    own = replace(raw("bars", [bar(2)]), timezone=EVENT, digests={"daily.parquet": "0" * 64})
    assert told(ConfigError, lambda: streams([own])).startswith(
        "  timezone.stamp of daily.parquet: must be session, open or close for bars, was event."
    )


def test_a_source_s_own_policy_is_checked(streams):
    """What a service says of itself can be wrong as well."""
    own = replace(raw("trades", [trade(5.0)]), timezone=Timezone(zone="Mars", stamp="event"), digests={"feed": "0" * 64})

    assert told(ConfigError, lambda: streams([own])).startswith(
        '  timezone.zone of feed: must be the name of a time zone, was "Mars".'
    )


def test_a_frame_without_a_level_breaks_the_contract(streams):
    """The columns that must be there follow from stream and levels."""
    book = raw("depth", [("A", NOON, 10.0, 1.0, 10.1, 1.0)], levels=1)

    assert told(DataError, lambda: streams([replace(book, levels=2)], timezone=EVENT)).startswith(
        "  data: the source must give depth with every column, was no ask_price_1. Add it to the frame."
    )


def test_a_stream_without_rows_in_the_window_is_refused(streams):
    """A strategy that reads it could never act."""
    both = [raw("bars", [bar(2), bar(3)]), raw("trades", [trade(5.0)], timezone=EVENT)]

    text = told(DataError, lambda: streams(both, window=Window(start="2024-01-03")))

    assert text == (
        "  window: must hold at least one row of the data, was 2024-01-03 to the end. "
        "The universe's rows span 2024-01-02 to 2024-01-02; write dates among them."
    )


def test_the_digest_tells_streams_apart(streams):
    """The same numbers as another stream are other data, and so is a changed price that was traded."""
    trades = streams([raw("trades", [trade(5.0)])], timezone=EVENT).tape
    plain = streams([raw("bars", [bar(2)])]).tape
    extra = raw("bars", [bar(2)])
    for factor in (1.0, 2.0):
        frame = extra.frame.with_columns(
            (pl.col("close") * factor).alias(f"raw_{name}") for name in ("open", "high", "low", "close")
        )
        extra = replace(extra, frame=frame)
        assert tape_digest(streams([extra]).tape) != tape_digest(plain)
    renamed = replace(trades, stream="quotes")

    assert tape_digest(renamed) != tape_digest(trades)
    assert tape_digest(replace(renamed, stream="trades")) == tape_digest(trades)


def test_loading_leaves_the_source_s_frame_as_it_was(streams):
    """A source may hand out the same frame twice."""
    given = raw("bars", [bar(2), bar(2, symbol="B"), bar(3)])
    before = given.frame.clone()

    first, again = (streams([given], symbols=("B", "A")) for _ in range(2))

    assert given.frame.equals(before)
    assert tape_digest(first.tape) == tape_digest(again.tape)
