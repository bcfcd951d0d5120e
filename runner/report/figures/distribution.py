"""How the returns of sessions are spread: usual days, and how far the worst lie from them."""

import math

import numpy as np
from numpy.typing import NDArray

from runner.report.closes import Closes
from runner.report.figures.figure import Figure, drawn
from runner.report.svg import WIDE, Canvas, Frame, below, document, grid, segment
from runner.report.ticks import number_labels, number_ticks
from runner.report.wording import change, ratio

__all__ = ["distribution_figure", "skewness"]

MOST_BARS = 41
LEAST = 20
"""Returns from which on a shape can be seen."""
TAIL = 0.05
"""Share of the sessions that are the bad ones."""
REACH = 5.0
"""Standard deviations from the mean that are drawn; what is beyond is gathered in the outermost bars."""


def skewness(returns: NDArray[np.float64]) -> float | None:
    """Return `mean((r − m)³) / std(r)³`: below zero where losses reach further than gains; None without deviation."""
    centred = returns - returns.mean()
    deviation = math.sqrt(float(np.mean(centred**2)))
    return float(np.mean(centred**3)) / deviation**3 if deviation > np.finfo(np.float64).eps else None


def distribution_figure(closes: Closes) -> Figure | None:
    """Return a histogram of the session returns; None if there are too few, or all are the same."""
    found = closes.returns
    returns = np.empty(0) if found is None else found[found != 0.0]
    if found is None or returns.size < LEAST or skewness(returns) is None:
        return None
    edges = _edges(returns)
    counts = np.histogram(np.clip(returns, edges[0], edges[-1]), bins=edges)[0].astype(np.float64)
    bad = np.sort(returns)[: max(int(TAIL * returns.size), 1)]
    description = (
        f"{returns.size:,} sessions from {change(float(returns.min()))} to {change(float(returns.max()))},"
        f" skewness {ratio(skewness(returns))}."
    )

    def draw(canvas: Canvas) -> str:
        frame = Frame(canvas, 8, canvas.height - canvas.font - 14, 0, 1, 0.0, 1.05 * float(counts.max()))
        shapes = [grid(frame), _columns(frame, edges, counts), _axis(frame, edges)]
        return document(canvas, key="distribution", title="Returns of sessions", description=description, body=shapes)

    flat = found.size - returns.size
    still = f" {flat:,} without any change aren't counted." if flat else ""
    tail = f"The worst twentieth of them has a mean of {change(float(bad.mean()))}."
    caption = f"{description}{still} {tail} Heights count sessions; the outermost bars hold everything beyond them."
    return drawn("Distribution of session returns", caption, draw)


def _edges(returns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the edges of the bars: zero is one of them, so that no bar holds gains and losses."""
    reach = min(float(np.abs(returns).max()), REACH * float(returns.std()) + abs(float(returns.mean())))
    bars = min(MOST_BARS, max(8, math.ceil(2 * math.sqrt(returns.size)))) // 2
    return np.linspace(-reach, reach, 2 * bars + 1)


def _columns(frame: Frame, edges: NDArray[np.float64], counts: NDArray[np.float64]) -> str:
    places = [_x(frame, edges, edge) for edge in edges.tolist()]
    tops = frame.y(counts).tolist()
    return "".join(
        f'<rect class="{"gain" if low >= 0 else "fall"}" x="{left + 0.5:.1f}" y="{top:.1f}"'
        f' width="{max(right - left - 1.0, 0.5):.1f}" height="{frame.bottom - top:.1f}"/>'
        for low, left, right, top in zip(edges[:-1].tolist(), places[:-1], places[1:], tops, strict=True)
    )


def _axis(frame: Frame, edges: NDArray[np.float64]) -> str:
    low, high = 100 * float(edges[0]), 100 * float(edges[-1])
    ticks = number_ticks(low, high, about=6 if frame.canvas is WIDE else 4)
    line = segment("axis", frame.canvas.left, frame.bottom, frame.canvas.right, frame.bottom)
    labels = [f"{label} %" for label in number_labels(ticks)]
    return line + below(frame, [(_x(frame, edges, at / 100), label) for at, label in zip(ticks, labels, strict=True)])


def _x(frame: Frame, edges: NDArray[np.float64], value: float) -> float:
    share = (value - float(edges[0])) / float(edges[-1] - edges[0])
    return frame.canvas.left + share * (frame.canvas.right - frame.canvas.left)
