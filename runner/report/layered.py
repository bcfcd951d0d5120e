"""Places boxes and arrows of a graph without circles: layers from left to right, few crossings, straight where possible.

1. `_layers` puts each box one layer behind the last of those that it reads; boxes asked for stand in the last layer.
2. `_chains` leads an arrow over layers it passes by a point in each; arrows of one box share their points as far as they go
   together.
3. `_ordered` sorts each layer by the mean place of what its boxes are joined to, back and forth (Sugiyama, Tagawa & Toda
   1981), and keeps the order with the fewest crossings.
4. `_levelled` moves boxes towards what they are joined to as far as the order and the gaps allow: least squares under
   order, by pooling adjacent violators.
"""

from bisect import bisect_right, insort
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Arrow", "Box", "Layout", "layered"]

Point = tuple[float, float]

ACROSS = 48.0
"""Between layers."""
DOWN = 16.0
"""Between boxes."""
PAST = 8.0
"""Between arrows that pass a layer, and around them."""
ROUNDS = 12
"""Times a layer is sorted and levelled."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box to be placed."""

    name: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from the right side of a box to the left side of another."""

    start: str
    end: str
    points: tuple[Point, ...]
    """Where it begins, where it enters and leaves each layer it passes, and where it ends."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of everything, from 0 to the right and downwards."""

    width: float
    height: float
    places: Mapping[str, Point]
    """Upper left corner of each box."""
    widths: Mapping[str, float]
    """Width of each box: that of the widest of its layer."""
    arrows: tuple[Arrow, ...]


@dataclass(frozen=True, slots=True)
class _Spot:
    """A box, or a point at which an arrow of `name` passes a layer."""

    name: str
    layer: int
    is_box: bool


def layered(boxes: Sequence[Box], reads: Mapping[str, Sequence[str]], last: Collection[str] = ()) -> Layout:
    """Place boxes.

    Args:
        boxes: The boxes, each after those that it reads.
        reads: Box → the boxes that it reads, whose arrows end at it.
        last: Boxes that stand in the last layer, together.
    """
    if not boxes:
        return Layout(0.0, 0.0, {}, {}, ())
    layer = _layers(boxes, reads, last)
    links, ways = _chains(boxes, reads, layer)
    rows = _ordered(_spots(boxes, links, layer), links)
    sizes = {box.name: box for box in boxes}
    heights = {spot: sizes[spot.name].height if spot.is_box else 0.0 for row in rows for spot in row}
    middle = _levelled(rows, links, heights)
    widths = [max((sizes[spot.name].width for spot in row if spot.is_box), default=0.0) for row in rows]
    left = [sum(widths[:number]) + ACROSS * number for number in range(len(rows))]
    top = min(middle[spot] - heights[spot] / 2 for row in rows for spot in row)
    middle = {spot: y - top for spot, y in middle.items()}
    boxed = {spot.name: spot for row in rows for spot in row if spot.is_box}
    places = {name: (left[spot.layer], middle[spot] - heights[spot] / 2) for name, spot in boxed.items()}
    arrows = []
    for (start, end), way in ways.items():
        passed = [(x, middle[spot]) for spot in way for x in (left[spot.layer], left[spot.layer] + widths[spot.layer])]
        begin = (places[start][0] + widths[layer[start]], middle[boxed[start]])
        arrows.append(Arrow(start, end, (begin, *passed, (places[end][0], middle[boxed[end]]))))
    height = max(middle[spot] + heights[spot] / 2 for row in rows for spot in row)
    wide = {name: widths[spot.layer] for name, spot in boxed.items()}
    return Layout(left[-1] + widths[-1], height, places, wide, tuple(arrows))


def _layers(boxes: Sequence[Box], reads: Mapping[str, Sequence[str]], last: Collection[str]) -> dict[str, int]:
    layer: dict[str, int] = {}
    for box in boxes:
        layer[box.name] = max((layer[read] + 1 for read in reads[box.name]), default=0)
    end = max([layer[name] for name in last] + [layer[box.name] + 1 for box in boxes if box.name not in last], default=0)
    return layer | dict.fromkeys(last, end)


def _chains(
    boxes: Sequence[Box], reads: Mapping[str, Sequence[str]], layer: Mapping[str, int]
) -> tuple[set[tuple[_Spot, _Spot]], dict[tuple[str, str], list[_Spot]]]:
    """Return which spots of neighbouring layers are joined, and the points each arrow passes."""
    links: set[tuple[_Spot, _Spot]] = set()
    ways: dict[tuple[str, str], list[_Spot]] = {}
    for box in boxes:
        for read in reads[box.name]:
            way = [_Spot(read, between, is_box=False) for between in range(layer[read] + 1, layer[box.name])]
            ends = _Spot(read, layer[read], is_box=True), _Spot(box.name, layer[box.name], is_box=True)
            links.update(pairwise([ends[0], *way, ends[1]]))
            ways[read, box.name] = way
    return links, ways


