"""Equity over time, above or below the capital the run started with."""

from runner.report.columns import numbers, stamps
from runner.report.downsample import kept_points
from runner.report.figures.figure import Figure, Timeline, drawn, padded, plot
from runner.report.figures.shading import LEGEND, Shading, shaded
from runner.report.svg import Canvas, baseline, dates, document, grid, line, shade
from runner.report.wording import amount
from runner.tables import Table

__all__ = ["equity_figure"]


def equity_figure(equity: Table, time: Timeline, *, capital: float, shading: Shading) -> Figure:
    """Return the line of equity at every bar, with a dashed line at `capital` and its market behind it."""
    ts, values = stamps(equity, "ts"), numbers(equity, "equity")
    low, high = float(values.min()), float(values.max())
    description = (
        f"Equity starts at {amount(values[0])} and ends at {amount(values[-1])}; "
        f"its lowest value is {amount(low)}, its highest {amount(high)}."
    )

    def draw(canvas: Canvas) -> str:
        frame = plot(canvas, time, *padded(min(low, capital), max(high, capital)))
        kept = kept_points(values, limit=canvas.points)
        shapes = [
            shaded(frame, shading),
            shade(frame, until=time.warm, label="warm-up"),
            grid(frame),
            baseline(frame, capital),
            line(frame, ts[kept], values[kept], name="series"),
            dates(frame),
        ]
        return document(canvas, key="equity", title="Equity over time", description=description, body=shapes)

    legend = f" {LEGEND}" if shading.bear or shading.high else ""
    caption = f"{description} The dashed line is the starting capital. Times are UTC.{legend}"
    return drawn("Equity", caption, draw)
