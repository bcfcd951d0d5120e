"""Quotes, trades and books out of parquet files, written here with polars."""

from datetime import UTC, datetime

import polars as pl
import pytest

from runner.errors import DataError
from runner.market.sources.parquet import Parquet
from runner.market.streams import columns_of
from runner.spec.universe import Universe

A = Universe(symbols=("A",))
NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def source(tmp_path):
    """Write a file with these columns and give the source that reads it: `source({"price": [1.0]}, stream="trades")`."""

    def of(written, /, **parameters):
        height = len(next(iter(written.values())))
        path = tmp_path / "a.parquet"
        pl.DataFrame({"symbol": ["A"] * height, "timestamp": [NOON] * height, **written}).write_parquet(path)
        return Parquet(path=str(path), **parameters)

    return of


def told(source):
    with pytest.raises(DataError) as caught:
        source.read(A)
    return str(caught.value).split("\n", 1)[1]


def book(levels):
    """Columns of a book of one row; every value tells its column."""
    return {name: [float(at)] for at, name in enumerate(columns_of("depth", levels))}


def test_quotes_are_the_best_level(source):
    """The names of level 0 are the default, with or without deeper levels beside."""
    (raw,) = source(book(2), stream="quotes").read(A)

    assert (raw.stream, raw.levels) == ("quotes", 0)
    assert raw.frame.select(columns_of("quotes")).rows() == [(0.0, 2.0, 4.0, 6.0)]


def test_quotes_may_have_names_of_their_own(source):
    """Without a level in them, and without sizes."""
    names = {"bid_price": "bid", "ask_price": "ask", "bid_size": None, "ask_size": None}

    (raw,) = source({"bid": [1.0], "ask": [2.0]}, stream="quotes", columns=names).read(A)

    assert raw.frame.select(columns_of("quotes")).rows() == [(1.0, None, 2.0, None)]


@pytest.mark.parametrize(("declared", "read"), [(None, 3), (2, 2), (3, 3)])
def test_a_book_has_the_levels_the_file_has_or_fewer(source, declared, read):
    """Null reads every level; a number reads so many."""
    (raw,) = source(book(3), stream="depth", levels=declared).read(A)

    assert raw.levels == read
    assert raw.frame.columns[2:-2] == list(columns_of("depth", read))
    assert raw.frame["ask_size_1"].to_list() == [10.0]


def test_a_level_counts_if_all_its_columns_are_there(source):
    """A file whose last level lacks a size has one level less."""
    columns = book(3)
    del columns["ask_size_2"]

    assert source(columns, stream="depth").read(A)[0].levels == 2


def test_books_may_have_names_of_their_own(source):
    """`{level}` stands where the number does."""
    columns = {
        f"{side}[{level}].{what}": [1.0] for side in ("bids", "asks") for what in ("price", "amount") for level in (0, 1)
    }
    names = {"bid_price": "bids[{level}].price", "bid_size": "bids[{level}].amount"}
    names |= {"ask_price": "asks[{level}].price", "ask_size": "asks[{level}].amount"}

    assert source(columns, stream="depth", columns=names).read(A)[0].levels == 2


def test_more_levels_than_the_file_has_are_a_fault(source):
    """Each missing column is named under the key it was written with."""
    text = told(source(book(2), stream="depth", levels=3))

    assert [line.split(", was")[0] for line in text.splitlines()] == [
        "  data.columns.ask_price: must name a column of a.parquet",
        "  data.columns.ask_size: must name a column of a.parquet",
        "  data.columns.bid_price: must name a column of a.parquet",
        "  data.columns.bid_size: must name a column of a.parquet",
    ]
    assert "Did you mean ask_size_1?" in text
    assert "Write columns: {ask_size: null} if the files have no ask size." in text


def test_more_levels_than_any_venue_has_are_a_fault(source):
    """A slip of the keyboard isn't looked for in the file."""
    assert told(source(book(2), stream="depth", levels=99_999_999)).startswith(
        "  data.levels: must be at most 1000, was 99999999. Write how many levels the files have, or null to read them all."
    )


def test_a_file_without_a_book_is_a_fault(source):
    """The columns of the first level are asked for."""
    text = told(source({"price": [1.0]}, stream="depth"))

    assert 'data.columns.bid_price: must name a column of a.parquet, was "bid_price_0".' in text


def test_levels_need_names_that_count(source):
    """One name for every level would read one column as the whole book."""
    assert told(source(book(1), stream="depth", columns={"bid_price": "bid_price_0"})) == (
        '  data.columns.bid_price: must hold {level} where the number of the level stands, was "bid_price_0". '
        'Write e.g. bid_price: "bid_price_{level}", or stream: quotes if the files have the best level only.'
    )


def test_only_books_have_levels(source):
    """A number that would mean nothing is refused."""
    assert told(source({"price": [1.0], "size": [1.0], "side": ["buy"]}, stream="trades", levels=5)) == (
        "  data.levels: must be null for every stream but depth, was 5. Write levels: null, or stream: depth."
    )


@pytest.mark.parametrize(
    ("sides", "read"),
    [
        (["buy", "SELL", None, ""], [1.0, -1.0, None, None]),
        ([1, -1, None, 1], [1.0, -1.0, None, 1.0]),
        ([1.0, -1.0, None, float("nan")], [1.0, -1.0, None, float("nan")]),
        ([None, None, None, None], [None, None, None, None]),
    ],
)
def test_the_taker_s_side_is_a_sign(source, sides, read):
    """As words or as numbers; unknown stays unknown."""
    (raw,) = source({"price": [1.0] * 4, "size": [1.0] * 4, "side": sides}, stream="trades").read(A)

    assert str(raw.frame["side"].to_list()) == str(read)


@pytest.mark.parametrize(("side", "shown"), [("B", "B"), (0, "0"), (2.0, "2.0")])
def test_another_side_is_never_guessed(source, side, shown):
    """The value is shown, and what to write."""
    assert told(source({"price": [1.0], "size": [1.0], "side": [side]}, stream="trades")) == (
        f'  data.columns.side: must be buy or sell, or 1 or -1, was "{shown}" in a.parquet. '
        "Write the taker's side so, leave the cell empty where it isn't known, or write columns: {side: null}.\n"
        f"    row 1 of a.parquet: A 2024-01-02 12:00:00+00:00 side={shown}"
    )


def test_trades_may_lack_size_and_side(source):
    """Declared with null, they are unknown."""
    (raw,) = source({"price": [1.0]}, stream="trades", columns={"size": None, "side": None}).read(A)

    assert raw.frame.select(columns_of("trades")).rows() == [(1.0, None, None)]


def test_trades_become_a_tape(source, streams, event):
    """All the way from a file to a tape; the order within an instant is the file's."""
    raws = source({"price": [2.0, 1.0], "size": [1.0, 1.0], "side": ["buy", None]}, stream="trades").read(A)

    tape = streams(raws, timezone=event).tape

    assert tape.stream == "trades"
    assert tape.columns["price"].tolist() == [2.0, 1.0]
    assert str(tape.columns["side"].tolist()) == "[1.0, nan]"
