"""Each check against rows written here: what it refuses and in which words, what it lets pass, and what its policies do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from runner.errors import DataError
from runner.market.source import Raw
from runner.market.streams import columns_of

START = date(2024, 1, 1)
MOMENT = datetime(2024, 1, 2, 14, 30, tzinfo=UTC)


def bars(closes, *, first=START, symbol="A", opens=None, step=1):
    """Daily bars with these closes; each opens where the one before closed, unless told otherwise."""
    opens = opens or [closes[0], *closes[:-1]]
    rows = zip(opens, closes, strict=True)
    return [
        (symbol, first + timedelta(days=step * at), o, max(o, c) + 0.5, min(o, c) - 0.5, c, 100.0 + at)
        for at, (o, c) in enumerate(rows)
    ]


def quiet(count=40, *, level=100.0):
    """Closes that move by half a per cent, up and down."""
    return [level * (1.005 if at % 2 else 1.0) for at in range(count)]


def events(stream, rows, *, levels=0, symbol="A"):
    """Rows of a stream one second after another: each has the values of the stream's columns."""
    names = columns_of(stream, levels)
    columns = {
        name: pl.Series(name, values, dtype=pl.Float64) for name, values in zip(names, zip(*rows, strict=True), strict=True)
    }
    stamps = [MOMENT + timedelta(seconds=at) for at in range(len(rows))]
    return Raw(pl.DataFrame({"symbol": [symbol] * len(rows), "timestamp": stamps, **columns}), {}, stream, levels)


def told(run):
    with pytest.raises(DataError) as caught:
        run()
    return str(caught.value).split("\n", 1)[1]


def counts(data, stream="bars"):
    return {name: check["count"] for name, check in data.quality[stream]["checks"].items() if check["count"]}


def test_pence_among_pounds_are_refused(loaded):
    """The unit most rows have is the right one."""
    closes = quiet(10)
    closes[4:6] = [10_000.0, 10_050.0]

    assert told(lambda: loaded(bars(closes, opens=closes))) == (
        "  quality.unit: prices must not be ten times those around them or more, either way, was not so in 2 rows (A 2). "
        "Repair the source, or write quality.unit: drop to leave such rows out, or keep if the price did move so; "
        "pounds and pence, dollars and cents are the usual cause.\n"
        "    row 5 of the source: A 2024-01-05 open=10000.0 high=10000.5 low=9999.5 close=10000.0\n"
        "    row 6 of the source: A 2024-01-06 open=10050.0 high=10050.5 low=10049.5 close=10050.0"
    )


@pytest.mark.parametrize("factor", [100.0, 0.01, 90.0, 115.0])
@pytest.mark.parametrize("wrong", [[0], [9], [3], [3, 4, 5], [0, 1, 8, 9]])
def test_a_stretch_in_another_unit_is_left_out_wherever_it_lies(loaded, factor, wrong):
    """At the beginning, in the middle, at the end, and in several places."""
    closes = [price * factor if at in wrong else price for at, price in enumerate(quiet(10))]

    data = loaded(bars(closes, opens=closes), unit="drop", inconsistent="keep", nonpositive="keep", outlier="keep")

    assert counts(data)["unit"] == len(wrong)
    assert data.tape.rows == 10 - len(wrong)


def test_one_price_in_another_unit_is_found_in_its_bar(loaded):
    """An open in pence beside a close in pounds."""
    opens = [100.0] * 10
    opens[5] = 10_000.0

    assert counts(loaded(bars([100.0] * 10, opens=opens), unit="drop")) == {"unit": 1}


def test_each_symbol_has_a_unit_of_its_own(loaded):
    """A stock at 1 and one at 100 are no mistake, in whatever order they stand."""
    rows = [*bars([1.0, 1.1, 1.0], symbol="A"), *bars([100.0, 101.0, 100.0], symbol="B"), *bars([1.0, 1.1], symbol="C")]

    assert counts(loaded(rows, nonpositive="keep")) == {}


def test_an_unadjusted_split_is_refused(loaded):
    """The close before and the open are in the message's rows."""
    closes = [100.0, 101.0, 50.4, 50.6]

    assert told(lambda: loaded(bars(closes, opens=[100.0, 100.0, 50.5, 50.4]))) == (
        "  quality.split: prices must not step to another level between two bars, as a split makes them, "
        "was not so in 1 row (A 1). "
        "Adjust the prices for splits (data.adjust), or write quality.split: keep if the price did move so or is to be traded "
        "as it was.\n"
        "    row 3 of the source: A 2024-01-03 open=50.5 close=50.4"
    )


