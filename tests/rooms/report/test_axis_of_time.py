"""Labels under a plot."""

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from runner.report.svg import NARROW, WIDE, Frame, below, dates

SECOND = 1_000_000_000
EARLIEST, LATEST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1970, 2100))
WIDEST_DIGIT = 0.6
"""Width of a digit of the page's fonts, in sizes of the font; a hyphen, a colon and a space are narrower."""


@given(st.integers(EARLIEST, LATEST), st.integers(1, 60 * 366 * 86_400), st.sampled_from([WIDE, NARROW]))
def test_labels_neither_touch_each_other_nor_leave_the_drawing(start, span, canvas):
    """Whatever the stretch of time, also where a label at the edge has to move inwards."""
    frame = Frame(canvas, 8, 200, start * SECOND, (start + span) * SECOND, 0.0, 1.0)

    expect_room(dates(frame), canvas)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.text("0123456789-%", min_size=1, max_size=9)), min_size=1, max_size=12),
    st.sampled_from([WIDE, NARROW]),
)
def test_labels_of_any_axis_have_room(ticks, canvas):
    """Percent, multiples and whatever else: every place has its mark, and a label only where it fits."""
    frame = Frame(canvas, 8, 200, 0, 1, 0.0, 1.0)
    places = [(canvas.left + share * (canvas.right - canvas.left), label) for share, label in sorted(ticks)]

    drawn = below(frame, places)

    assert drawn.count("<line") == len(places)
    expect_room(drawn, canvas)


def expect_room(drawn, canvas):
    """Expect labels from left to right that don't touch and lie on the canvas."""
    found = re.findall(r'<text x="([\d.]+)" [^>]*text-anchor="middle">([^<]+)</text>', drawn)
    assert found
    reached = -0.1
    for x, label in found:
        half = WIDEST_DIGIT * canvas.font * len(label) / 2
        assert float(x) - half >= reached
        reached = float(x) + half
    assert reached <= canvas.width + 0.1
