"""A heat map for every pair of axes: the median and the best of all lanes that share two values, whatever the others are.

The median tells what a choice of two values is worth if the others are anything; the best, what it can be. Where the best
is good and the median isn't, the others decide.

1. `_pairs` takes the pairs of axes that turn independently, those with an order first.
2. `_cells` finds median and best in each cell of a pair; long axes go by groups of neighbours.
3. `_map` draws one of them, `_values` writes both down as a table, for who doesn't use a pointer.

Colours are steps between the lowest and the highest of a map, or away from zero on both sides where a metric that is to be
high has either sign.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from runner.report.markup import table
from runner.report.measured import counted
from runner.report.svg import document, text
from runner.sweeps.pages.columns import label_of_metric, value_text
from runner.sweeps.pages.groups import Groups, groups_of, quantiles_of
from runner.sweeps.pages.judged import Judged
from runner.sweeps.pages.legible import cut
from runner.sweeps.pages.scales import Scale
from runner.sweeps.pages.small import LETTER, SMALL, beside, labels, rectangle

__all__ = ["heat_maps"]

Values = NDArray[np.float64]

MOST_PAIRS = 28
MOST_CELLS = 4_000
"""Cells of all pairs: a page that is too heavy to open shows nothing."""
MOST_A_SIDE = 48
MOST_CHOICES = 24
"""Values of an axis without an order, of which no two can be put into one group."""
STEPS = 4
"""Colours on either side of zero; twice as many and one from the lowest to the highest."""
WRITTEN = 8
"""Cells side by side up to which each has its value written in."""
LONGEST_NAME = 20
LONGEST_ROW = 10


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Two axes and what lies in each of their cells."""

    across: Scale
    up: Scale
    columns: Groups
    rows: Groups
    lanes: NDArray[np.int64]
    """[rows, columns] lanes of each cell."""
    median: Values
    """[rows, columns] NaN where no lane has the metric."""
    best: Values
    at: tuple[int, int] | None
    """Row and column of the best lane."""


def heat_maps(judged: Judged) -> list[str]:
    """Return all maps with their tables as finished HTML; a sentence where there are no two axes to map."""
    pairs = _pairs(judged)
    if not pairs:
        return ["<p>There are no two axes that turn independently, so there is nothing to map.</p>"]
    share = MOST_CELLS // len(pairs[:MOST_PAIRS])
    parts = [
        "<p>Each cell stands for all lanes that share two values, whatever the others are; the ring is the best lane.</p>"
    ]
    for number, (across, up) in enumerate(pairs[:MOST_PAIRS]):
        parts += _shown(judged, _cells(judged, across, up, share), number)
    if len(pairs) > MOST_PAIRS:
        parts.append(f"<p>{counted(len(pairs) - MOST_PAIRS, 'more pair')} of axes aren't drawn.</p>")
    return parts


def _pairs(judged: Judged) -> list[tuple[Scale, Scale]]:
    """Return pairs of axes with two values or more that aren't zipped, those where both have an order first."""
    usable = [scale for scale in judged.scales if scale.size > 1 and (scale.is_ordinal or scale.size <= MOST_CHOICES)]
    pairs = [pair for pair in combinations(usable, 2) if not _together(judged, *pair)]
    return sorted(pairs, key=lambda pair: 2 - pair[0].is_ordinal - pair[1].is_ordinal)


def _together(judged: Judged, one: Scale, other: Scale) -> bool:
    """Return whether two axes advance together: no value of the one is ever met with two of the other."""
    if one.size != other.size:
        return False
    both = judged.positions[:, one.place] * other.size + judged.positions[:, other.place]
    met = int(np.count_nonzero(np.bincount(both)))
    return met <= max(np.unique(judged.positions[:, scale.place]).size for scale in (one, other))