@pytest.mark.parametrize("shares", [2, 3, 1.5, 4, 5, 7, 8, 10, 20])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("night", [0.985, 1.0, 1.01])
def test_common_splits_are_found_with_what_else_the_night_brought(loaded, shares, reverse, night):
    """Both ways; a price that moved a little overnight hides no split. A ratio of 3:2 leaves less room than one of 2:1."""
    ratio = (shares if reverse else 1 / shares) * (1 + (night - 1) * 0.6)
    closes = [100.0, 101.0, 101.0 * ratio, 101.0 * ratio * 1.01]

    found = counts(
        loaded(
            bars(closes, opens=[100.0, 100.0, 101.0 * ratio, 101.0 * ratio]),
            split="keep",
            inconsistent="keep",
            nonpositive="keep",
        )
    )

    assert found.pop("split") == 1
    assert set(found) <= {"nonpositive"}


@pytest.mark.parametrize("after", [0.527, 0.54, 0.46, 0.9, 0.7, 1.4, 1.6, 1.9])
def test_a_crash_is_no_split(loaded, after):
    """Apple lost 47 per cent overnight on 2000-09-29, and nobody had split it."""
    closes = [100.0, 101.0, 101.0 * after, 101.0 * after]

    assert counts(loaded(bars(closes, opens=[100.0, 100.0, 101.0 * after, 101.0 * after]))) == {}


def test_a_wrong_open_is_no_split(loaded):
    """A bar that opens at twice the price and closes where the last one did has a wrong open."""
    closes = quiet(40)
    opens = [closes[0], *closes[:-1]]
    opens[20] *= 2

    assert counts(loaded(bars(closes, opens=opens), outlier="keep")) == {"outlier": 1}


def test_the_tolerance_of_a_split_is_declared(loaded):
    """A wider one finds what a narrow one lets pass."""
    rows = bars([100.0, 53.0, 53.0], opens=[100.0, 53.0, 53.0])

    assert counts(loaded(rows)) == {}
    assert counts(loaded(rows, split_tolerance=0.07, split="keep")) == {"split": 1}


def test_a_price_that_was_never_there_is_refused(loaded):
    """Away by more than 25 usual moves, and back."""
    closes = quiet(40)
    closes[20] = 120.0

    assert told(lambda: loaded(bars(closes), outlier="error")) == (
        "  quality.outlier: no price may leap away and come back at once, was not so in 1 row (A 1). "
        "Repair the source, or write quality.outlier: drop to leave such rows out, keep if the prices were traded so, "
        "or a larger quality.outlier_width.\n"
        "    row 21 of the source: A 2024-01-21 open=100.49999999999999 high=120.5 low=99.99999999999999 close=120.0"
    )


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ([120.0, 100.0], True),  # up and back
        ([80.0, 100.0], True),  # down and back
        ([120.0, 109.0], True),  # back by half
        ([120.0, 112.0], False),  # back by less than half
        ([120.0, 121.0], False),  # it stayed
        ([112.0, 100.0], False),  # not far enough
        ([120.0], False),  # the end: nobody knows whether it comes back
    ],
)
def test_an_outlier_leaves_far_and_comes_back(loaded, after, found):
    """Both conditions, and what is at their edges."""
    data = loaded(bars([*quiet(40), *after, *[after[-1]] * (3 if len(after) > 1 else 0)]), outlier="keep")

    assert counts(data) == ({"outlier": 1} if found else {})


def test_a_wild_hour_is_no_outlier(loaded):
    """Among moves of ten per cent one of thirty is nothing."""
    wild = [100.0 * (1.1 if at % 2 else 1.0) for at in range(60)]
    wild[30] = 130.0

    assert counts(loaded(bars([*quiet(200), *wild]))) == {}


def test_a_price_that_hardly_ever_moves_may_move(loaded):
    """Less than one per cent is no outlier, however still the price was before; nor is anything without twenty moves."""
    still = [100.0 + 0.0001 * (at % 2) for at in range(60)]
    still[30] = 100.9

    assert counts(loaded(bars(still), stale="keep")) == {}
    assert counts(loaded(bars([100.0, 100.1, 150.0, 100.0, 100.1]))) == {}


