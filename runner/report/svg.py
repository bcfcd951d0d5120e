"""Axes, paths and markers of a figure as SVG text for an HTML page.

A figure is drawn twice, on `WIDE` and on `NARROW`: text inside a scaled drawing scales with it, so one drawing can't be
legible at both ends. The page's style sheet shows the one that fits and holds every colour and size; here are only shapes
and class names.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from runner.report.ticks import number_labels, number_ticks, time_ticks

__all__ = [
    "NARROW",
    "WIDE",
    "Canvas",
    "Frame",
    "area",
    "band",
    "bars",
    "baseline",
    "below",
    "caption",
    "dates",
    "document",
    "dots",
    "grid",
    "line",
    "marks",
    "names",
    "segment",
    "shade",
    "steps",
    "text",
    "triangles",
]


@dataclass(frozen=True, slots=True)
class Canvas:
    """A drawing's size in its own units, and how much detail it holds."""

    name: str
    """Class name the style sheet shows or hides."""
    width: int
    height: int
    font: int
    """Size of the labels the margins leave room for."""
    points: int
    """Points a line has at most."""

    @property
    def left(self) -> float:
        """Where plots begin, leaving room for labels of seven characters."""
        return 4.2 * self.font + 10

    @property
    def right(self) -> float:
        """Where plots end."""
        return self.width - 10.0


WIDE = Canvas(name="wide", width=960, height=280, font=13, points=1500)
NARROW = Canvas(name="narrow", width=480, height=280, font=15, points=700)


