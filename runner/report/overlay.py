"""Several runs on one page: their equity over time in one drawing, their figures and what was asked for differently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from runner.report.columns import numbers, stamps
from runner.report.document import document as page
from runner.report.downsample import kept_points
from runner.report.figures.figure import Figure, Timeline, drawn, padded, plot
from runner.report.markup import drawing, section, table
from runner.report.svg import Canvas, baseline, dates, document, grid, line
from runner.tables import Table

__all__ = ["LINES", "MOST_LINES", "Side", "overlay_figure", "overlay_page"]

MOST_LINES = 8
"""Runs that are drawn: more lines can't be told apart."""
COLOURS = tuple(f"var(--{name})" for name in ("series", "sell", "buy", "ink", "warn", "loss", "muted", "price"))
"""Per line, those of the page: light, dark or printed."""
DASHES = ("", "8 3", "2 3", "12 3 2 3", "5 5", "16 4", "2 6", "8 3 2 3 2 3")
"""Per line, so that nobody needs to tell colours apart."""
LOOKS = (
    "whole line", "dashes", "dots", "dashes and dots", "short dashes", "long dashes", "wide dots", "a dash and two dots",
)  # fmt: skip
LINES = "\n".join(
    f"svg .run-{number} {{ stroke: {colour}; stroke-dasharray: {dash or 'none'}; }}"
    for number, (colour, dash) in enumerate(zip(COLOURS, DASHES, strict=True))
)
"""Rules of the lines of `overlay_figure`."""
STYLE = "\n".join(
    [
        LINES,
        *(f".key-{number}::before {{ background: {colour}; }}" for number, colour in enumerate(COLOURS)),
        ".key { list-style: none; padding: 0; }",
        '.key li::before { content: ""; display: inline-block; width: 18px; height: 3px; margin: 0 8px 4px 0; }',
    ]
)


@dataclass(frozen=True, slots=True)
class Side:
    """One run of several."""

    name: str
    equity: Table
    capital: float


def overlay_figure(sides: Sequence[Side]) -> Figure | None:
    """Return equity as multiples of each run's capital, the first `MOST_LINES` runs; None if none has any rows."""
    shown = [(number, side) for number, side in enumerate(sides[:MOST_LINES]) if stamps(side.equity, "ts").size]
    if not shown:
        return None
    lines = [(number, stamps(side.equity, "ts"), numbers(side.equity, "equity") / side.capital) for number, side in shown]
    time = Timeline(min(int(ts[0]) for _, ts, _ in lines), max(int(ts[-1]) for _, ts, _ in lines), None)
    low, high = min(float(values.min()) for *_, values in lines), max(float(values.max()) for *_, values in lines)
    ends = "; ".join(f"{sides[number].name} ends at {values[-1]:.4g}" for number, _, values in lines)

    def draw(canvas: Canvas) -> str:
        frame = plot(canvas, time, *padded(min(low, 1.0), max(high, 1.0)))
        shapes = [grid(frame), baseline(frame, 1.0)]
        for number, ts, values in lines:
            kept = kept_points(values, limit=canvas.points)
            shapes.append(line(frame, ts[kept], values[kept], name=f"run-{number}"))
        shapes.append(dates(frame))
        return document(canvas, key="overlay", title="Equity of each run", description=ends, body=shapes)

    more = f" The other {len(sides) - MOST_LINES} aren't drawn." if len(sides) > MOST_LINES else ""
    looks = ", ".join(f"{sides[number].name} ({LOOKS[number]})" for number, *_ in lines)
    caption = f"Equity in multiples of the starting capital: {looks}. {ends}. Times are UTC.{more}"
    return drawn("Equity", caption, draw)


def overlay_page(
    sides: Sequence[Side],
    *,
    changes: Sequence[Sequence[str]],
    metrics: Mapping[str, Sequence[str]],
    notes: Sequence[str],
) -> str:
    """Return the page.

    Args:
        sides: The runs.
        changes: Rows of key, one value per run, effect.
        metrics: Label → one value per run, as people read it.
        notes: Sentences above the tables.
    """
    names = [side.name for side in sides]
    figure = overlay_figure(sides)
    key = "".join(f'<li class="key-{number}">{escape(name)}</li>' for number, name in enumerate(names[:MOST_LINES]))
    rows = [(label, *values) for label, values in metrics.items()]
    return page(
        "Runs side by side",
        "<h1>Runs side by side</h1>",
        f'<ul class="key">{key}</ul>',
        *(f"<p>{escape(note)}</p>" for note in notes),
        *([section("Curves", drawing(figure))] if figure else []),
        section("What was asked for differently", table("Keys that differ", ("Key", *names, "Touches"), changes)),
        section("What came of it", table("Figures", ("Figure", *names), rows, numeric=range(1, len(names) + 1))),
        style=STYLE,
    )
