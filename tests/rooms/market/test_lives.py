"""Tickers that were renamed or used again, and symbols that aren't there from the first session to the last."""

from datetime import date, timedelta

import pytest

from runner.errors import ConfigError, DataError
from runner.market.lives import asked, tickers_of
from runner.market.source import Raw
from runner.market.symbols import absent_symbols
from runner.spec.universe import Life, Universe

JAN = date(2024, 1, 1)
QQQ = {
    "QQQ": (
        Life(end="2024-01-02"),
        Life(ticker="QQQQ", start="2024-01-03", end="2024-01-04"),
        Life(start="2024-01-05"),
    )
}


def rows(ticker, days, price):
    return [(ticker, JAN + timedelta(days=day - 1), price, price + 1, price - 1, price, 100.0) for day in days]


def told(error, run):
    with pytest.raises(error) as caught:
        run()
    return str(caught.value).split("\n", 1)[1]


def test_a_renamed_ticker_is_one_symbol(streams, bars):
    """Its lives follow each other in time, whatever the order the tickers were read in."""
    frame = bars([*rows("QQQ", [1, 2, 5, 6], 10.0), *rows("QQQQ", [3, 4], 11.0)])

    data = streams([Raw(frame, {})], symbols=("QQQ",), lives=QQQ)

    assert data.tape.symbols == ("QQQ",)
    assert data.tape.columns["open"].tolist() == [10.0, 10.0, 11.0, 11.0, 10.0, 10.0]
    assert data.quality["bars"]["notes"] == []
    assert data.quality["bars"]["checks"]["unsorted"]["count"] == 0


def test_rows_outside_of_a_life_are_another_instrument_s(streams, bars):
    """They are left out, and counted by ticker."""
    frame = bars([*rows("QQQ", [1, 2, 3, 5], 10.0), *rows("QQQQ", [1, 2, 3, 4, 5], 11.0), *rows("A", [1, 2], 5.0)])

    data = streams([Raw(frame, {})], symbols=("A", "QQQ"), lives=QQQ)

    assert data.tape.columns["open"].tolist() == [5.0, 5.0, 10.0, 10.0, 11.0, 11.0, 10.0]
    assert data.quality["bars"]["notes"] == [
        "1 row of ticker QQQ lies outside of universe.lives and was left out",
        "3 rows of ticker QQQQ lie outside of universe.lives and were left out",
    ]


def test_one_ticker_can_be_two_symbols(streams, bars):
    """A ticker used again by another company: the two are traded as what they are."""
    lives = {"OLD": (Life(ticker="USO", end="2024-01-02"),), "USO": (Life(start="2024-01-03"),)}
    frame = bars([*rows("USO", [1, 2], 10.0), *rows("USO", [3], 60.0)])

    data = streams([Raw(frame, {})], symbols=("USO", "OLD"), lives=lives)

    assert data.tape.offsets.tolist() == [0, 1, 3]
    assert data.tape.columns["open"].tolist() == [60.0, 10.0, 10.0]


def test_rows_that_go_backwards_within_a_life_are_still_unsorted(streams, bars):
    """Joining lives in time doesn't sort what a source mixed up."""
    frame = bars([*rows("QQQ", [2, 1, 5], 10.0), *rows("QQQQ", [3], 11.0)])

    assert "quality.unsorted" in told(DataError, lambda: streams([Raw(frame, {})], symbols=("QQQ",), lives=QQQ))


def test_a_source_is_asked_for_every_ticker():
    """Each once; a symbol without lives is its own ticker, one with lives only if a life says so."""
    universe = Universe(symbols=("A", "QQQ", "META"), lives={**QQQ, "META": (Life(ticker="FB"),)})

    assert tickers_of(universe) == ("A", "QQQ", "QQQQ", "FB")
    assert asked(universe) == Universe(symbols=("A", "QQQ", "QQQQ", "FB"))
    assert asked(Universe(symbols=("A",))) == Universe(symbols=("A",))


def test_a_ticker_the_data_do_not_have_is_a_fault_of_the_lives():
    """A symbol is looked for under its tickers, and the fault says where the name was written."""
    universe = Universe(symbols=("A", "META"), lives={"META": (Life(ticker="FBX"),)})

    assert [str(fault) for fault in absent_symbols(universe, ["FB", "B"])] == [
        'universe.symbols: must name symbols the data have, was "A". Known: B, FB.',
        'universe.lives: must name tickers the data have, was "FBX". Did you mean FB? Known: B, FB.',
    ]


@pytest.mark.parametrize(
    ("lives", "symbols", "message"),
    [
        (
            {"B": (Life(),)},
            ("A",),
            '  universe.lives.B: must be a symbol of the universe, was "B". Add it to universe.symbols.',
        ),
        (
            {"A": (Life(start="2024-02-30"),)},
            ("A",),
            '  universe.lives.A[0]: must name days of the calendar, was "2024-02-30". Write YYYY-MM-DD, e.g. "2005-01-31".',
        ),
        (
            {"A": (Life(start="2024-02-02", end="2024-02-01"),)},
            ("A",),
            '  universe.lives.A[0]: must start on or before its end, was "2024-02-02" to "2024-02-01". Exchange start and end.',
        ),
        (
            {"A": (Life(end="2024-02-02"), Life(ticker="X", start="2024-02-02"))},
            ("A",),
            '  universe.lives.A: stretches of one symbol must not overlap, was A from the beginning to "2024-02-02" and '
            'X from "2024-02-02" to the end. End one stretch on the day before the next one starts.',
        ),
        (
            {"B": (Life(ticker="A", start="2024-02-02"),)},
            ("A", "B"),
            "  universe.lives.B: stretches of one ticker must not overlap, was A from the beginning to the end and "
            'A from "2024-02-02" to the end. End one stretch on the day before the next one starts.',
        ),
    ],
)
def test_lives_that_contradict_themselves_are_refused(streams, lives, symbols, message):
    """Before anything is read, each in words that say what to write."""
    assert told(ConfigError, lambda: streams([], symbols=symbols, lives=lives)) == message


PARTIAL = [*rows("A", range(1, 7), 10.0), *rows("LATE", [3, 4, 5, 6], 10.0), *rows("SOON", [1, 2], 10.0)]


def test_symbols_that_start_late_or_stop_early_are_kept(streams, bars):
    """The default: they are traded while they have rows, and the report says from when to when."""
    data = streams([Raw(bars(PARTIAL), {})], symbols=("A", "LATE", "SOON"))

    assert data.tape.offsets.tolist() == [0, 6, 10, 12]
    assert data.quality["bars"]["symbols"]["LATE"]["first"] == "2024-01-03T21:00:00Z"


def test_symbols_that_start_late_or_stop_early_can_be_refused(streams, bars):
    """By policies of their own, with the days."""
    raws = [Raw(bars(PARTIAL), {})]

    assert told(DataError, lambda: streams(raws, symbols=("A", "LATE", "SOON"), late="error")) == (
        "  universe.late: every symbol must start on 2024-01-01, was LATE 2024-01-03. "
        "Write universe.late: keep to trade them while they have rows, narrow the window, or leave them out of universe.symbols."
    )
    assert told(DataError, lambda: streams(raws, symbols=("A", "LATE", "SOON"), early="error")) == (
        "  universe.early: every symbol must end on 2024-01-06, was SOON 2024-01-02. "
        "Write universe.early: keep to trade them while they have rows, narrow the window, or leave them out of universe.symbols."
    )
    assert streams(raws, symbols=("A",), late="error", early="error").tape.rows == 6