def _cells(judged: Judged, across: Scale, up: Scale, most: int) -> _Pair:
    side = max(2, int(most**0.5))
    width = min(across.size, MOST_A_SIDE, max(side, most // min(up.size, side)))
    height = min(up.size, MOST_A_SIDE, max(2, most // width))
    columns, rows = (
        groups_of(scale, size if scale.is_ordinal else scale.size) for scale, size in ((across, width), (up, height))
    )
    cell = (
        rows.of_position[judged.positions[:, up.place]] * columns.size
        + columns.of_position[judged.positions[:, across.place]]
    )
    shape, count = (rows.size, columns.size), rows.size * columns.size
    shown = judged.shown(across, up)
    median, best = quantiles_of(cell[shown], judged.ranking.height[shown], count, (0.5, 1.0))
    sign = -1.0 if judged.finished.sweep.direction == "minimise" else 1.0
    row = judged.ranking.best
    at = None if row is None else (int(cell[row]) // columns.size, int(cell[row]) % columns.size)
    lanes = np.bincount(cell[shown], minlength=count).reshape(shape)
    return _Pair(across, up, columns, rows, lanes, sign * median.reshape(shape), sign * best.reshape(shape), at)


def _shown(judged: Judged, pair: _Pair, number: int) -> Iterator[str]:
    metric = judged.finished.sweep.metric
    is_less = judged.finished.sweep.direction == "minimise"
    yield f"<h3>{escape(pair.across.name)} and {escape(pair.up.name)}</h3>"
    drawings = [
        (
            _map(pair, values, f"heat-{number}-{kind}", (kind, metric), is_less=is_less),
            _caption(values, kind, metric, is_less=is_less),
        )
        for kind, values in (("median", pair.median), ("best", pair.best))
    ]
    yield beside(*drawings)
    yield _values(pair, metric)


def _caption(values: Values, kind: str, metric: str, *, is_less: bool) -> str:
    known = values[np.isfinite(values)]
    said = f"{kind.capitalize()} of {label_of_metric(metric)}"
    if not known.size:
        return f"{said}: no lane has one."
    low, high = float(known.min()), float(known.max())
    is_split = low < 0.0 < high and not is_less
    stronger = "blue is above zero, red below" if is_split else "the stronger the colour, the better"
    return f"{said}, {value_text(metric, low)} to {value_text(metric, high)}; {stronger}."


def _map(pair: _Pair, values: Values, key: str, what: tuple[str, str], *, is_less: bool) -> str:
    canvas, (kind, metric) = SMALL, what
    beside_rows = [cut(label, LONGEST_ROW) for label in pair.rows.labels]
    left = LETTER * canvas.font * max(map(len, beside_rows)) + 1.6 * canvas.font + 8.0
    right, top, bottom = canvas.width - 4.0, 6.0, canvas.height - 2.9 * canvas.font
    wide, high = (right - left) / pair.columns.size, (bottom - top) / pair.rows.size
    names = _colours(values, is_less=is_less)
    fits = high > 1.3 * canvas.font and max(map(len, _inside(metric, values))) * LETTER * canvas.font < wide
    shapes = []
    for (row, column), value in np.ndenumerate(values):
        if not pair.lanes[row, column]:
            continue
        box = (left + column * wide, bottom - (row + 1) * high, wide, high)
        told = f"{pair.across.name[:LONGEST_NAME]} {pair.columns.labels[column]}, {pair.up.name[:LONGEST_NAME]}"
        told += f" {pair.rows.labels[row]}: {value_text(metric, float(value))}"
        shapes.append(rectangle(str(names[row, column]), box, title=told))
        if fits:
            middle = box[1] + high / 2 + 0.35 * canvas.font
            shapes.append(text(box[0] + wide / 2, middle, value_text(metric, float(value)), "middle", name="mark in-cell"))
    if pair.at is not None:
        row, column = pair.at
        shapes.append(rectangle("ring", (left + column * wide, bottom - (row + 1) * high, wide, high)))
    middles = [left + (at + 0.5) * wide for at in range(pair.columns.size)]
    columns = labels(list(pair.columns.labels), middles, font=canvas.font, across=True)
    rows = labels(beside_rows, [bottom - (at + 0.5) * high for at in range(pair.rows.size)], font=canvas.font, across=False)
    shapes += [text(x, bottom + 1.2 * canvas.font, said, "middle") for x, said in columns]
    shapes += [text(left - 5, y + 0.35 * canvas.font, said, "end") for y, said in rows]
    shapes.append(text((left + right) / 2, bottom + 2.5 * canvas.font, f"{pair.across.name} →", "middle", name="name"))
    shapes.append(f'<g transform="rotate(-90 {canvas.font} {(top + bottom) / 2:.1f})">')
    shapes.append(text(canvas.font, (top + bottom) / 2, f"{pair.up.name} →", "middle", name="name") + "</g>")
    title = f"{kind} of {label_of_metric(metric)} by {pair.across.name} and {pair.up.name}"
    return document(canvas, key=key, title=title, description="The table below has the values.", body=shapes)


def _inside(metric: str, values: Values) -> list[str]:
    """Return what would be written into the cells, of so few that it might have room."""
    return [value_text(metric, float(value)) for value in values.flat] if values.shape[1] <= WRITTEN else ["-" * 99]


def _colours(values: Values, *, is_less: bool) -> NDArray[np.str_]:
    """Return the class of each cell's colour."""
    known = values[np.isfinite(values)]
    names = np.full(values.shape, "void", dtype="<U8")
    if not known.size:
        return names
    low, high = float(known.min()), float(known.max())
    finite = np.isfinite(values)
    if low < 0.0 < high and not is_less:
        step = np.rint(STEPS * known / max(-low, high)).astype(int)
        names[finite] = [f"cell g{at}" if at >= 0 else f"cell l{-at}" for at in step]
        return names
    share = (known - low) / (high - low) if high > low else np.ones(known.shape)
    share = 1.0 - share if is_less and high > low else share
    names[finite] = [f"cell s{at}" for at in np.rint(2 * STEPS * share).astype(int)]
    return names


def _values(pair: _Pair, metric: str) -> str:
    heads = (f"{pair.up.name} ↓ {pair.across.name} →", *pair.columns.labels)
    rows = [
        (label, *(_cell(pair, metric, row, column) for column in range(pair.columns.size)))
        for row, label in enumerate(pair.rows.labels)
    ]
    shown = table(f"{label_of_metric(metric)}, median / best", heads, rows, numeric=range(1, len(heads)))
    return f"<details><summary>Values of {escape(pair.across.name)} and {escape(pair.up.name)}</summary>{shown}</details>"


def _cell(pair: _Pair, metric: str, row: int, column: int) -> str:
    if not pair.lanes[row, column]:
        return ""
    return " / ".join(value_text(metric, float(values[row, column])) for values in (pair.median, pair.best))
