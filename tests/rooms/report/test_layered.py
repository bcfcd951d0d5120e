"""The layout of a graph: order of layers, no box over another, no arrow through a box, few crossings."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.report.layered import Box, layered


@st.composite
def graphs(draw):
    """Draw boxes, each reading some of those before it, and a few that must stand last."""
    count = draw(st.integers(1, 14))
    names = [f"n{number}" for number in range(count)]
    boxes = [Box(name, draw(st.integers(50, 250)), draw(st.integers(20, 120))) for name in names]
    last = draw(st.integers(0, min(2, count - 1))) if count > 1 else 0
    free = names[: count - last]
    reads = {
        name: draw(st.lists(st.sampled_from(free[: free.index(name)]), unique=True, max_size=4)) if free.index(name) else []
        for name in free
    }
    reads |= {name: draw(st.lists(st.sampled_from(free), unique=True, max_size=4)) for name in names[count - last :]}
    return boxes, reads, names[count - last :]


def rectangles(boxes, layout):
    """Return each box's left, top, right and bottom."""
    places = layout.places
    return {
        box.name: (*places[box.name], places[box.name][0] + layout.widths[box.name], places[box.name][1] + box.height)
        for box in boxes
    }


@given(graphs())
def test_every_box_lies_right_of_what_it_reads_and_over_no_other(drawn):
    """Arrows only go to the right, and boxes stay inside the drawing."""
    boxes, reads, last = drawn

    layout = layered(boxes, reads, last)
    found = rectangles(boxes, layout)

    for arrow in layout.arrows:
        assert found[arrow.start][2] < found[arrow.end][0]
    for a, b in combinations(found.values(), 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] + 1e-6 or b[3] <= a[1] + 1e-6
    for left, top, right, bottom in found.values():
        assert min(left, top) >= -1e-6
        assert right <= layout.width + 1e-6
        assert bottom <= layout.height + 1e-6


@given(graphs())
def test_every_arrow_is_there_and_passes_no_box(drawn):
    """From its box's right side to its reader's left, level where it passes a layer, between the boxes there."""
    boxes, reads, last = drawn

    layout = layered(boxes, reads, last)
    found = rectangles(boxes, layout)

    assert {(arrow.start, arrow.end) for arrow in layout.arrows} == {(each, name) for name in reads for each in reads[name]}
    for arrow in layout.arrows:
        begin, *passed, end = arrow.points
        assert begin[0] == pytest.approx(found[arrow.start][2])
        assert end[0] == pytest.approx(found[arrow.end][0])
        assert all(a[0] <= b[0] + 1e-6 for a, b in pairwise(arrow.points))
        for (left, y), (right, level) in zip(passed[::2], passed[1::2], strict=True):
            assert y == level
            over = [box for box in found.values() if box[0] < right and box[2] > left and box[1] < y < box[3]]
            assert over == []


@given(graphs())
def test_boxes_that_stand_last_stand_together(drawn):
    """Right of everything else."""
    boxes, reads, last = drawn

    places = layered(boxes, reads, last).places

    assert len({places[name][0] for name in last}) <= 1
    assert all(places[name][0] > places[box.name][0] for name in last for box in boxes if box.name not in last)


def test_the_same_graph_is_drawn_the_same():
    """Nothing depends on the order of sets."""
    boxes = [Box(name, 100, 40) for name in "abcdefgh"]
    reads = {"a": "", "b": "", "c": "ab", "d": "ab", "e": "cd", "f": "ad", "g": "bef", "h": "acg"}

    assert layered(boxes, reads, "h") == layered(boxes, reads, "h")


def test_arrows_that_need_not_cross_do_not():
    """Two pairs joined crosswise in the order of writing."""
    boxes = [Box(name, 100, 40) for name in "abxy"]

    places = layered(boxes, {"a": "", "b": "", "x": "b", "y": "a"}).places

    assert (places["a"][1] < places["b"][1]) == (places["y"][1] < places["x"][1])


def test_one_after_another_lie_level():
    """A chain is a straight line."""
    boxes = [Box("a", 100, 40), Box("b", 100, 80), Box("c", 100, 20)]

    layout = layered(boxes, {"a": (), "b": ("a",), "c": ("b",)})

    assert {round(y, 6) for arrow in layout.arrows for _, y in arrow.points} == {40.0}


def test_nothing_has_no_size():
    """An empty graph."""
    assert layered([], {}).arrows == ()


def test_a_thousand_boxes_are_placed_in_time():
    """Wide and deep."""
    names = [f"n{number}" for number in range(1000)]
    reads = {
        name: names[max(0, number - 3) : number : 2] + names[:1] * (number > 4) for number, name in enumerate(names[:500])
    }
    reads |= {name: ["n0", "n1"] for name in names[500:]}

    layout = layered([Box(name, 100, 40) for name in names], reads)

    assert len(layout.places) == 1000
