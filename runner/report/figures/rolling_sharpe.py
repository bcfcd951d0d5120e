"""The Sharpe ratio of the latest sessions at every session: whether a result comes from all of the time or a part of it."""

import numpy as np

from runner.report.closes import Closes
from runner.report.downsample import kept_points
from runner.report.figures.figure import Figure, Timeline, drawn, padded, plot
from runner.report.figures.shading import Shading, shaded
from runner.report.returns import rolling_sharpe
from runner.report.svg import Canvas, baseline, dates, document, grid, line, shade
from runner.report.wording import percent, ratio

__all__ = ["WINDOW", "rolling_sharpe_figure"]

WINDOW = 126
"""Sessions of one ratio: half a year of those that are declared for most markets."""


def rolling_sharpe_figure(closes: Closes, time: Timeline, *, sessions_per_year: float, shading: Shading) -> Figure | None:
    """Return the line of the ratio with a dashed line at zero; None if there are too few sessions."""
    returns = closes.returns
    values = np.empty(0) if returns is None else rolling_sharpe(returns, window=WINDOW, sessions_per_year=sessions_per_year)
    known = np.isfinite(values)
    ts, values = closes.ts[-values.size :][known] if values.size else closes.ts[:0], values[known]
    if values.size < 2:
        return None
    positive = float(np.mean(values > 0))
    description = (
        f"Between {ratio(float(values.min()))} and {ratio(float(values.max()))}, above zero at {percent(positive)} of the"
        " sessions."
    )

    def draw(canvas: Canvas) -> str:
        frame = plot(canvas, time, *padded(min(0.0, float(values.min())), max(0.0, float(values.max()))))
        kept = kept_points(values, limit=canvas.points)
        shapes = [
            shaded(frame, shading),
            shade(frame, until=time.warm),
            grid(frame),
            baseline(frame, 0.0),
            line(frame, ts[kept], values[kept], name="series"),
            dates(frame),
        ]
        return document(canvas, key="rolling", title="Rolling Sharpe ratio", description=description, body=shapes)

    caption = f"Sharpe ratio of the {WINDOW} sessions before each close, a year. {description}"
    return drawn(f"Sharpe ratio of {WINDOW} sessions", caption, draw)