def test_a_night_is_no_minute(loaded, minute):
    """The first bar of a session may open far from the last one's close, and come back."""
    stamps = [MOMENT + timedelta(minutes=at) for at in range(60)]
    stamps += [MOMENT + timedelta(days=1, minutes=at) for at in range(60)]
    closes = quiet(120)
    closes[60] = 140.0
    rows = [("A", stamp, *row[2:]) for stamp, row in zip(stamps, bars(closes, opens=closes), strict=True)]

    assert counts(loaded(rows, timezone=minute)) == {}
    rows[30], rows[90] = (("A", stamps[at], 140.0, 141.0, 139.0, 140.0, 1.0) for at in (30, 90))
    assert counts(loaded(rows, timezone=minute, outlier="keep")) == {"outlier": 2}


def test_a_ticker_that_comes_back_as_another_is_refused(loaded):
    """More than sixty weekdays without a row, and another price."""
    rows = [*bars([10.0, 10.1]), *bars([20.0, 20.1], first=date(2024, 4, 1))]

    assert told(lambda: loaded(rows)).startswith(
        "  quality.reuse: no long hole may have another price level behind it, was not so in 1 row (A 1). "
        "Write universe.lives to say which stretch is the instrument, or quality.reuse: keep if all of it is.\n"
        "    row 3 of the source: A 2024-04-01 open=20.0 high=20.5 low=19.5 close=20.0"
    )


@pytest.mark.parametrize(
    ("again", "price", "found"),
    [
        (date(2024, 3, 28), 20.0, 1),  # 61 weekdays between
        (date(2024, 3, 27), 20.0, 0),  # 60
        (date(2024, 3, 28), 10.9, 0),  # the same level
    ],
)
def test_a_hole_is_suspicious_if_it_is_long_and_the_price_another(loaded, again, price, found):
    """Weekdays count, and ten per cent is another level."""
    rows = [*bars([10.0, 10.0]), *bars([price, price], first=again)]

    assert counts(loaded(rows, reuse="keep", split="keep")).get("reuse", 0) == found


def test_a_bar_that_was_still_forming_is_left_out(streams, bars, ns):
    """It is known later than the source was read; another part's bars of that instant aren't judged by it."""
    rows = bars([("A", START), ("A", START + timedelta(days=1))])
    other = bars([("B", START + timedelta(days=1))])
    read = Raw(rows, {}, as_of=ns("2024-01-02 20:59"))

    data = streams([read, Raw(other, {})], symbols=("A", "B"))

    assert counts(data) == {"forming": 1}
    assert data.tape.offsets.tolist() == [0, 1, 2]
    assert told(lambda: streams([read], forming="error")) == (
        "  quality.forming: no bar may be known later than it was read, was not so in 1 row (A 1). "
        "Write quality.forming: drop to leave out the bar that was still forming.\n"
        "    row 2 of the source: A 2024-01-02 open=10.0 high=11.0 low=9.0 close=10.5"
    )


def test_a_bar_known_when_it_was_read_is_not_forming(streams, bars, ns):
    """The instant of the close is late enough."""
    assert counts(streams([Raw(bars([("A", START)]), {}, as_of=ns("2024-01-01 21:00"))])) == {}


def test_rows_that_repeat_themselves_for_long_are_stale(loaded):
    """More than thirty without any change count; the row before them, which they repeat, does not."""
    rows = [("A", START + timedelta(days=at), 10.0, 11.0, 9.0, 10.0, 5.0) for at in range(32)]

    assert counts(loaded(rows[:31])) == {}
    assert counts(loaded(rows)) == {"stale": 31}
    assert loaded(rows, stale="drop").tape.rows == 1
    assert told(lambda: loaded(rows, stale="error")).startswith(
        "  quality.stale: rows must not repeat themselves for long, was not so in 31 rows (A 31). "
        "Repair the source, or write quality.stale: drop to leave such rows out, keep to let them pass, "
        "or a larger quality.stale_rows.\n"
        "    row 2 of the source: A 2024-01-02 open=10.0 high=11.0 low=9.0 close=10.0\n"
    )