@dataclass(frozen=True, slots=True)
class Frame:
    """One plot: its rectangle on the canvas and the stretch of time and values it shows."""

    canvas: Canvas
    top: float
    bottom: float
    start: int
    """UTC ns at the left edge."""
    end: int
    """UTC ns at the right edge."""
    low: float
    high: float

    def x(self, ts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the horizontal place of each UTC nanosecond stamp."""
        span = max(self.end - self.start, 1)
        return self.canvas.left + (ts - self.start) / span * (self.canvas.right - self.canvas.left)

    def y(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the vertical place of each value; an empty range lies in the middle."""
        span = self.high - self.low
        share = (values - self.low) / span if span > 0 else np.full(values.shape, 0.5)
        return self.bottom - share * (self.bottom - self.top)

    def at(self, value: float) -> float:
        """Return the vertical place of one value."""
        return float(self.y(np.array([value]))[0])


def document(canvas: Canvas, *, key: str, title: str, description: str, body: list[str], height: float = 0) -> str:
    """Return a whole drawing; `key` must be unique on the page, `height` replaces the canvas's."""
    name = f"{key}-{canvas.name}"
    head = (
        f'<svg class="{canvas.name}" viewBox="0 0 {canvas.width} {height or canvas.height:g}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
    )
    return "\n".join([head, *body, "</svg>"])


def grid(
    frame: Frame,
    *,
    about: int = 5,
    labels: Callable[[list[float]], list[str]] = number_labels,
) -> str:
    """Return horizontal lines at round values with their labels."""
    values = number_ticks(frame.low, frame.high, about=about)
    parts = []
    for value, label in zip(values, labels(values), strict=True):
        y = frame.at(value)
        parts.append(
            f'<line class="grid" x1="{frame.canvas.left:.1f}" x2="{frame.canvas.right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        parts.append(text(frame.canvas.left - 6, y + 0.34 * frame.canvas.font, label, "end"))
    return "".join(parts)


def dates(frame: Frame) -> str:
    """Return the axis of time under a plot: marks and UTC labels; a mark whose label has no room has none."""
    canvas = frame.canvas
    at_most = int((canvas.right - canvas.left) / (6.2 * canvas.font))
    line = segment("axis", canvas.left, frame.bottom, canvas.right, frame.bottom)
    ticks = time_ticks(frame.start, frame.end, at_most=at_most)
    places = frame.x(np.array([int(tick.value) for tick in ticks])).tolist()
    return line + below(frame, [(x, tick.label) for x, tick in zip(places, ticks, strict=True)])


def below(frame: Frame, ticks: Sequence[tuple[float, str]]) -> str:
    """Return marks under a plot with their labels, from left to right; a label that has no room is left out."""
    canvas, parts, reached = frame.canvas, [], 0.0
    for x, label in ticks:
        parts.append(segment("axis", x, frame.bottom, x, frame.bottom + 4))
        width = 0.62 * canvas.font * len(label)
        left = min(max(x - width / 2, 0.0), canvas.width - width)
        if left >= reached:
            parts.append(text(left + width / 2, frame.bottom + 6 + canvas.font, label, "middle"))
            reached = left + width + 0.6 * canvas.font
    return "".join(parts)


def bars(frame: Frame, values: NDArray[np.float64]) -> str:
    """Return an upright bar from zero to each value, side by side; those below zero look like losses."""
    middle, half, zero = *_slots(frame, values.size), frame.at(0.0)
    return "".join(
        f'<rect class="{"gain" if value >= 0 else "fall"}" x="{x - half:.1f}" y="{min(y, zero):.1f}"'
        f' width="{2 * half:.1f}" height="{abs(zero - y):.1f}"/>'
        for x, y, value in zip(middle.tolist(), frame.y(values).tolist(), values.tolist(), strict=True)
    ) + segment("axis", frame.canvas.left, zero, frame.canvas.right, zero)


def marks(frame: Frame, values: NDArray[np.float64]) -> str:
    """Return a line across the place of each bar."""
    middle, half = _slots(frame, values.size)
    places = zip(middle.tolist(), frame.y(values).tolist(), strict=True)
    return "".join(segment("across", x - 1.25 * half, y, x + 1.25 * half, y) for x, y in places)


def names(frame: Frame, labels: list[str]) -> str:
    """Return the names of the bars under a plot; one that has no room is left out."""
    middle, reached, parts = _slots(frame, len(labels))[0], 0.0, []
    for x, label in zip(middle.tolist(), labels, strict=True):
        width = 0.62 * frame.canvas.font * len(label)
        if x - width / 2 >= reached:
            parts.append(text(x, frame.bottom + 6 + frame.canvas.font, label, "middle"))
            reached = x + width / 2 + 0.4 * frame.canvas.font
    return "".join(parts)


def _slots(frame: Frame, count: int) -> tuple[NDArray[np.float64], float]:
    """Return the middle of each of so many places side by side, and half the width of a bar in one."""
    step = (frame.canvas.right - frame.canvas.left) / count
    middle = frame.canvas.left + step * (np.arange(count, dtype=np.float64) + 0.5)
    return np.asarray(middle, dtype=np.float64), min(0.36 * step, 28.0)


def shade(frame: Frame, *, until: int | None, label: str = "") -> str:
    """Return the warm-up stretch, from the left edge to `until`; nothing if it is None."""
    if until is None:
        return ""
    x = float(frame.x(np.array([until]))[0])
    left, height = frame.canvas.left, frame.bottom - frame.top
    rectangle = f'<rect class="warmup" x="{left:.1f}" y="{frame.top:.1f}" width="{x - left:.1f}" height="{height:.1f}"/>'
    edge = segment("warmup-edge", x, frame.top, x, frame.bottom)
    return rectangle + edge + (text(left + 5, frame.top + frame.canvas.font, label, "start", name="mark") if label else "")


def baseline(frame: Frame, value: float) -> str:
    """Return a dashed horizontal line."""
    y = frame.at(value)
    return segment("baseline", frame.canvas.left, y, frame.canvas.right, y)


def line(frame: Frame, ts: NDArray[np.int64], values: NDArray[np.float64], *, name: str) -> str:
    """Return a line through the points."""
    return f'<path class="{name}" d="M{_points(frame.x(ts), frame.y(values))}"/>' if ts.size else ""


def dots(frame: Frame, ts: NDArray[np.int64], values: NDArray[np.float64], *, name: str) -> str:
    """Return a dot on each point: a ring without a hole, as colours are those of lines."""
    places = zip(frame.x(ts).tolist(), frame.y(values).tolist(), strict=True)
    return "".join(
        f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="0.9" fill="none" stroke-width="1.8"/>' for x, y in places
    )


def area(frame: Frame, ts: NDArray[np.int64], values: NDArray[np.float64], *, name: str) -> str:
    """Return the area between the points and zero, with the line on its edge."""
    if not ts.size:
        return ""
    x, zero = frame.x(ts), frame.at(0.0)
    outline = f"M{x[0]:.1f},{zero:.1f} {_points(x, frame.y(values))} {x[-1]:.1f},{zero:.1f}Z"
    return f'<path class="{name}-area" d="{outline}"/>' + line(frame, ts, values, name=name)


def band(frame: Frame, ts: NDArray[np.int64], low: NDArray[np.float64], high: NDArray[np.float64], *, name: str) -> str:
    """Return the area between two lines over the same points."""
    if not ts.size:
        return ""
    x = frame.x(ts)
    return f'<path class="{name}" d="M{_points(x, frame.y(high))} {_points(x[::-1], frame.y(low)[::-1])}Z"/>'


def steps(frame: Frame, ts: NDArray[np.int64], values: NDArray[np.float64], *, name: str) -> str:
    """Return the area under a value that holds until the next one, the last to the right edge, with the line on its edge."""
    x, y, zero = frame.x(ts), frame.y(values), frame.at(0.0)
    moves = "".join(f"H{across:.1f}V{up:.1f}" for across, up in zip(x[1:], y[1:], strict=True))
    edge = f"{moves}H{frame.canvas.right:.1f}"
    outline = f"M{x[0]:.1f},{zero:.1f}V{y[0]:.1f}{edge}V{zero:.1f}Z"
    return f'<path class="{name}-area" d="{outline}"/><path class="{name}" d="M{x[0]:.1f},{y[0]:.1f}{edge}"/>'


def triangles(x: NDArray[np.float64], y: NDArray[np.float64], *, name: str, is_up: bool, size: float) -> str:
    """Return markers whose tips touch the points: below them pointing up, or above them pointing down."""
    places = dict.fromkeys(zip(np.round(x, 1).tolist(), np.round(y, 1).tolist(), strict=True))
    rise = 1.7 * size if is_up else -1.7 * size
    shapes = "".join(f"M{left:.1f},{top:.1f}l{size:.1f},{rise:.1f}h{-2 * size:.1f}z" for left, top in places)
    return f'<path class="{name}" d="{shapes}"/>' if shapes else ""


def caption(frame: Frame, label: str) -> str:
    """Return a plot's name above its upper left corner."""
    return text(frame.canvas.left, frame.top - 4, label, "start", name="name")


def segment(name: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """Return a straight line of a class."""
    return f'<line class="{name}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def text(x: float, y: float, label: str, anchor: str, *, name: str = "") -> str:
    """Return a label, escaped; `anchor` is the end of it that lies at the place: `start`, `middle` or `end`."""
    kind = f' class="{name}"' if name else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(label)}</text>'


def _points(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    return " ".join(f"{across:.1f},{up:.1f}" for across, up in zip(x.tolist(), y.tolist(), strict=True))
