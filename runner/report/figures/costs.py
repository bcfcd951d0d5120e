"""What was paid so far: slippage, fees and financing, each added to those below it."""

import numpy as np
from numpy.typing import NDArray

from runner.report.columns import numbers, stamps
from runner.report.downsample import kept_points
from runner.report.figures.figure import Figure, Timeline, drawn, padded, plot
from runner.report.svg import Canvas, area, dates, document, grid, line, shade
from runner.report.wording import amount
from runner.tables import Tables

__all__ = ["costs_figure"]

Paid = tuple[NDArray[np.int64], NDArray[np.float64]]


def costs_figure(tables: Tables, time: Timeline) -> Figure | None:
    """Return the sum of all costs as an area, with lines below it for slippage and for slippage and fees; None without any.

    The whole run counts here, also what was paid before measuring.
    """
    ts = np.unique(np.concatenate((stamps(tables.fills, "ts"), stamps(tables.charges, "ts"), [time.start, time.end])))
    slippage = _so_far(ts, stamps(tables.fills, "ts"), numbers(tables.fills, "slippage"))
    fees = _so_far(ts, stamps(tables.fills, "ts"), numbers(tables.fills, "fee"))
    financing = _so_far(ts, stamps(tables.charges, "ts"), numbers(tables.charges, "amount"))
    total = slippage + fees + financing
    if not total.size or float(total.max()) <= 0:
        return None
    lines = {"slippage": slippage, "fees": fees, "financing": financing}
    told = ", ".join(f"{name} {amount(float(values[-1]))}" for name, values in lines.items())
    description = f"Paid in all {amount(float(total[-1]))}: {told}."

    def draw(canvas: Canvas) -> str:
        frame = plot(canvas, time, *padded(min(0.0, float(total.min())), float(total.max())))
        kept = kept_points(total, limit=canvas.points)
        shapes = [
            shade(frame, until=time.warm),
            grid(frame, about=4),
            area(frame, ts[kept], total[kept], name="loss"),
            *([line(frame, ts[kept], slippage[kept], name="price dashed")] if np.any(slippage != total) else []),
            dates(frame),
        ]
        return document(canvas, key="costs", title="Costs so far", description=description, body=shapes)

    below = " The dashed line is slippage alone." if np.any(slippage != total) else ""
    return drawn("Costs so far", f"{description} In quote currency.{below}", draw)


def _so_far(at: NDArray[np.int64], ts: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of the values up to and at each instant; the stamps of the values ascend."""
    order = np.argsort(ts, kind="stable")
    sums = np.concatenate(([0.0], np.cumsum(values[order])))
    return np.asarray(sums[np.searchsorted(ts[order], at, side="right")], dtype=np.float64)
