"""How far equity is below its highest value so far."""

import numpy as np

from runner.report.columns import numbers, stamps
from runner.report.downsample import kept_points
from runner.report.figures.figure import Figure, Timeline, drawn, plot
from runner.report.figures.shading import LEGEND, Shading, shaded
from runner.report.returns import drawdowns
from runner.report.svg import Canvas, area, dates, document, grid, shade
from runner.report.ticks import number_labels
from runner.report.window import measured_window
from runner.report.wording import change
from runner.tables import Table

__all__ = ["drawdown_figure"]


def drawdown_figure(equity: Table, time: Timeline, *, capital: float, shading: Shading) -> Figure | None:
    """Return the area of the drawdown at every measured bar; None if nothing was measured or it starts from nothing."""
    window = measured_window(equity, capital=capital)
    if not window.rows.size or window.base <= 0:
        return None
    ts = stamps(equity, "ts")[window.rows]
    values = drawdowns(np.concatenate(([window.base], numbers(equity, "equity")[window.rows])))[1:]
    lowest = float(values.min())
    description = f"At its deepest, equity is {change(-lowest)} below its highest value so far."

    def draw(canvas: Canvas) -> str:
        frame = plot(canvas, time, min(1.06 * lowest, -0.001), 0.0)
        kept = kept_points(values, limit=canvas.points)
        shapes = [
            shaded(frame, shading),
            shade(frame, until=time.warm),
            grid(frame, about=4, labels=_percents),
            area(frame, ts[kept], values[kept], name="loss"),
            dates(frame),
        ]
        return document(canvas, key="drawdown", title="Drawdown over time", description=description, body=shapes)

    legend = f" {LEGEND}" if shading.bear or shading.high else ""
    caption = f"{description} It is drawn at every bar; the maximum drawdown above is taken at session closes.{legend}"
    return drawn("Drawdown", caption, draw)


def _percents(values: list[float]) -> list[str]:
    return [f"{label} %" for label in number_labels([100 * value for value in values])]
