"""The page of a signal: sound, offline, escaped, and everything on it."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pytest

from runner.report.graph_figure import graph_drawing
from runner.report.graph_page import GraphPage, render_graph
from runner.signal.explain import explained, sampled
from runner.signal.moment import Moment
from runner.signal.registry import operators
from runner.signal.sheet import Sheet, Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.signal.why import told
from runner.spec.signal import Signal

SVG = "{http://www.w3.org/2000/svg}"
SECTION = {
    "params": {"n": 2},
    "nodes": {"m": "mean(close, n)", "dead_end": "close - 1", "calm": "close < 1 and m > 0", "limit": "n * 2"},
    "long": {"enter": "calm and m < limit", "exit": "m > 3"},
}


def page(name="idea", section=SECTION, symbol="A", *, at=None):
    close = np.array([1.0, 3.0, 5.0])
    sheet = Sheet("bars", np.array([10, 20, 30]), np.zeros(3, np.int32), np.array([0, 3]), {"close": close}, Surroundings())
    of = explained(Signal.model_validate(section), Vocabulary({"bars": ("close",)}, operators()))
    row = told(of, {"bars": sheet}, 0, symbol, Moment("", ts=at)) if at else None
    return GraphPage(name, symbol, of, sampled(of, {"bars": sheet}, 0), row)


def drawing(section=SECTION):
    one = page(section=section)
    return ET.fromstring(graph_drawing(one.explained.parts, one.samples, title="t"))


class Texts(HTMLParser):
    """Collects what a reader sees, and what would be fetched."""

    def __init__(self):
        super().__init__()
        self.texts, self.fetched, self.tags = [], [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.fetched += [value for name, value in attrs if name in {"src", "href", "xlink:href", "data", "action"}]

    def handle_data(self, data):
        self.texts.append(data)


def read(html):
    reader = Texts()
    reader.feed(html)
    return reader


def test_the_drawing_is_sound_and_has_every_part():
    """Well-formed, a box per part with its name, expression, warm-up and value; an arrow per reading."""
    root = drawing()
    texts = [text.text for text in root.iter(f"{SVG}text")]
    arrows = [path for path in root.iter(f"{SVG}path") if path.get("class", "").startswith("arrow")]

    for said in (
        "close",
        "m",
        "dead_end",
        "calm",
        "limit",
        "long.enter",
        "long.exit",
        "mean(close, n)",
        "warm-up 1 row",
        "last 4",
    ):
        assert said in texts
    assert len(arrows) == sum(len(part.reads) for part in page().explained.parts)


def test_shapes_and_a_legend_tell_the_sorts_apart():
    """Not by colour alone: columns, numbers, conditions, rules, constants and the dead have classes and words of their own."""
    root = drawing()
    classes = [group.get("class") for group in root.iter(f"{SVG}g") if group.get("class")]
    texts = [text.text for text in root.iter(f"{SVG}text")]

    assert {"column number", "number", "number dead", "boolean", "rule boolean", "constant"} <= set(classes)
    assert all(word in texts for word in ("column", "number", "condition", "rule", "constant", "read by no rule"))


def test_no_box_leaves_the_drawing():
    """Its size is what its boxes ask for."""
    nodes = {
        f"n{i}": f"mean(close, {i + 1}) + {' + '.join(f'n{j}' for j in range(max(0, i - 4), i)) or 'close'}"
        for i in range(60)
    }
    root = drawing({"nodes": nodes, "long": {"enter": "n59 > n3", "exit": "n58 > close"}})
    _, _, width, height = map(float, root.get("viewBox").split())

    boxes = [group for group in root.iter(f"{SVG}g") if group.get("class") and group.find(f"{SVG}title") is not None]
    places = [tuple(map(float, box.get("transform")[10:-1].split(","))) for box in boxes]

    assert len(boxes) == 63
    assert all(0 <= x < width and 0 <= y < height for x, y in places)


def test_a_long_expression_is_shortened_and_whole_under_the_pointer():
    """A box of fifty lines would be no picture."""
    long = " + ".join(f"lag(close, {number})" for number in range(1, 40))
    root = drawing({"nodes": {"long": long}, "target": "long"})
    texts = [text.text for text in root.iter(f"{SVG}text")]
    titles = [title.text for title in root.iter(f"{SVG}title")]

    assert any(text.endswith("…") for text in texts)
    assert f"long = {long}" in titles


def test_the_page_needs_nothing_and_says_everything():
    """No script, no address; nodes, warm-ups, values, dead nodes, parameters, the order of the rules."""
    found = read(render_graph(page()))
    said = " ".join(found.texts)

    assert found.fetched == []
    assert "script" not in found.tags
    for words in (
        "mean(close, n)",
        "1 row",
        "dead_end",
        "no rule reads them",
        "Parameters",
        "If both are true, neither is.",
    ):
        assert words in said


def test_a_row_taken_apart_is_on_the_page():
    """The sentences and the parts with their values."""
    said = " ".join(read(render_graph(page(at=30))).texts)

    assert "long.exit was true because m (4) > 3 holds." in said
    assert "known 1970-01-01 00:00:00.00000003Z" in said


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a&b"])
def test_names_cannot_become_markup(evil):
    """Whatever a run or a symbol is called."""
    found = read(render_graph(page(name=evil, symbol=evil, at=20)))

    assert found.tags.isdisjoint({"script", "img"})
    assert evil in "".join(found.texts)


def test_the_same_signal_is_the_same_page():
    """To the byte."""
    assert render_graph(page(at=20)) == render_graph(page(at=20))


def test_the_drawing_shrinks_with_the_page_as_far_as_it_stays_legible():
    """Rules stand at the right edge: on a page narrower than the drawing they would be the part that nobody sees."""
    root = drawing()
    width = float(root.get("width"))
    style = dict(each.split(":") for each in root.get("style").split(";"))

    assert style["width"] == f"{width:.0f}px"
    assert 9 / 12 * width - 1 <= float(style["min-width"].removesuffix("px")) < width
    assert "max-width: 100%" in root.find(f"{SVG}style").text


def test_the_order_of_the_rules_is_told_to_people():
    """Not as the source has it: no marks of code, no indentation, and no line about the mapping."""
    text = render_graph(page())
    told = text[text.index("Order of the rules") :]

    assert "<code>At least one of long, short and target" in told
    assert "\n1. A position whose exit is true is closed.\n" in told
    assert "key = node" not in told
