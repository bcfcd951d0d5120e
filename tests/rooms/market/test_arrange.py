"""Rows put symbol by symbol, whichever way they came."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.market.arrange import arranged, bounds

SYMBOLS = ("B", "A", "C")


def frame_of(symbols):
    return pl.DataFrame({"symbol": symbols, "row": list(range(len(symbols)))}, schema={"symbol": pl.String, "row": pl.Int64})


def expected(symbols):
    """By the universe's order, each symbol's rows as they came: Python's sort is stable."""
    known = [(symbol, row) for row, symbol in enumerate(symbols) if symbol in SYMBOLS]
    return sorted(known, key=lambda each: SYMBOLS.index(each[0]))


@given(st.lists(st.sampled_from(["A", "B", "C", "X", None]), max_size=60))
def test_rows_lie_by_symbol_and_keep_their_order(symbols):
    """Rows mixed one by one; rows of other symbols are left out."""
    assert arranged(frame_of(symbols), SYMBOLS).rows() == expected(symbols)


@given(st.lists(st.tuples(st.sampled_from(["A", "B", "C"]), st.integers(60, 90)), max_size=12))
def test_long_stretches_are_put_together(stretches):
    """Files of one day after another, each with some symbols; also in pieces in memory."""
    symbols = [symbol for symbol, length in stretches for _ in range(length)]
    pieces = [frame_of(symbols)[at : at + 50] for at in range(0, len(symbols), 50)]
    frame = pl.concat(pieces, rechunk=False) if pieces else frame_of([])

    assert arranged(frame, SYMBOLS).rows() == expected(symbols)


def test_rows_that_lie_right_are_not_moved():
    """A frame that is arranged is handed back as it is, and so is one that is arranged again."""
    once = arranged(frame_of(["B", "B", "C"]), SYMBOLS)

    assert arranged(once, SYMBOLS).rows() == once.rows() == [("B", 0), ("B", 1), ("C", 2)]
    assert once.schema["symbol"] == pl.Enum(SYMBOLS)


def test_bounds_say_where_symbols_begin():
    """A symbol without rows has an empty range."""
    assert bounds(arranged(frame_of(["C", "B", "B"]), SYMBOLS)).tolist() == [0, 2, 2, 3]
    assert bounds(arranged(frame_of([]), SYMBOLS)).tolist() == [0, 0, 0, 0]


def test_bounds_of_rows_that_are_not_arranged_are_a_mistake_of_ours():
    """Text has no order of its own."""
    with pytest.raises(TypeError, match="not arranged"):
        bounds(frame_of(["A"]))
