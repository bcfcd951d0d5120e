"""The graph of a signal as one SVG drawing: columns on the left, nodes, rules on the right.

Shape and colour say what a part is: a column of the data is a pill, a number a rectangle, a condition has its corners cut,
a rule points to the right; what no rule reads is dashed. The drawing is as large as its text asks for; where the page is
narrower it shrinks, so that the rules are in sight, but never beyond what is legible. It carries its own style, light and
dark, so that it stands alone as a file.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from runner.report.layered import Arrow, Box, Layout, Point, layered
from runner.signal.explain import Part, Sample, Sort
from runner.signal.written import number_text

__all__ = ["GRAPH_STYLE", "graph_drawing"]

EDGE = 16.0
"""Around the drawing."""
LEGEND = 46.0
"""Height of the legend."""
PAD = 10.0
"""Inside a box."""
LINE = 16.0
"""From one line of text to the next."""
TITLE = 20.0
"""Height of the name's line."""
NARROWEST, WIDEST = 150.0, 264.0
"""Width of a box."""
LETTER = 7.3
"""Width of a letter of the fixed font at its size."""
BOLD_LETTER = 7.8
"""Width of a letter of a name, most of the time."""
MOST_LINES = 5
"""Lines of an expression; the whole is in the page's table and under the pointer."""
LEAST = 0.75
"""Share of its size that the drawing keeps at least: letters of 12 pixels stay at 9."""
CORNER = 10.0
"""Size of a cut corner and of a point."""

LIGHT = (
    "--paper:#ffffff;--panel:#f6f7f9;--ink:#1a1d21;--muted:#5b636e;--arrow:#9aa3ae;--column:#4a5361;--column-soft:#eef0f3;"
    "--number:#1f5fa8;--number-soft:#eaf1f9;--condition:#0a7d5a;--condition-soft:#e7f4ef;--rule-of:#b3460c;"
    "--rule-soft:#fdf0e7;"
)
DARK = (
    "--paper:#14171b;--panel:#1c2026;--ink:#e6e9ed;--muted:#9aa4b1;--arrow:#5d6773;--column:#a9b4c2;--column-soft:#20252c;"
    "--number:#6ea8e8;--number-soft:#172536;--condition:#4fc79b;--condition-soft:#14291f;--rule-of:#f08c4f;"
    "--rule-soft:#33211a;"
)
GRAPH_STYLE = f"""
svg.graph {{ {LIGHT} background: var(--paper); max-width: 100%; height: auto; }}
@media (prefers-color-scheme: dark) {{ svg.graph {{ {DARK} }} }}
@media print {{ svg.graph {{ {LIGHT} min-width: 0 !important; }} }}
svg.graph text {{ fill: var(--ink); }}
svg.graph text {{ font: 12px ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
svg.graph text.title {{ font: 600 14px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }}
svg.graph text.about {{ font: 12px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: var(--muted); }}
svg.graph .shape {{ stroke-width: 1.5; stroke: var(--number); fill: var(--number-soft); }}
svg.graph .boolean .shape {{ stroke: var(--condition); fill: var(--condition-soft); }}
svg.graph .column .shape {{ stroke: var(--column); fill: var(--column-soft); }}
svg.graph .rule .shape {{ stroke: var(--rule-of); fill: var(--rule-soft); stroke-width: 2; }}
svg.graph .constant .shape {{ stroke: var(--muted); fill: var(--panel); }}
svg.graph .dead .shape {{ stroke-dasharray: 5 4; fill: var(--paper); }}
svg.graph .dead text {{ fill: var(--muted); }}
svg.graph path.arrow {{ fill: none; stroke: var(--arrow); stroke-width: 1.3; }}
svg.graph path.dead {{ stroke-dasharray: 5 4; }}
svg.graph path.head {{ fill: var(--arrow); stroke: none; }}
"""
"""CSS with no address in it; variables are the drawing's own."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A part with the lines of its box."""

    part: Part
    title: str
    lines: tuple[str, ...]
    """Its expression, wrapped."""
    about: tuple[str, ...]
    """Type and clock, warm-up, value."""

    @property
    def width(self) -> float:
        """Width that holds every line."""
        longest = max([len(self.title) * BOLD_LETTER, *(LETTER * len(line) for line in (*self.lines, *self.about))])
        return min(max(longest + 2 * PAD + CORNER, NARROWEST), WIDEST)

    @property
    def height(self) -> float:
        """Height that holds every line."""
        return TITLE + LINE * (len(self.lines) + len(self.about)) + PAD


def graph_drawing(parts: Sequence[Part], samples: Mapping[str, Sample], *, title: str) -> str:
    """Return the drawing as SVG text, the same bytes for the same parts.

    Args:
        parts: Columns, nodes and rules.
        samples: Values by the part's name, shown where there are some.
        title: What it shows, for those who can't see it.
    """
    drawn = {part.name: _drawn(part, samples.get(part.name)) for part in parts}
    boxes = [Box(name, each.width, each.height) for name, each in drawn.items()]
    last = [part.name for part in parts if part.sort == "rule"]
    layout = layered(boxes, {part.name: part.reads for part in parts}, last)
    kinds = [("column", "column"), ("number", "number"), ("boolean", "condition"), ("rule", "rule")]
    kinds += [("constant", "constant")] * any(part.gives == "constant" for part in parts)
    kinds += [("dead", "read by no rule")] * any(part.is_dead for part in parts)
    width = max(layout.width, 110.0 * len(kinds)) + 2 * EDGE
    height = layout.height + 2 * EDGE + LEGEND
    dead = {part.name for part in parts if part.is_dead}
    body = [_arrow(arrow, is_dead=arrow.end in dead) for arrow in layout.arrows]
    body += [_box(drawn[box.name], box, layout) for box in boxes]
    head = (
        f'<svg class="graph" xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" style="width:{width:.0f}px;min-width:{LEAST * width:.0f}px" role="img" '
        f'aria-labelledby="graph-title"><title id="graph-title">{escape(title)}</title><style>{GRAPH_STYLE}</style>'
    )
    moved = f'<g transform="translate({EDGE:.0f},{EDGE + LEGEND:.0f})">'
    return "\n".join([head, *_legend(kinds), moved, *body, "</g>", "</svg>"])