def test_a_change_of_volume_is_a_change(loaded):
    """The price stood still, and somebody traded."""
    rows = [("A", START + timedelta(days=at), 10.0, 11.0, 9.0, 10.0, float(at)) for at in range(60)]

    assert counts(loaded(rows)) == {}


def test_a_gap_is_counted_and_can_be_refused(loaded):
    """Days on which another symbol has bars are expected."""
    rows = [row for at, row in enumerate(bars(quiet(6))) if at not in {2, 3}]
    rows += bars(quiet(6), symbol="B")

    data = loaded(rows)

    assert data.quality["bars"]["checks"]["gap"] == {
        "policy": "keep",
        "count": 2,
        "symbols": {"A": 2},
        "judged": True,
        "expected": 12,
        "stretches": 1,
        "first": [{"symbol": "A", "from": "2024-01-03T14:30:00Z", "to": "2024-01-04T21:00:00Z", "missing": 2}],
        "longest": [{"symbol": "A", "from": "2024-01-03T14:30:00Z", "to": "2024-01-04T21:00:00Z", "missing": 2}],
    }
    assert told(lambda: loaded(rows, gap="error")) == (
        "  quality.gap: every bar the calendar expects must be there, was 2 bars are missing (A 2). "
        "Repair the source, or write quality.gap: keep to count what is missing; nothing is ever filled in.\n"
        "    A 2024-01-03T14:30:00Z to 2024-01-04T21:00:00Z: 2 missing"
    )


def test_gaps_cannot_be_refused_where_nobody_knows_the_hours(loaded, minute):
    """A policy that could never find anything isn't accepted in silence."""
    rows = [("A", MOMENT), ("A", MOMENT + timedelta(minutes=1))]

    assert told(lambda: loaded(rows, timezone=minute, gap="error")) == (
        "  quality.gap: error needs to know when the market is open, was neither calendar nor session, or bars longer than a day. "
        "Write timezone.calendar, e.g. XNYS or 24-7, or timezone.session, or quality.gap: keep."
    )


QUOTES = {
    "crossed": (
        (10.1, 1.0, 10.0, 2.0),
        "  quality.crossed: the best bid must not be above the best offer, was not so in 1 row (A 1). "
        "Repair the source, or write quality.crossed: drop to leave such rows out, or keep if the market was crossed so.\n"
        "    row 2 of the source: A 2024-01-02 14:30:01+00:00 bid_price=10.1 ask_price=10.0",
    ),
    "locked": (
        (10.0, 1.0, 10.0, 2.0),
        "  quality.locked: the best bid must not be the best offer, was not so in 1 row (A 1). "
        "Repair the source, or write quality.locked: drop to leave such rows out, or keep to let them pass.\n"
        "    row 2 of the source: A 2024-01-02 14:30:01+00:00 bid_price=10.0 ask_price=10.0",
    ),
    "one_sided": (
        (10.0, 1.0, None, None),
        "  quality.one_sided: a quote must have both sides, was not so in 1 row (A 1). "
        "Repair the source, or write quality.one_sided: drop to leave such rows out, "
        "or keep to have what needs both sides undefined there.\n"
        "    row 2 of the source: A 2024-01-02 14:30:01+00:00 bid_price=10.0 bid_size=1.0 ask_price=missing ask_size=missing",
    ),
}
GOOD = (10.0, 1.0, 10.1, 2.0)


@pytest.mark.parametrize("check", QUOTES)
def test_faults_of_quotes(streams, event, check):
    """Each is refused in its words, left out or kept, and nothing else is found."""
    row, message = QUOTES[check]
    raw = events("quotes", [GOOD, row, GOOD])

    assert told(lambda: streams([raw], timezone=event, **{check: "error"})) == message
    assert streams([raw], timezone=event, **{check: "drop"}).tape.rows == 2
    kept = streams([raw], timezone=event, **{check: "keep"})
    assert kept.tape.rows == 3
    assert counts(kept, "quotes") == {check: 1}


@pytest.mark.parametrize(
    "row", [(None, None, 10.1, 2.0), (10.0, 0.0, 10.1, 2.0), (10.0, 1.0, 10.1, 0.0), (float("nan"), 1.0, 10.1, 2.0)]
)
def test_an_empty_side_has_no_price_or_no_size(streams, event, row):
    """Either side, and either way of saying so."""
    assert counts(streams([events("quotes", [GOOD, row])], timezone=event), "quotes") == {"one_sided": 1}


