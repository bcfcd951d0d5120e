"""A signal explained on a page: one HTML file that needs no network, no script and no other file.

1. `_graph` draws it (`graph_figure`), `_parts` lists columns, nodes and rules with their warm-ups and values.
2. `_why` takes one row apart, if one was asked for.
3. `_order` says in which order the rules act, as their specification does.

The page is a function of its input, like the report of a run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from inspect import cleandoc

from runner.report.document import document
from runner.report.graph_figure import graph_drawing
from runner.report.markup import scrolling, section, table, verbatim
from runner.report.unread import unread_text
from runner.signal.explain import Explained, Part, Sample
from runner.signal.moment import instant_text, session_text
from runner.signal.why import Told
from runner.signal.written import number_text

__all__ = ["GraphPage", "cells_of", "render_graph"]

WIDE = """
main { max-width: 1400px; }
.graph-scroll { overflow: auto; margin: 14px 0 8px; }
th, td { padding-right: 14px; }
td, td:not(.number) { min-width: 0; overflow-wrap: break-word; }
td:nth-child(2):not(:last-child), td:nth-child(n+7) { min-width: 11.5em; }
"""
"""Eight columns side by side: they wrap between words, as narrow as they must be, so that the last is in sight."""
HEAD = ("Name", "Expression", "Type", "Clock", "Warm-up", "Read by", "First defined", "Last")


@dataclass(frozen=True, slots=True)
class GraphPage:
    """What the page is made from. Nothing in it is trusted: all text is escaped where it is written."""

    name: str
    """The run's name, the page's heading."""
    symbol: str
    """The symbol the values are of."""
    explained: Explained
    """The signal."""
    samples: Mapping[str, Sample]
    """Values by the part's name."""
    told: Told | None = None
    """A row taken apart."""


def render_graph(page: GraphPage) -> str:
    """Return the page as HTML text, the same bytes for the same input."""
    title = f"{page.name} · signal"
    parts = page.explained.parts
    nodes = sum(part.sort == "node" for part in parts)
    rules = page.explained.rules
    warm_up = page.explained.graph.warm_up(*(page.explained.graph.names[rule] for rule in rules))
    decided = f"decided on {page.explained.clock} after {warm_up}"
    about = f"{nodes} node{'s' if nodes != 1 else ''}, {decided} · values of {page.symbol}"
    header = f'<header><h1>{escape(title)}</h1><p class="about">{escape(about)}</p></header>'
    why = [_why(page.told, page.symbol)] if page.told else []
    return document(title, header, _graph(page), *why, _parts(page), _order(page), style=WIDE)


def _graph(page: GraphPage) -> str:
    title = f"Columns, nodes and rules of {page.name}"
    drawing = graph_drawing(page.explained.parts, page.samples, title=title)
    unread = unread_text(page.explained.signal, page.explained.graph)
    note = f'<p class="about">{escape(unread)}</p>' if unread else ""
    return section("Graph", scrolling("Graph", drawing, look="graph-scroll"), note)


def _parts(page: GraphPage) -> str:
    rows = [cells_of(part, page.samples.get(part.name)) for part in page.explained.parts]
    params = [(name, str(value)) for name, value in page.explained.signal.params.items()]
    rest = [table("Parameters", ("Name", "Value"), params)] if params else []
    return section(
        "Columns, nodes and rules",
        table(f"Values are those of {page.symbol}; times are UTC", HEAD, rows),
        *rest,
    )


def cells_of(part: Part, sample: Sample | None) -> tuple[str, ...]:
    """Return a part as the cells of a row of `HEAD`."""
    readers = ", ".join(part.readers) or ("nothing" if part.sort == "node" else "")
    return (part.name, part.expression, part.type, part.clock, part.warm_up, readers, *_values(part, sample))


def _values(part: Part, sample: Sample | None) -> tuple[str, str]:
    if sample is None:
        return "", number_text(part.value) if part.value is not None else ""
    if sample.last is None:
        return "never", "no rows"
    told = [f"{part.said(each[1])} at {instant_text(each[0])}" for each in (sample.first, sample.last) if each]
    return (told[0], told[1]) if sample.first else ("never", told[0])


def _why(told: Told, symbol: str) -> str:
    when = (
        f"{symbol}, session {session_text(told.session)}, known {instant_text(told.ts)}, row {told.number:,} of {told.of:,}"
    )
    said = [f"<li>{escape(text)}</li>" for text in (*told.sentences, *told.missing, *told.outcomes)]
    before = f"Before ({instant_text(told.before)})" if told.before is not None else "Before"
    tables = [
        table(
            each.name,
            ("Part", "Then", before, "Note"),
            [("\N{NO-BREAK SPACE}" * 3 * line.depth + line.text, line.here, line.before, line.note) for line in each.lines],
        )
        for each in told.sections
    ]
    return section("Why", f'<p class="about">{escape(when)}</p>', '<ul class="remarks">', *said, "</ul>", *tables)


def _order(page: GraphPage) -> str:
    return section("Order of the rules", verbatim("Order of the rules", _rules_told(page)))


def _rules_told(page: GraphPage) -> str:
    """Return how rules follow one another: what the spec's own description says below its first line."""
    return cleandoc(type(page.explained.signal).__doc__ or "").partition("\n\n")[2].replace("`", "")