def _drawn(part: Part, sample: Sample | None) -> _Drawn:
    letters = int((WIDEST - 2 * PAD - CORNER) / LETTER)
    lines = textwrap.wrap(part.expression, letters, break_on_hyphens=False)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1][: letters - 2]} …"]
    about = [f"{part.type} · {part.clock}" if part.clock else part.type]
    about += [f"warm-up {part.warm_up}"] if part.warm_up else []
    about += [_shown(part, sample)] if sample else [number_text(part.value)] if part.value is not None else []
    wrapped = [line for text in about for line in textwrap.wrap(text, letters)]
    return _Drawn(part, _short(part.name, int((WIDEST - 2 * PAD) / BOLD_LETTER)), tuple(lines), tuple(wrapped))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _shown(part: Part, sample: Sample) -> str:
    return "no rows" if sample.last is None else f"last {part.said(sample.last[1])}"


def _box(drawn: _Drawn, box: Box, layout: Layout) -> str:
    x, y = layout.places[box.name]
    part = drawn.part
    kind = " ".join([*(["rule"] if part.sort == "rule" else ["column"] if part.sort == "column" else []), part.gives])
    lines = [f"{part.name} = {part.expression}" if part.expression else part.name]
    return "".join([
        f'<g class="{kind}{" dead" if part.is_dead else ""}" transform="translate({x:.1f},{y:.1f})">',
        f"<title>{escape(lines[0])}</title>",
        _shape(part, layout.widths[box.name], box.height),
        f'<text class="title" x="{PAD:.0f}" y="{TITLE - 2:.0f}">{escape(drawn.title)}</text>',
        *(_line(line, number, "") for number, line in enumerate(drawn.lines)),
        *(_line(line, number + len(drawn.lines), "about") for number, line in enumerate(drawn.about)),
        "</g>",
    ])  # fmt: skip


def _line(text: str, number: int, name: str) -> str:
    kind = f' class="{name}"' if name else ""
    return f'<text{kind} x="{PAD:.0f}" y="{TITLE + LINE * (number + 1) - 2:.0f}" xml:space="preserve">{escape(text)}</text>'


def _shape(part: Part, width: float, height: float) -> str:
    if part.sort == "rule":
        outline = f"M0,0H{width - CORNER:.1f}L{width:.1f},{height / 2:.1f}L{width - CORNER:.1f},{height:.1f}H0Z"
    elif part.sort == "column":
        return f'<rect class="shape" width="{width:.1f}" height="{height:.1f}" rx="{min(height / 2, 18):.1f}"/>'
    elif part.gives == "boolean":
        c = round(min(CORNER, height / 3), 1)
        outline = f"M{c},0H{width - c:.1f}l{c},{c}V{height - c:.1f}l-{c},{c}H{c}l-{c},-{c}V{c}Z"
    else:
        return f'<rect class="shape" width="{width:.1f}" height="{height:.1f}" rx="3"/>'
    return f'<path class="shape" d="{outline}"/>'


def _arrow(arrow: Arrow, *, is_dead: bool) -> str:
    points = [*arrow.points[:-1], (arrow.points[-1][0] - 7, arrow.points[-1][1])]
    way = f"M{_pair(points[0])}" + "".join(
        _bend(a, b) if number % 2 == 0 else f"L{_pair(b)}" for number, (a, b) in enumerate(pairwise(points))
    )
    x, y = arrow.points[-1]
    name = "arrow dead" if is_dead else "arrow"
    return f'<path class="{name}" d="{way}"/><path class="head" d="M{x:.1f},{y:.1f}l-8,-4v8z"/>'


def _bend(a: Point, b: Point) -> str:
    """Return a curve that leaves and arrives level."""
    middle = (a[0] + b[0]) / 2
    return f"C{middle:.1f},{a[1]:.1f} {middle:.1f},{b[1]:.1f} {_pair(b)}"


def _pair(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _legend(kinds: Sequence[tuple[str, str]]) -> list[str]:
    """Return one small shape per sort of part, with its word."""
    drawn = []
    for number, (kind, word) in enumerate(kinds):
        sort: Sort = "rule" if kind == "rule" else "column" if kind == "column" else "node"
        gives = kind if kind in {"boolean", "constant"} else "number"
        part = Part(word, sort, "", gives, "", "", (), (), kind == "dead", None)
        drawn.append(
            f'<g class="{kind}" transform="translate({EDGE + 110 * number:.0f},{EDGE:.0f})">{_shape(part, 26, 16)}'
            f'<text class="about" x="34" y="12">{escape(word)}</text></g>'
        )
    return drawn
