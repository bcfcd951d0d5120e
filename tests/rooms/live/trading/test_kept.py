"""The rows that a session was handed: all of them come back as tapes, however many there were, and few are held meanwhile."""

import tracemalloc

import numpy as np

from runner.live.trading.kept import CHUNK, KeptRows
from runner.market.streams import columns_of
from runner.signal.cells import CellNames, Cells
from runner.signal.push import PushedRow

SYMBOLS = ("A", "B")
QUOTES = columns_of("quotes")
BARS = columns_of("bars")


def handed(kept, count, at_once=64):
    """Hand quotes over in blocks, and a bar now and then; return what was handed per symbol."""
    called, rng = CellNames(QUOTES), np.random.default_rng(1)
    for start in range(0, count, at_once):
        block = rng.random((min(at_once, count - start), len(QUOTES)))
        rows = [PushedRow("quotes", (start + k) % 2, start + k, 3, Cells(called, block, k)) for k in range(len(block))]
        kept.add(rows)
        kept.add([PushedRow("bars", 1, start, 3, dict(zip(BARS, (1.0, 2.0, 0.5, 1.5, 7.0), strict=True)), start - 60)])


def test_every_row_comes_back_in_its_place(tmp_path):
    """More than are held in memory: the values, moments and order of each symbol's rows."""
    kept, count = KeptRows(SYMBOLS, {"quotes": QUOTES, "bars": BARS}, tmp_path), 2 * CHUNK + 77

    handed(kept, count)

    quotes, bars = (kept.tapes()[stream] for stream in ("quotes", "bars"))
    rng = np.random.default_rng(1)
    blocks = [rng.random((min(64, count - start), len(QUOTES))) for start in range(0, count, 64)]
    expected = np.concatenate(blocks)
    for symbol in range(2):
        rows = slice(*quotes.offsets[symbol : symbol + 2].tolist())
        assert quotes.ts[rows].tolist() == list(range(symbol, count, 2))
        for place, name in enumerate(QUOTES):
            assert quotes.columns[name][rows].tobytes() == expected[symbol::2, place].tobytes()
    assert (bars.rows, bars.offsets.tolist()) == (len(blocks), [0, 0, len(blocks)])
    assert (bars.opened == bars.ts - 60).all()
    assert bars.columns["volume"].tolist() == [7.0] * len(blocks)


def test_asking_for_them_leaves_them_there(tmp_path):
    """Twice the same, and more afterwards."""
    kept = KeptRows(SYMBOLS, {"quotes": QUOTES, "bars": BARS}, tmp_path)
    handed(kept, CHUNK + 10)

    first, again = (kept.tapes()["quotes"] for _ in range(2))
    handed(kept, 5)

    assert first.ts.tolist() == again.ts.tolist()
    assert kept.tapes()["quotes"].rows == first.rows + 5


def test_memory_doesnt_grow_with_the_session(tmp_path):
    """Two hundred times as many rows take no more of it, and the folder shows no file."""
    kept = KeptRows(SYMBOLS, {"quotes": QUOTES, "bars": BARS}, tmp_path)
    handed(kept, CHUNK)
    tracemalloc.start()
    try:
        handed(kept, 200 * CHUNK)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert held < CHUNK * 1_000
    assert list(tmp_path.iterdir()) == []


def test_all_rows_are_in_memory_once_when_they_are_asked_for(tmp_path):
    """A long session has no room for copies of them."""
    names, count = columns_of("depth", 10), 200 * CHUNK
    kept, called = KeptRows(SYMBOLS, {"depth": names}, tmp_path), CellNames(names)
    for start in range(0, count, CHUNK):
        block = np.full((CHUNK, len(names)), float(start))
        kept.add([PushedRow("depth", k % 2, start + k, 3, Cells(called, block, k)) for k in range(CHUNK)])
    tracemalloc.start()
    try:
        kept.tapes()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 1.6 * 8 * len(names) * count
