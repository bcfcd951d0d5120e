"""The equity of the best lane against the cloud of all lanes, and that of always choosing by the past.

Ten thousand lines are a smear; the cloud is drawn by its quantiles at each session instead: half of all lanes lie in the
dark band, nine tenths in the light one. They are quantiles of each session by itself, so no lane need follow them.
"""

import numpy as np
from numpy.typing import NDArray

from runner.report.downsample import kept_points
from runner.report.figures.figure import Figure, Timeline, drawn, padded, plot
from runner.report.svg import Canvas, band, baseline, dates, document, grid, line, segment
from runner.report.wording import count, ratio
from runner.sweeps.pages.judged import Judged

__all__ = ["cloud_figure", "walk_figure"]

Values = NDArray[np.float64]

MOST_POINTS = 240
"""Sessions at which quantiles are drawn."""
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def cloud_figure(judged: Judged) -> Figure | None:
    """Return the best lane's equity over the quantiles of all compared; None where there is nothing to draw."""
    instants, best = judged.finished.instants, judged.ranking.best
    if best is None or judged.returns.shape[1] == 0 or instants.size < 2:
        return None
    at = _sessions(instants.size)
    levels = _levels(judged.returns, at)
    bands = np.quantile(levels, SHARES, axis=1)
    own = judged.finished.returns_of(np.array([best]))[0]
    equity = np.cumprod(1.0 + own) if np.isfinite(own).all() else np.empty(0)
    low = min(float(bands[0].min()), float(equity.min(initial=np.inf)))
    high = max(float(bands[-1].max()), float(equity.max(initial=-np.inf)))
    ended = (
        f"The best lane made 1 into {ratio(float(equity[-1]))}; " if equity.size else "The best lane's record has holes; "
    )
    description = (
        f"{ended}half of {count(judged.returns.shape[1])} lanes ended from {ratio(bands[1, -1])} to {ratio(bands[3, -1])}."
    )
    time = Timeline(int(instants[0]), int(instants[-1]), None)

    def draw(canvas: Canvas) -> str:
        frame = plot(canvas, time, *padded(min(low, 1.0), max(high, 1.0)))
        kept = kept_points(equity, limit=canvas.points)
        shapes = [
            band(frame, instants[at], bands[0], bands[4], name="cloud"),
            band(frame, instants[at], bands[1], bands[3], name="cloud"),
            grid(frame),
            baseline(frame, 1.0),
            line(frame, instants[at], bands[2], name="price"),
            line(frame, instants[kept], equity[kept], name="series bold"),
            dates(frame),
        ]
        return document(canvas, key="cloud", title="Best lane against all lanes", description=description, body=shapes)

    caption = (
        f"{description} Dark band: half of the lanes at each session; light band: nine tenths; thin line: the median. The"
        " best lane was chosen with the whole record known. Times are UTC."
    )
    return drawn("Best lane against the cloud of all lanes", caption, draw)


def walk_figure(judged: Judged) -> Figure | None:
    """Return the equity of always trading the lane that was best so far; None where nothing was walked."""
    if not judged.walks:
        return None
    instants = judged.finished.instants
    rows = judged.walks[0].rows
    best = judged.ranking.best
    own = np.empty(0) if best is None else judged.finished.returns_of(np.array([best]))[0][rows]
    hindsight = np.cumprod(1.0 + own) if own.size and np.isfinite(own).all() else np.empty(0)
    lines = [each.equity for each in judged.walks] + ([hindsight] if hindsight.size else [])
    low, high = min(float(each.min()) for each in lines), max(float(each.max()) for each in lines)
    said = "; ".join(f"{each.name} made 1 into {ratio(float(each.equity[-1]))}" for each in judged.walks)
    known = (
        f"; the best lane, chosen with these sessions known, into {ratio(float(hindsight[-1]))}" if hindsight.size else ""
    )
    description = f"Out of sample, {said}{known}."
    first = min(int(each.rows[0]) for each in judged.walks)
    time = Timeline(int(instants[first]), int(instants[-1]), None)

    def draw(canvas: Canvas) -> str:
        frame = plot(canvas, time, *padded(min(low, 1.0), max(high, 1.0)))
        shapes = [grid(frame), baseline(frame, 1.0)]
        for values, name in ((hindsight, "price"), *((each.equity, f"walk {each.name}") for each in judged.walks[::-1])):
            kept = kept_points(values, limit=canvas.points) if values.size else np.empty(0, dtype=np.intp)
            shapes.append(line(frame, instants[rows[kept]], values[kept], name=name))
        starts = frame.x(instants[judged.walks[0].rows[judged.walks[0].starts]])
        shapes += [segment("axis", x, frame.bottom - 6, x, frame.bottom) for x in starts.tolist()]
        shapes.append(dates(frame))
        return document(canvas, key="walk", title="Walk-forward equity", description=description, body=shapes)

    caption = (
        f"{description} Bold: the best Sharpe ratio of all the past (anchored); dashed: of the latest past (rolling);"
        " thin: the best lane in hindsight. A mark on the axis is where the next choice was made. Changing lanes is free"
        " here."
    )
    return drawn("Walk-forward equity", caption, draw)


def _sessions(count_: int) -> NDArray[np.intp]:
    return np.unique(np.linspace(0, count_ - 1, min(count_, MOST_POINTS)).round().astype(np.intp))


def _levels(returns: Values, at: NDArray[np.intp]) -> Values:
    """Return what 1 has become in each lane at some sessions, [at, N]."""
    levels = np.multiply.reduceat(1.0 + returns, np.concatenate(([0], at[:-1] + 1)), axis=0)
    return np.cumprod(levels, axis=0, out=levels)
