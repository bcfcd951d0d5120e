"""How much of the equity was at risk over time: gross, and net of short positions."""

import numpy as np
from numpy.typing import NDArray

from runner.report.columns import numbers, stamps
from runner.report.downsample import kept_points
from runner.report.figures.figure import Figure, Timeline, drawn, padded, plot
from runner.report.svg import Canvas, area, baseline, dates, document, grid, line, shade
from runner.report.ticks import number_labels
from runner.report.wording import percent
from runner.tables import Table

__all__ = ["exposure_figure"]


def exposure_figure(equity: Table, time: Timeline) -> Figure | None:
    """Return gross exposure as an area and net exposure as a dashed line; None if nothing was ever held."""
    worth = numbers(equity, "equity")
    known = worth > 0
    ts = stamps(equity, "ts")[known]
    gross, net = (numbers(equity, name)[known] / worth[known] for name in ("gross", "net"))
    if not ts.size or not np.any(gross > 0):
        return None
    counted = gross[np.asarray(equity["measured"], dtype=bool)[known]]
    mean = float((counted if counted.size else gross).mean())
    low, high = min(0.0, float(net.min())), max(float(gross.max()), float(net.max()))
    description = f"Gross exposure is {percent(mean)} of equity on average and {percent(high)} at most."

    def draw(canvas: Canvas) -> str:
        bottom, top = padded(low, high)
        frame = plot(canvas, time, min(low, bottom) if low < 0 else 0.0, top)
        kept, thin = (kept_points(values, limit=canvas.points) for values in (gross, net))
        shapes = [
            shade(frame, until=time.warm),
            grid(frame, about=4, labels=_percents),
            area(frame, *_held(ts[kept], gross[kept]), name="series"),
            *([line(frame, *_held(ts[thin], net[thin]), name="loss dashed")] if np.any(net != gross) else []),
            baseline(frame, 0.0),
            dates(frame),
        ]
        return document(canvas, key="exposure", title="Exposure over time", description=description, body=shapes)

    short = " The dashed line is net exposure: short positions count as negative." if np.any(net != gross) else ""
    return drawn("Exposure", f"{description} Value of all positions over equity, at every bar.{short}", draw)


def _held(ts: NDArray[np.int64], values: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the corners of a value that holds until the next one: nothing is bought little by little over a night."""
    return np.repeat(ts, 2)[1:], np.repeat(values, 2)[:-1]


def _percents(values: list[float]) -> list[str]:
    return [f"{label} %" for label in number_labels([100 * value for value in values])]
