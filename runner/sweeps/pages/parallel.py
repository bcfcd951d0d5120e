"""Parallel coordinates: an upright line for each axis and one for the metric, and a line across them for each lane.

Of many lanes the best are drawn, and others spread over the rest; colours go by fifths of all lanes drawn, the best in the
strongest and on top. Each line carries where it lies on each axis, 0 to 1 from the bottom, which is what brushing reads.
"""

from html import escape

import numpy as np
from numpy.typing import NDArray

from runner.report.figures.figure import Figure, drawn
from runner.report.svg import Canvas, document, segment, text
from runner.report.ticks import number_ticks
from runner.report.wording import count
from runner.sweeps.pages.columns import label_of_metric, tick_labels, value_text
from runner.sweeps.pages.judged import Judged
from runner.sweeps.pages.legible import cut
from runner.sweeps.pages.sample import spread
from runner.sweeps.pages.scales import Scale
from runner.sweeps.pages.small import LETTER, labels

__all__ = ["parallel_figure"]

MOST_LANES = 400
MOST_BEST = 150
MOST_AXES = 16
FIFTHS = 5
ZONE = 34.0
"""Width around an axis within which one may drag."""
LONGEST_TITLE = 90
METRIC_STEPS = 20
"""Steps of the metric that the keyboard goes by."""

Values = NDArray[np.float64]


def parallel_figure(judged: Judged) -> Figure | None:
    """Return the drawing; None where there is no axis of two values, or no lane has the metric."""
    scales = [scale for scale in judged.scales if scale.size > 1][:MOST_AXES]
    rows = _drawn_rows(judged)
    if not scales or not rows.size:
        return None
    metric = judged.ranking.metric
    low, high = float(metric[rows].min()), float(metric[rows].max())
    of_metric = (metric[rows] - low) / (high - low) if high > low else np.full(rows.size, 0.5)
    at = np.column_stack([*(judged.positions[rows, scale.place] / (scale.size - 1) for scale in scales), of_metric])
    key = judged.finished.sweep.metric
    name = label_of_metric(key)
    all_of = int(np.isfinite(metric[judged.ranking.is_judged]).sum())
    which = f"{count(rows.size)} of {count(all_of)} lanes" if rows.size < all_of else f"All {count(all_of)} lanes"
    description = f"{which}, from {value_text(key, low)} to {value_text(key, high)}; the stronger the colour, the better."

    def draw(canvas: Canvas) -> str:
        top, bottom = 3.4 * canvas.font, canvas.height - 14.0
        across = np.linspace(canvas.left, canvas.width - 4.0 * canvas.font, at.shape[1])
        shapes = _lines(judged, rows, at, across, (top, bottom))
        for number, (scale, x) in enumerate(zip([*scales, None], across.tolist(), strict=True)):
            room = (across[1] - across[0]) / (LETTER * canvas.font) - 1
            said = cut(scale.name if scale else name, max(int(room), 4))
            row = number % 2 if room < 12 else 0
            shapes.append(text(x, (1.2 + 1.2 * row) * canvas.font, said, "middle", name="name"))
            shapes.append(segment("axis", x, top, x, bottom))
            ticks = _ticks(scale, (top, bottom), canvas.font) if scale else _round_ticks(key, low, high, (top, bottom))
            shapes += [
                text(x + 5, y + 0.35 * canvas.font, cut(label, max(int(room) - 1, 3)), "start", name="mark")
                for y, label in ticks
            ]
            step = 1.0 / (scale.size - 1) if scale else 1.0 / METRIC_STEPS
            shapes.append(_zone(number, scale.name if scale else name, x, (top, bottom), step))
        drawing = document(canvas, key="parallel", title="Parallel coordinates", description=description, body=shapes)
        return drawing.replace(f'class="{canvas.name}"', f'class="{canvas.name} brushed"', 1).replace(
            ' role="img"', ' role="group"', 1
        )

    return drawn("Parallel coordinates", description, draw)


def _drawn_rows(judged: Judged) -> NDArray[np.intp]:
    """Return the rows of the lanes to draw, the best last."""
    order = judged.ranking.order[judged.ranking.is_judged[judged.ranking.order]]
    ranked = order[np.isfinite(judged.ranking.metric[order])]
    chosen = np.concatenate((ranked[:MOST_BEST], spread(ranked[MOST_BEST:], MOST_LANES - MOST_BEST)))
    return chosen[::-1]


def _lines(judged: Judged, rows: NDArray[np.intp], at: Values, across: Values, ends: tuple[float, float]) -> list[str]:
    top, bottom = ends
    y = bottom - at * (bottom - top)
    parts = []
    for place, row in enumerate(rows.tolist()):
        fifth = place * FIFTHS // rows.size
        points = " ".join(f"{left:.0f},{up:.1f}" for left, up in zip(across.tolist(), y[place].tolist(), strict=True))
        where = " ".join(f"{share:.4g}" for share in at[place].tolist())
        value = value_text(judged.finished.sweep.metric, float(judged.ranking.metric[row]))
        told = f"{value}, {cut(judged.lane_text(row), LONGEST_TITLE)}"
        name = "lane top" if place == rows.size - 1 else f"lane f{fifth}"
        parts.append(f'<path class="{name}" data-at="{where}" d="M{points}"><title>{escape(told)}</title></path>')
    return parts


def _round_ticks(key: str, low: float, high: float, ends: tuple[float, float]) -> list[tuple[float, str]]:
    """Return round values of the metric and where they lie."""
    top, bottom = ends
    values, span = number_ticks(low, high, about=5), high - low
    shares = [(value - low) / span if span > 0 else 0.5 for value in values]
    written = tick_labels(key)(values)
    return [(bottom - share * (bottom - top), said) for share, said in zip(shares, written, strict=True)]


def _ticks(scale: Scale, ends: tuple[float, float], font: int) -> list[tuple[float, str]]:
    """Return the values of an axis that have room, and where they lie."""
    top, bottom = ends
    middles = np.linspace(bottom, top, scale.size).tolist()
    return labels(list(scale.labels), middles, font=font, across=False)


def _zone(number: int, name: str, x: float, ends: tuple[float, float], step: float) -> str:
    """Return the place to drag in, and before it the mark that shows what was chosen."""
    top, bottom = ends
    box = f'x="{x - ZONE / 2:.1f}" y="{top:.1f}" width="{ZONE:.0f}"'
    label = escape(f"{name}: drag, or use the arrow keys, to choose lanes; Escape shows all")
    return (
        f'<rect class="chosen" {box} height="0"/>'
        f'<rect class="zone" {box} height="{bottom - top:.1f}" data-axis="{number}" data-step="{step:.4g}" tabindex="0"'
        f' role="slider" aria-valuemin="0" aria-valuemax="100" aria-valuenow="50" aria-valuetext="all"'
        f' aria-orientation="vertical" aria-label="{label}"/>'
    )
