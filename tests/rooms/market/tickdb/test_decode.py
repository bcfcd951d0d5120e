"""Answers read: values to the last bit, and nothing that could be taken for something else."""

import json
import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.market.tickdb.decode import bars_of, book_of, trades_of
from runner.market.tickdb.json_text import NotJsonError, parsed
from runner.market.tickdb.symbols import is_same
from runner.market.tickdb.values import MalformedError, milliseconds, number
from tests.rooms.market.tickdb.service import ms

NOW = ms("2026-03-12T05:00")
ROW = {"time": NOW, "open": "545.5", "high": "546.5", "low": "541.5", "close": "543.5", "volume": "1549300"}


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**12), max_value=10**12))
def test_a_price_is_the_float_nearest_to_its_text(price):
    """No other float64 is nearer, and a JSON number of the same digits gives the same bits."""
    text = f"{price:f}"

    found = number(text, "price")

    exact = Fraction(Decimal(text))
    error = abs(Fraction(found) - exact)
    assert error <= abs(Fraction(math.nextafter(found, math.inf)) - exact)
    assert error <= abs(Fraction(math.nextafter(found, -math.inf)) - exact)
    assert number(parsed(text.encode()), "price") == found


@pytest.mark.parametrize(
    "value", ["", " 1", "1_000", "nan", "NaN", "inf", "-Infinity", "0x1", "１", "1,5", "1e999", "1.", True, [], {}]
)
def test_what_is_no_number_is_refused(value):
    """Python's own reader would take most of these."""
    with pytest.raises(MalformedError):
        number(value, "price")


def test_null_is_unknown():
    """JSON's null becomes NaN, which the quality gate judges."""
    assert math.isnan(number(None, "price"))


@pytest.mark.parametrize("value", [1_703_123_456, 1_703_123_456_789_000, -1, 0, 1.7e12, "x", None, True, 10**29])
def test_stamps_of_another_unit_are_refused(value):
    """Seconds, microseconds and numbers that count nothing."""
    with pytest.raises(MalformedError):
        milliseconds(value, "time")


def test_both_dialects_are_one():
    """Long names with text and short names with numbers are the same bar."""
    short = {"t": NOW, "o": 545.5, "h": 546.5, "l": 541.5, "c": 543.5, "v": 1_549_300}

    assert bars_of([ROW], "700.HK", "1h", "none") == bars_of({"klines": [short]}, "700.HK", "1h", "none")
    assert bars_of([ROW], "700.HK", "1h", "none")[0].values == (545.5, 546.5, 541.5, 543.5, 1_549_300.0)


@pytest.mark.parametrize(
    "data",
    [
        "text",
        {"klines": {}},
        {"rows": []},
        {"klines": [1]},
        {"klines": [{key: value for key, value in ROW.items() if key != "close"}]},
        {"klines": [{**ROW, "close": "abc"}]},
        {"klines": [{**ROW, "time": NOW // 1_000}]},
        {"klines": [{**ROW, "time": NOW + 1}]},
        {"interval": "1d", "klines": [ROW]},
        {"adjust": "forward", "klines": [ROW]},
        {"symbol": ["700.HK"], "klines": [ROW]},
    ],
    ids=str,
)
def test_bars_of_another_form_are_refused(data):
    """A part that is missing or about something else is an error, not an empty list."""
    with pytest.raises(MalformedError):
        bars_of(data, "700.HK", "1h", "none")


def test_trades_are_oldest_first_and_keep_their_order():
    """An answer that begins with the newest is turned round whole, so trades of one instant stay in their order."""
    rows = [
        {"id": "0", "price": str(price), "quantity": "1", "side": side, "timestamp": NOW + after}
        for price, side, after in [(1, "buy", 0), (2, "sell", 0), (3, "neutral", 5)]
    ]

    for answer in (rows, rows[::-1]):
        trades = trades_of({"symbol": "700.HK", "trades": answer}, "700.HK")

        assert [trade.price for trade in trades] == [1.0, 2.0, 3.0]
        assert [trade.side for trade in trades][:2] == [1.0, -1.0]
        assert math.isnan(trades[2].side)


def test_a_trade_of_an_unknown_side_is_refused():
    """A word nobody knows isn't a side."""
    with pytest.raises(MalformedError, match="side"):
        trades_of([{"price": "1", "quantity": "1", "side": "up", "timestamp": NOW}], "A")


def test_an_empty_side_of_a_book_is_no_fault():
    """Closed markets have empty books."""
    book = book_of({"symbol": "AAPL.US", "timestamp": NOW, "bids": [["1.5", "10"]], "asks": []}, "AAPL.US")

    assert book.bids == ((1.5, 10.0),)
    assert book.asks == ()


@pytest.mark.parametrize("level", [["1"], "12", [], {"price": 1}, ["a", "1"]])
def test_a_level_of_another_form_is_refused(level):
    """Two numbers make a level."""
    with pytest.raises(MalformedError):
        book_of({"timestamp": NOW, "bids": [level], "asks": []}, "A")


@pytest.mark.parametrize(
    "text",
    [
        b"1" * 5_000,
        b"1e400",
        b"-1e400",
        b"NaN",
        b"[Infinity]",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
        b"\xff\xfe",
        b"",
        b'{"data": [1, 2',
    ],
    ids=lambda text: f"{text[:12]!r} of {len(text)}",
)
def test_json_beyond_reason_is_one_error(text):
    """Nothing a service sends can bring the reader down or become infinity."""
    with pytest.raises(NotJsonError):
        parsed(text)


NAMES = st.sampled_from(
    ["klines", "time", "open", "high", "low", "close", "symbol", "interval", "timestamp", "bids", "asks"]
)


@settings(max_examples=100)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
        max_leaves=20,
    )
)
def test_any_json_is_refused_in_words(value):
    """Whatever shape `data` has, nothing is made of it or a MalformedError says why."""
    data = parsed(json.dumps(value).encode())

    for read in (lambda: bars_of(data, "A", "1m", "none"), lambda: trades_of(data, "A"), lambda: book_of(data, "A").bids):
        try:
            found = read()
        except MalformedError:
            found = []

        assert not found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("AAPL.US", "AAPL", True),
        ("aapl.us", "AAPL.US", True),
        ("00700.HK", "700.HK", True),
        ("700.HK", "00700", True),
        ("000001.SZ", "000001", True),
        ("000001.SZ", "000001.SH", False),
        ("000001.SZ", "1", False),
        ("AAPL.US", "AAPL.HK", False),
        ("AAPL.US", "AAP.US", False),
        ("BRK.B.US", "BRK.B", True),
    ],
)
def test_spellings_that_name_one_instrument(one, other, same):
    """A missing suffix is no difference, another one is."""
    assert is_same(one, other) is same
    assert is_same(other, one) is same