def test_quotes_without_sizes_have_both_sides(streams, event):
    """A source that doesn't know sizes says so with NaN, and the report counts them."""
    data = streams([events("quotes", [(10.0, None, 10.1, None)])], timezone=event)

    assert counts(data, "quotes") == {}
    assert data.quality["quotes"]["notes"] == ["bid_size is unknown (NaN) in 1 row", "ask_size is unknown (NaN) in 1 row"]


def test_stub_quotes_are_no_mistake_of_units(streams, event):
    """A bid of a cent and an offer of two hundred thousand say that nobody wants to trade."""
    raw = events("quotes", [GOOD, (0.01, 1.0, 199_999.0, 1.0), GOOD])

    assert counts(streams([raw], timezone=event), "quotes") == {"spread": 1}


BOOK = (10.0, 9.9, 1.0, 1.0, 10.1, 10.2, 1.0, 1.0)
"""Two levels: bid prices, bid sizes, offer prices, offer sizes."""


@pytest.mark.parametrize(
    "change",
    [
        {1: 10.0},  # two bids at one price
        {1: 10.05},  # a better bid behind the best
        {5: 10.1},
        {5: 10.05},
        {0: None, 2: None},  # a hole where the best bid should be
        {4: None, 6: None},
    ],
)
def test_levels_out_of_order_are_refused(streams, event, change):
    """Bids must fall and offers rise, without holes."""
    row = [change.get(at, value) for at, value in enumerate(BOOK)]
    raw = events("depth", [BOOK, row], levels=2)

    assert told(lambda: streams([raw], timezone=event)).startswith(
        "  quality.disordered: levels of a book must lie in the order of their prices, without holes, "
        "was not so in 1 row (A 1). "
        "Repair the source, or write quality.disordered: drop to leave such rows out, or keep to let them pass.\n"
        "    row 2 of the source: A 2024-01-02 14:30:01+00:00 bid_price_0="
    )
    assert streams([raw], timezone=event, disordered="drop").tape.rows == 1


def test_a_book_may_be_shallow(streams, event):
    """Levels that aren't there, from the back, are no fault."""
    shallow = (10.0, None, 1.0, None, 10.1, None, 1.0, None)

    assert counts(streams([events("depth", [BOOK, shallow], levels=2)], timezone=event), "depth") == {}


def test_books_are_judged_at_every_level(streams, event):
    """A price of zero or a negative size behind the best level is found."""
    zero = [0.0 if at == 1 else value for at, value in enumerate(BOOK)]
    negative = [-1.0 if at == 7 else value for at, value in enumerate(BOOK)]
    raw = events("depth", [BOOK, zero, negative], levels=2)

    assert counts(streams([raw], timezone=event, nonpositive="keep", inconsistent="keep"), "depth") == {
        "inconsistent": 1,
        "nonpositive": 1,
    }


def test_trades_need_a_price_and_may_lack_the_rest(streams, event):
    """Size and side may be unknown; a price that is missing is not a trade."""
    data = streams(
        [events("trades", [(10.0, 1.0, 1.0), (None, 1.0, -1.0), (10.0, None, None)])], timezone=event, missing="drop"
    )

    assert counts(data, "trades") == {"missing": 1}
    assert data.tape.rows == 2
    assert data.quality["trades"]["notes"] == ["size is unknown (NaN) in 1 row", "side is unknown (NaN) in 1 row"]


def test_trades_that_are_there_twice_are_counted(streams, event):
    """Of one instant, price, size and side, next to each other or not; a difference in any of them is another trade."""
    rows = [(10.0, 1.0, 1.0), (10.1, 1.0, 1.0), (10.0, 1.0, 1.0), (10.0, 1.0, -1.0), (10.0, 1.0, 1.0), (10.0, 1.0, None)]
    raw = events("trades", [*rows, (10.0, 1.0, 1.0)])
    stamps = [*[MOMENT] * 6, MOMENT + timedelta(seconds=1)]
    raw = Raw(raw.frame.with_columns(pl.Series("timestamp", stamps)), {}, "trades")

    assert counts(streams([raw], timezone=event), "trades") == {"duplicate_equal": 2}
    assert streams([raw], timezone=event, duplicate_equal="drop").tape.rows == 5
    assert told(lambda: streams([raw], timezone=event, duplicate_equal="error")).startswith(
        "  quality.duplicate_equal: no trade, quote or book may be there twice, was not so in 2 rows (A 2). "
        "Repair the source, or write quality.duplicate_equal: drop to keep one of the equal rows, "
        "or keep if they were as many.\n"
        "    row 3 of the source: A 2024-01-02 14:30:00+00:00 price=10.0 size=1.0 side=1.0\n"
    )


