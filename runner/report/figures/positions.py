"""What was held, one strip per symbol over the same stretch of time."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from runner.report.columns import numbers, stamps, words
from runner.report.downsample import kept_points
from runner.report.figures.figure import Figure, Timeline, drawn, plot
from runner.report.svg import Canvas, Frame, caption, dates, document, grid, shade, steps
from runner.tables import Table

__all__ = ["positions_figure"]

Holding = tuple[NDArray[np.int64], NDArray[np.float64]]


def positions_figure(positions: Table, time: Timeline, *, symbols: tuple[str, ...], note: str) -> Figure:
    """Return the signed quantity held of each symbol; `note` says which symbols aren't drawn."""
    held = {symbol: _holding(positions, symbol, time) for symbol in symbols}
    description = "Signed quantity held: " + "; ".join(
        f"{symbol} changed {ts.size - 1} times" for symbol, (ts, _) in held.items()
    )

    def draw(canvas: Canvas) -> str:
        height = 0.0
        shapes = []
        for symbol, holding in held.items():
            frame = _strip(canvas, time, height, holding)
            shapes += _shapes(frame, time, symbol, holding)
            height = frame.bottom + 4
        shapes.append(dates(frame))
        return document(
            canvas,
            key="positions",
            title="Positions over time",
            description=f"{description}.",
            body=shapes,
            height=height + canvas.font + 8,
        )

    return drawn("Positions", f"Quantity held of each symbol; below zero is short. {note}".strip(), draw)


def _holding(positions: Table, symbol: str, time: Timeline) -> Holding:
    """Return when and to what the position changed, starting flat."""
    rows = words(positions, "symbol") == symbol
    ts = np.concatenate(([time.start], stamps(positions, "ts")[rows]))
    return ts.clip(time.start, time.end), np.concatenate(([0.0], numbers(positions, "quantity")[rows]))


def _strip(canvas: Canvas, time: Timeline, top: float, holding: Holding) -> Frame:
    low, high = min(float(holding[1].min()), 0.0), max(float(holding[1].max()), 0.0)
    frame = plot(canvas, time, low, high if high > low else low + 1.0)
    room = canvas.font + 8
    return replace(frame, top=top + room, bottom=top + room + 4.5 * canvas.font)


def _shapes(frame: Frame, time: Timeline, symbol: str, holding: Holding) -> list[str]:
    ts, values = holding
    kept = kept_points(values, limit=frame.canvas.points)
    return [
        shade(frame, until=time.warm),
        grid(frame, about=2),
        steps(frame, ts[kept], values[kept], name="series"),
        caption(frame, symbol),
    ]