def _spots(boxes: Sequence[Box], links: set[tuple[_Spot, _Spot]], layer: Mapping[str, int]) -> list[list[_Spot]]:
    """Return each layer's spots in the order of the boxes."""
    number = {box.name: place for place, box in enumerate(boxes)}
    spots = {_Spot(box.name, layer[box.name], is_box=True) for box in boxes} | {spot for link in links for spot in link}
    rows: list[list[_Spot]] = [[] for _ in range(max(spot.layer for spot in spots) + 1)]
    for spot in sorted(spots, key=lambda spot: (spot.layer, number[spot.name])):
        rows[spot.layer].append(spot)
    return rows


def _neighbours(links: set[tuple[_Spot, _Spot]], *, behind: bool) -> dict[_Spot, list[_Spot]]:
    """Return spot → those it is joined to in the layer behind it, or before it."""
    found: dict[_Spot, list[_Spot]] = {}
    for start, end in sorted(links, key=lambda link: [(spot.layer, spot.name) for spot in link]):
        spot, other = (end, start) if behind else (start, end)
        found.setdefault(spot, []).append(other)
    return found


def _ordered(rows: list[list[_Spot]], links: set[tuple[_Spot, _Spot]]) -> list[list[_Spot]]:
    """Return the layers in an order with few crossings."""
    behind, before = _neighbours(links, behind=True), _neighbours(links, behind=False)
    best, fewest = rows, _crossings(rows, behind)
    for number in range(ROUNDS):
        rows = [list(row) for row in rows]
        order = range(1, len(rows)) if number % 2 == 0 else range(len(rows) - 2, -1, -1)
        joined, step = (behind, -1) if number % 2 == 0 else (before, 1)
        for layer in order:
            place = {spot: share for share, spot in enumerate(rows[layer + step])}
            own = {spot: float(share) for share, spot in enumerate(rows[layer])}
            means = {spot: _mean([place[other] for other in joined.get(spot, [])], own[spot]) for spot in rows[layer]}
            rows[layer].sort(key=means.__getitem__)
        crossings = _crossings(rows, behind)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(rows: list[list[_Spot]], behind: Mapping[_Spot, list[_Spot]]) -> int:
    """Return how many pairs of arrows cross."""
    crossings = 0
    for left, right in pairwise(rows):
        place = {spot: number for number, spot in enumerate(left)}
        ends = [place[other] for spot in right for other in sorted(behind.get(spot, []), key=place.__getitem__)]
        passed: list[int] = []
        for end in ends:
            crossings += len(passed) - bisect_right(passed, end)
            insort(passed, end)
    return crossings


def _levelled(
    rows: list[list[_Spot]], links: set[tuple[_Spot, _Spot]], heights: Mapping[_Spot, float]
) -> dict[_Spot, float]:
    """Return the middle of each spot."""
    behind, before = _neighbours(links, behind=True), _neighbours(links, behind=False)
    middle: dict[_Spot, float] = {}
    for row in rows:
        middle |= dict(zip(row, _stacked(row, [0.0] * len(row), heights), strict=True))
    for number in range(ROUNDS):
        for row in rows if number % 2 == 0 else rows[::-1]:
            joined = [[*behind.get(spot, []), *before.get(spot, [])] for spot in row]
            wanted = [
                _mean([middle[other] for other in others], middle[spot]) for spot, others in zip(row, joined, strict=True)
            ]
            middle |= dict(zip(row, _stacked(row, wanted, heights), strict=True))
    return middle


def _stacked(row: Sequence[_Spot], wanted: Sequence[float], heights: Mapping[_Spot, float]) -> list[float]:
    """Return middles as near to the wanted ones as order and gaps allow."""
    offsets = [0.0]
    for upper, lower in pairwise(row):
        gap = DOWN if upper.is_box and lower.is_box else PAST
        offsets.append(offsets[-1] + (heights[upper] + heights[lower]) / 2 + gap)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        pools.append((want - offset, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (low, few), (high, more) = pools.pop(), pools.pop()
            pools.append(((low * few + high * more) / (few + more), few + more))
    level = [mean for mean, members in pools for _ in range(members)]
    return [each + offset for each, offset in zip(level, offsets, strict=True)]
