"""Columns of cells: what goes in comes out, of whatever type, however they are joined and picked."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runner.archive.column import Column

TEXTS = st.one_of(st.none(), st.text(max_size=20))
WHOLES = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))
NUMBERS = st.one_of(st.none(), st.floats(allow_nan=False))
CELLS = st.one_of(*(st.lists(each, max_size=8) for each in (TEXTS, WHOLES, NUMBERS)))


def same(found, expected):
    """Return whether two sequences have the same cells of the same types."""
    return [(type(cell), cell) for cell in found] == [(type(cell), cell) for cell in expected]


@given(cells=CELLS)
def test_cells_come_out_as_they_went_in(cells):
    """One by one, as a stretch and all together, each of its own type."""
    column = Column.of(cells)

    assert same(column, cells)
    assert same([column[place] for place in range(len(column))], cells)
    assert same(column[1:3], cells[1:3])
    assert column == cells


@given(kind=st.sampled_from([TEXTS, WHOLES, NUMBERS]), data=st.data())
def test_columns_are_joined_and_picked_as_lists_are(kind, data):
    """Parts that have nothing but None, or no cells at all, go with any other."""
    parts = data.draw(st.lists(st.lists(kind, max_size=5), min_size=1, max_size=4))
    whole = [cell for part in parts for cell in part]
    rows = data.draw(st.lists(st.integers(0, max(len(whole) - 1, 0)), max_size=6)) if whole else []

    joined = Column.joined([Column.of(parts[0]), *parts[1:]])

    assert same(joined, whole)
    assert same(joined.taken(np.array(rows, dtype=np.int64)), [whole[row] for row in rows])


def test_whole_numbers_beside_others_are_numbers():
    """As in any file of columns, a column has one type."""
    assert same(Column.joined([[1, None], [0.5]]), [1.0, None, 0.5])
    assert Column.nothing(2) == [None, None]
