"""What is left of the result as costs grow, one line per fill clock: where a line crosses zero the profit is used up."""

from typing import Any

import numpy as np

from runner.report.figures.figure import Figure, drawn, padded
from runner.report.sensitivity import Sensitivity
from runner.report.svg import Canvas, Frame, baseline, below, document, grid, segment
from runner.report.ticks import number_labels
from runner.report.wording import change

__all__ = ["cost_lines_figure"]


def cost_lines_figure(found: Sensitivity) -> Figure | None:
    """Return the total return by multiple of the costs; None if fewer than two multiples have one."""
    own = _points(found["fills"][0])
    lines = [(each, _points(each)) for each in found["fills"]]
    values = [value for _, points in lines for _, value in points]
    if len(own) < 2:
        return None
    most = max(scale for _, points in lines for scale, _ in points)
    told = ", ".join(f"{change(value)} at {scale:g}×" for scale, value in own)
    description = f"Total return of this run's fill clock by multiple of the costs: {told}."

    def draw(canvas: Canvas) -> str:
        low, high = padded(min(0.0, *values), max(0.0, *values))
        frame = Frame(canvas, 8, canvas.height - canvas.font - 14, 0, 1000, low, high)
        shapes = [grid(frame, labels=_percents), baseline(frame, 0.0)]
        shapes += [_line(frame, points, most, is_own=each["is_own"]) for each, points in reversed(lines)]
        shapes.append(_axis(frame, [scale for scale, _ in own], most))
        return document(canvas, key="cost-lines", title="Total return by costs", description=description, body=shapes)

    others = " Thin lines are the other fill clocks of the table above." if len(lines) > 1 else ""
    return drawn("Result by costs", f"{description}{others}", draw)


def _points(each: dict[str, Any]) -> list[tuple[float, float]]:
    return [(row["cost_scale"], row["total_return"]) for row in each["costs"] if row["total_return"] is not None]


def _line(frame: Frame, points: list[tuple[float, float]], most: float, *, is_own: bool) -> str:
    places = [(_x(frame, scale, most), frame.at(value)) for scale, value in points]
    shape = f'<path class="{"series bold" if is_own else "price"}" d="M{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>'
    rings = "".join(f'<circle class="series dot" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in places)
    return shape + (rings if is_own else "")


def _axis(frame: Frame, scales: list[float], most: float) -> str:
    line = segment("axis", frame.canvas.left, frame.bottom, frame.canvas.right, frame.bottom)
    return line + below(frame, [(_x(frame, scale, most), f"{scale:g}× costs") for scale in scales])


def _x(frame: Frame, scale: float, most: float) -> float:
    left = frame.canvas.left + 12
    return float(np.float64(left + scale / max(most, 1e-9) * (frame.canvas.right - left - 30)))


def _percents(values: list[float]) -> list[str]:
    return [f"{label} %" for label in number_labels([100 * value for value in values])]