@pytest.mark.parametrize("stream", ["quotes", "depth"])
def test_quotes_and_books_that_are_there_twice_are_counted(streams, event, stream):
    """Next to each other and alike in every column; what is there again after another, or a moment later, is news."""
    one, other = (10.0, 1.0, 10.2, None), (10.0, 2.0, 10.2, None)
    raw = events(stream, [one, one, one, other, one, one], levels=1 if stream == "depth" else 0)
    stamps = [*[MOMENT] * 5, MOMENT + timedelta(seconds=1)]
    raw = replace(raw, frame=raw.frame.with_columns(pl.Series("timestamp", stamps)))

    kept = streams([raw], timezone=event)
    dropped = streams([raw], timezone=event, duplicate_equal="drop")

    assert counts(kept, stream)["duplicate_equal"] == 2
    assert (kept.tape.rows, dropped.tape.rows) == (6, 4)


@pytest.mark.parametrize(("hours", "found"), [(1, 0), (24, 39), (48, 39)])
def test_a_price_that_stands_through_a_session_is_stale(streams, event, hours, found):
    """Forty trades of growing size at one price: within an evening they are usual, through a whole day they aren't."""
    raw = events("trades", [(10.0, 1.0 + at, 1.0) for at in range(40)])
    first = MOMENT.replace(hour=23)
    stamps = [first + timedelta(hours=hours + 1) * at / 39 for at in range(40)]
    raw = Raw(raw.frame.with_columns(pl.Series("timestamp", stamps)), {}, "trades")

    assert counts(streams([raw], timezone=event), "trades").get("stale", 0) == found


def test_quotes_whose_prices_stand_through_a_session_are_stale(streams, event):
    """Sizes change, prices don't."""
    raw = events("quotes", [(10.0, 1.0 + at, 10.1, 1.0) for at in range(40)])
    stamps = [MOMENT + timedelta(hours=2 * at) for at in range(40)]
    raw = Raw(raw.frame.with_columns(pl.Series("timestamp", stamps)), {}, "quotes")

    assert counts(streams([raw], timezone=event), "quotes") == {"stale": 39}
    assert (
        counts(streams([events("quotes", [(10.0, 1.0 + at, 10.1, 1.0) for at in range(40)])], timezone=event), "quotes")
        == {}
    )


def test_trades_in_another_unit_are_found(streams, event):
    """Of any ratio from ten on."""
    raw = events("trades", [(price, 1.0, 1.0) for price in [10.0, 10.1] * 5 + [300.0, 303.0]])

    assert counts(streams([raw], timezone=event, unit="keep"), "trades") == {"unit": 2}


def test_repair_widens_high_and_low(loaded):
    """A bar holds its open and close afterwards, a negative volume is unknown, and consistent bars stay as they are."""
    good = ("A", START, 10.0, 11.0, 9.0, 10.5, 100.0)
    bad = ("A", START + timedelta(days=1), 12.0, 11.0, 9.5, 9.0, -5.0)

    data = loaded([good, bad], inconsistent="repair")

    columns = {name: values.tolist() for name, values in data.tape.columns.items()}
    assert columns["high"] == [11.0, 12.0]
    assert columns["low"] == [9.0, 9.0]
    assert str(columns["volume"]) == "[100.0, nan]"
    assert counts(data) == {"inconsistent": 1}


def test_repair_makes_negative_sizes_unknown(streams, event):
    """Of quotes, trades and books nothing else can be mended."""
    data = streams([events("trades", [(10.0, -1.0, 1.0)])], timezone=event, inconsistent="repair")

    assert str(data.tape.columns["size"].tolist()) == "[nan]"
