"""One figure of the report: a heading, the same drawing in two widths, and a caption."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from runner.report.columns import stamps
from runner.report.svg import NARROW, WIDE, Canvas, Frame
from runner.report.window import measured_window
from runner.tables import Table

__all__ = ["Figure", "Timeline", "drawn", "padded", "plot", "timeline"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A finished figure; `heading` and `caption` are plain text, `drawings` is SVG."""

    heading: str
    drawings: tuple[str, ...]
    caption: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The stretch of time that every figure of a run shows, so that they line up."""

    start: int
    """UTC ns of the first equity row."""
    end: int
    """UTC ns of the last equity row."""
    warm: int | None
    """UTC ns at which measuring starts; None if it starts with the first row."""


def timeline(equity: Table) -> Timeline | None:
    """Return the stretch of a run's equity table; None if it has no rows."""
    ts = stamps(equity, "ts")
    if not ts.size:
        return None
    rows = measured_window(equity, capital=0.0).rows
    first = int(rows[0]) if rows.size else ts.size - 1
    return Timeline(start=int(ts[0]), end=int(ts[-1]), warm=int(ts[first]) if first else None)


def drawn(heading: str, caption: str, draw: Callable[[Canvas], str]) -> Figure:
    """Return the figure that `draw` makes on each canvas."""
    return Figure(heading=heading, drawings=(draw(WIDE), draw(NARROW)), caption=caption)


def plot(canvas: Canvas, time: Timeline, low: float, high: float) -> Frame:
    """Return the single plot of a canvas, with room for the dates below it."""
    return Frame(
        canvas=canvas, top=8, bottom=canvas.height - canvas.font - 14, start=time.start, end=time.end, low=low, high=high
    )


def padded(low: float, high: float) -> tuple[float, float]:
    """Return a range with some air above and below; a single value gets some on both sides."""
    air = 0.06 * (high - low) or 0.01 * abs(high) or 1.0
    return float(np.float64(low - air)), float(np.float64(high + air))
