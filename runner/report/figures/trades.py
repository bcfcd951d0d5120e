"""Where one symbol was bought and sold, on its price."""

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape
from runner.report.columns import numbers, stamps, words
from runner.report.downsample import kept_points
from runner.report.figures.figure import Figure, Timeline, drawn, padded, plot
from runner.report.measured import counted
from runner.report.svg import Canvas, Frame, dates, document, grid, line, shade, triangles
from runner.tables import Table
from runner.trading.marks import marks

__all__ = ["trades_figure"]

_MANY = 150
"""From this many fills on, markers are smaller."""

PRICE_OF = {"bars": "Close", "trades": "Price", "quotes": "Middle of bid and offer", "depth": "Middle of bid and offer"}
"""Stream → what a unit of it is worth by."""

Prices = tuple[NDArray[np.int64], NDArray[np.float64]]


def trades_figure(tape: Tape, fills: Table, time: Timeline, *, symbol: str, key: str) -> Figure | None:
    """Return the closes of `symbol` with its fills at their prices; None if the tape has no price of it.

    Args:
        tape: the bars.
        fills: the fills table.
        time: the stretch to show.
        symbol: one symbol of the tape.
        key: unique on the page.
    """
    ts, closes = _closes(tape, symbol)
    if not ts.size:
        return None
    bought, sold = _fills(fills, symbol, "buy"), _fills(fills, symbol, "sell")
    everything = np.concatenate((closes, bought[1], sold[1]))
    size = 3.5 if bought[0].size + sold[0].size > _MANY else 5.0
    made = f"{counted(bought[0].size, 'buy')} and {counted(sold[0].size, 'sell')}"
    description = f"{PRICE_OF[tape.stream]} of {symbol} with {made}."

    def draw(canvas: Canvas) -> str:
        frame = plot(canvas, time, *padded(float(everything.min()), float(everything.max())))
        kept = kept_points(closes, limit=canvas.points)
        shapes = [
            shade(frame, until=time.warm),
            grid(frame),
            line(frame, ts[kept], closes[kept], name="price"),
            _markers(frame, bought, is_buy=True, size=size),
            _markers(frame, sold, is_buy=False, size=size),
            dates(frame),
        ]
        return document(canvas, key=key, title=f"Trades on the price of {symbol}", description=description, body=shapes)

    caption = f"{description} ▲ buy, its tip at the price paid; ▼ sell, its tip at the price received."
    return drawn(f"Trades: {symbol}", caption, draw)


def _closes(tape: Tape, symbol: str) -> Prices:
    """Return the stamps of a symbol and what a unit was worth then, without rows that have no price."""
    if symbol not in tape.symbols:
        return np.empty(0, dtype=np.int64), np.empty(0)
    code = tape.symbols.index(symbol)
    rows = slice(int(tape.offsets[code]), int(tape.offsets[code + 1]))
    ts, closes = tape.ts[rows], marks(tape)[rows]
    is_known = np.isfinite(closes)
    return ts[is_known], closes[is_known]


def _fills(fills: Table, symbol: str, side: str) -> Prices:
    rows = (words(fills, "symbol") == symbol) & (words(fills, "side") == side)
    return stamps(fills, "ts")[rows], numbers(fills, "price")[rows]


def _markers(frame: Frame, fills: Prices, *, is_buy: bool, size: float) -> str:
    ts, prices = fills
    return triangles(frame.x(ts), frame.y(prices), name="buy" if is_buy else "sell", is_up=is_buy, size=size)
