"""The plateau: the metric against each axis, along the lanes that differ from the best on that axis alone.

The line is the best lane with one value changed, all others as they are: a broad top falls off slowly. The band holds the
middle eight tenths of all lanes with that value, whatever their others, the thin line is their median. Shaded is what lies
up to two steps away, dashed the level that lanes of the plateau reach.
"""

import numpy as np
from numpy.typing import NDArray

from runner.report.downsample import kept_points
from runner.report.figures.figure import padded
from runner.report.svg import Frame, band, baseline, document, dots, grid, line, segment, text
from runner.sweeps.pages.columns import label_of_metric, tick_labels, value_text
from runner.sweeps.pages.groups import groups_of, quantiles_of
from runner.sweeps.pages.judged import Judged
from runner.sweeps.pages.legible import cut
from runner.sweeps.pages.scales import Scale
from runner.sweeps.pages.small import SMALL, beside, labels, rectangle

__all__ = ["slices"]

Values = NDArray[np.float64]

MOST_GROUPS = 120
MOST_AXES = 24
RADIUS = 2
SHARES = (0.1, 0.5, 0.9)
LONGEST = 20


def slices(judged: Judged) -> list[str]:
    """Return one drawing for each axis of two values or more as finished HTML; a sentence where there is none."""
    best = judged.ranking.best
    varied = [scale for scale in judged.scales if scale.size > 1][:MOST_AXES]
    if best is None or not varied:
        return ["<p>There is no axis to go along.</p>"]
    about = (
        "<p>The bold line is the best lane with one value changed and all others as they are; shaded is what lies up to two"
        " steps away, dashed a tenth less than the best. The band holds the middle eight tenths of all lanes with that"
        " value, the thin line is their median.</p>"
    )
    return [about, beside(*(_slice(judged, scale, best) for scale in varied))]


def along(judged: Judged, scale: Scale, best: int) -> tuple[NDArray[np.int64], Values]:
    """Return positions and metric of the lanes that differ from the best on one axis alone, ascending, if defined."""
    others = [each for each in range(len(judged.scales)) if each != scale.place]
    same = (judged.positions[:, others] == judged.positions[best, others]).all(axis=1)
    rows = np.flatnonzero(same & np.isfinite(judged.ranking.metric))
    rows = rows[np.argsort(judged.positions[rows, scale.place], kind="stable")]
    return judged.positions[rows, scale.place], judged.ranking.metric[rows]


def _slice(judged: Judged, scale: Scale, best: int) -> tuple[str, str]:
    canvas, metric, key = SMALL, judged.ranking.metric, judged.finished.sweep.metric
    at, values = along(judged, scale, best)
    groups = groups_of(scale, MOST_GROUPS)
    shown = judged.shown(scale)
    found = quantiles_of(groups.of_position[judged.positions[shown, scale.place]], metric[shown], groups.size, SHARES)
    middles = np.array([np.flatnonzero(groups.of_position == group).mean() for group in range(groups.size)])
    known = np.isfinite(found[1])
    low, high = padded(
        min(float(values.min()), float(np.nanmin(found[0]))), max(float(values.max()), float(np.nanmax(found[2])))
    )
    frame = Frame(canvas, 8.0, canvas.height - 2.9 * canvas.font, -HALF, int(HALF * (2 * scale.size - 1)), low, high)
    places = _scaled(middles[known])
    shapes = [_near(frame, scale, int(judged.positions[best, scale.place])), grid(frame, labels=tick_labels(key))]
    if scale.is_ordinal:
        shapes.append(band(frame, places, found[0][known], found[2][known], name="cloud"))
        shapes.append(line(frame, places, found[1][known], name="price"))
        kept = kept_points(values, limit=canvas.points)
        shapes.append(line(frame, _scaled(at[kept]), values[kept], name="series bold"))
    else:
        shapes += [_bar(frame, int(x), found[:, known][:, place]) for place, x in enumerate(places)]
    if not scale.is_ordinal or at.size <= MOST_DOTS:
        shapes.append(dots(frame, _scaled(at), values, name="series dot"))
    top = judged.verdict.plateau if judged.verdict else None
    if top is not None:
        level = -top.level if judged.finished.sweep.direction == "minimise" else top.level
        shapes += [baseline(frame, level)] if low < level < high else []
    here = _scaled(judged.positions[[best], scale.place])
    shapes.append(_ring(frame, here, metric[[best]]))
    shapes += _axis(frame, groups.labels, _scaled(middles))
    name = label_of_metric(key)
    title = f"{name} along {scale.name}"
    description = (
        f"The best lane has {cut(scale.labels[int(judged.positions[best, scale.place])], LONGEST)} and"
        f" {value_text(key, float(metric[best]))}; with other values of {scale.name} alone it goes from"
        f" {value_text(key, float(values.min()))} to {value_text(key, float(values.max()))}."
    )
    drawing = document(canvas, key=f"slice-{scale.place}", title=title, description=description, body=shapes)
    return drawing, f"{name} along {scale.name}. {description}"


HALF = 1 << 20
"""Half a step of an axis in the whole numbers that places of a drawing are given in."""
MOST_DOTS = 40


def _scaled(positions: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.int64]:
    return np.rint(positions * (2 * HALF)).astype(np.int64)


def _near(frame: Frame, scale: Scale, position: int) -> str:
    """Return the shade over the neighbours of the best lane; none on an axis without order."""
    if not scale.is_ordinal:
        return ""
    ends = np.clip([position - RADIUS - 0.5, position + RADIUS + 0.5], -0.5, scale.size - 0.5)
    left, right = frame.x(_scaled(ends)).tolist()
    return rectangle("warmup", (left, frame.top, right - left, frame.bottom - frame.top))


def _bar(frame: Frame, x: int, found: Values) -> str:
    """Return the middle eight tenths of the lanes that share a value without order."""
    across = float(frame.x(np.array([x]))[0])
    low, middle, high = frame.y(found).tolist()
    return rectangle("cloud", (across - 9, high, 18, max(low - high, 1.0))) + segment(
        "axis", across - 9, middle, across + 9, middle
    )


def _ring(frame: Frame, x: NDArray[np.int64], y: Values) -> str:
    return f'<circle class="ring" cx="{float(frame.x(x)[0]):.1f}" cy="{float(frame.y(y)[0]):.1f}" r="5"/>'


def _axis(frame: Frame, texts: tuple[str, ...], places: NDArray[np.int64]) -> list[str]:
    canvas = frame.canvas
    shown = labels(list(texts), frame.x(places).tolist(), font=canvas.font, across=True)
    parts = [segment("axis", canvas.left, frame.bottom, canvas.right, frame.bottom)]
    return parts + [text(x, frame.bottom + 1.4 * canvas.font, said, "middle") for x, said in shown]
