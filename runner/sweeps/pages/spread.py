"""How the lanes are spread: a histogram of the metric, and of Sharpe ratios with what luck alone would show at the top.

The threshold is a Sharpe ratio, so it stands among Sharpe ratios. Where lanes are ranked by anything else, theirs has a
histogram of its own, over the lanes that are compared.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.report.figures.figure import Figure, drawn
from runner.report.measured import counted
from runner.report.svg import Canvas, Frame, document, grid, segment, text
from runner.report.ticks import number_ticks
from runner.report.wording import ratio
from runner.sweeps.pages.columns import label_of_metric, tick_labels, value_text
from runner.sweeps.pages.judged import Judged
from runner.sweeps.pages.small import rectangle
from runner.sweeps.statistics.sharpe import sharpe_ratios

__all__ = ["Histogram", "histogram", "spread_figures"]

Values = NDArray[np.float64]

MOST_BINS = 60
UNIT = 1 << 40
"""Whole steps that the axis of a drawing is divided into."""


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How many values lie between each two edges; the last edge belongs to the last bin."""

    edges: Values
    counts: NDArray[np.int64]


def histogram(values: Values) -> Histogram:
    """Return a histogram of finite values, one or more, with as many bins as twice the cube root of their number."""
    bins = int(np.clip(np.ceil(2.0 * values.size ** (1 / 3)), 1, MOST_BINS))
    low, high = float(values.min()), float(values.max())
    air = 0.5 * max(abs(low), 1.0) if high - low <= 1e-9 * max(abs(low), abs(high)) else 0.0
    counts, edges = np.histogram(values, bins=bins, range=(low - air, high + air))
    return Histogram(edges, counts.astype(np.int64))


def spread_figures(judged: Judged) -> list[Figure]:
    """Return the histograms there are values for."""
    metric = judged.finished.sweep.metric
    luck = judged.verdict.luck if judged.verdict else None
    threshold = None if luck is None else luck.expected_maximum * judged.annual
    values = judged.ranking.metric[np.isfinite(judged.ranking.metric) & judged.ranking.is_judged]
    best = None if judged.ranking.best is None else float(judged.ranking.metric[judged.ranking.best])
    found = [_figure("spread", metric, values, best, threshold if metric == "sharpe" else None)]
    if metric != "sharpe":
        ratios = sharpe_ratios(judged.returns) * judged.annual
        of_best = float(ratios[0]) if judged.compared.size and judged.compared[0] == judged.ranking.best else None
        ratios = ratios[np.isfinite(ratios)]
        found.append(_figure("sharpes", "sharpe", ratios, of_best, threshold))
    return [figure for figure in found if figure is not None]


def _figure(key: str, metric: str, values: Values, best: float | None, threshold: float | None) -> Figure | None:
    if not values.size:
        return None
    found = histogram(values)
    low, high = float(found.edges[0]), float(found.edges[-1])
    if threshold is not None:
        low, high = min(low, threshold), max(high, threshold)
    air = 0.02 * (high - low)
    heading = f"Distribution of {label_of_metric(metric)}"
    said = [value_text(metric, float(end)) for end in (values.min(), values.max())]
    description = f"{counted(values.size, 'lane')} from {said[0]} to {said[1]}."
    if threshold is not None:
        beyond = int(np.sum(values > threshold))
        description += (
            f" The best of all trials without skill would show {ratio(threshold)}; {counted(beyond, 'lane')}"
            f" {'is' if beyond == 1 else 'are'} beyond."
        )

    def draw(canvas: Canvas) -> str:
        bottom = canvas.height - canvas.font - 14
        most = float(found.counts.max())
        frame = Frame(canvas, 2.2 * canvas.font, bottom, 0, UNIT, 0.0, 1.05 * most)
        across = _Across(frame, low - air, high + air)
        shapes = [grid(frame), *_bins(across, metric, found), segment("axis", canvas.left, bottom, canvas.right, bottom)]
        ticks = number_ticks(low, high, about=6)
        for at, name in zip(ticks, tick_labels(metric)(ticks), strict=True):
            shapes.append(text(across.at(at), bottom + 6 + canvas.font, name, "middle"))
        if threshold is not None:
            shapes.append(_mark(across, threshold, "luck alone", "baseline", row=0))
        if best is not None and np.isfinite(best):
            shapes.append(_mark(across, best, "best", "across", row=1))
        return document(canvas, key=key, title=heading, description=description, body=shapes)

    return drawn(heading, f"{description} Lanes that failed have no value.", draw)


@dataclass(frozen=True, slots=True)
class _Across:
    """Where values lie across a plot."""

    frame: Frame
    low: float
    high: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5
        return float(self.frame.canvas.left + share * (self.frame.canvas.right - self.frame.canvas.left))


def _bins(across: _Across, metric: str, found: Histogram) -> list[str]:
    frame, parts = across.frame, []
    for place, number in enumerate(found.counts.tolist()):
        left, right = (across.at(float(found.edges[edge])) for edge in (place, place + 1))
        top = frame.at(float(number))
        ends = " to ".join(value_text(metric, float(found.edges[edge])) for edge in (place, place + 1))
        told = f"{ends}: {counted(number, 'lane')}"
        if number:
            parts.append(rectangle("gain soft", (left, top, max(right - left - 0.6, 0.6), frame.bottom - top), title=told))
    return parts


def _mark(across: _Across, value: float, said: str, name: str, *, row: int) -> str:
    frame, x = across.frame, across.at(value)
    is_right = x > 0.7 * frame.canvas.width
    y = frame.top - 4 + 1.1 * frame.canvas.font * row
    label = text(x + (-5 if is_right else 5), y, said, "end" if is_right else "start", name="mark")
    return segment(name, x, frame.top - frame.canvas.font, x, frame.bottom) + label
