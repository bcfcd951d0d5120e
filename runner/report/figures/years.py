"""The return of every calendar year as a bar, that of the market beside it as a mark."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from runner.report.figures.figure import Figure, drawn, padded
from runner.report.svg import Canvas, Frame, bars, document, grid, marks, names
from runner.report.ticks import number_labels

__all__ = ["years_figure"]


def years_figure(years: Sequence[dict[str, Any]]) -> Figure | None:
    """Return a bar per year whose return is defined; None if there are fewer than two, which a table tells as well."""
    known = [row for row in years if row["total_return"] is not None]
    if len(known) < 2:
        return None
    own = np.array([row["total_return"] for row in known])
    market = np.array([row["market_return"] for row in known], dtype=np.float64)
    labels = [str(row["year"]) for row in known]
    low, high = padded(min(0.0, float(own.min()), float(market.min())), max(0.0, float(own.max()), float(market.max())))
    description = f"Returns of the years {labels[0]} to {labels[-1]}, {int(np.sum(own > 0))} of {len(known)} with a profit."

    def draw(canvas: Canvas) -> str:
        bottom = canvas.height - canvas.font - 14
        frame = Frame(canvas=canvas, top=8, bottom=bottom, start=0, end=len(known), low=low, high=high)
        shapes = [grid(frame, labels=_percents), bars(frame, own), marks(frame, market), names(frame, labels)]
        return document(canvas, key="years", title="Return by calendar year", description=description, body=shapes)

    caption = f"{description} Bars are the run; the line across each is the equal-weighted index of its universe."
    return drawn("Return by calendar year", caption, draw)


def _percents(values: list[float]) -> list[str]:
    return [f"{label} %" for label in number_labels([100 * value for value in values])]
