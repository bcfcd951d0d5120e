"""The report: one HTML file that needs no network, no script and no other file.

1. `_header` names the run, its status and its six headline figures; `scorecard_section` holds it against five mistakes.
2. `session_section` says how a live session went, and what it earned against the backtest of the same hours.
3. `_results` lists every metric with its meaning, `_figures` draws them, months first.
4. `sensitivity_section` says what the result depends on, if that was asked.
5. `_costs`, `_orders`, `risk_section` and `quality_section` say what trading cost, what didn't fill, what was refused and
   what the data were like.
6. `_provenance` and `_spec` say what is needed to get the same result again.

The page is a function of its input: no clock, no random identifier. Text from outside is escaped where it is written.
"""

import shlex
from collections.abc import Mapping
from html import escape
from typing import Any

from runner.report.accounts import costs_table, reasons_table
from runner.report.document import document
from runner.report.figures import closes_of_run, draw_figures
from runner.report.figures.costs import costs_figure
from runner.report.figures.figure import timeline
from runner.report.figures.months import months_table
from runner.report.markup import drawing, facts, section, table, verbatim
from runner.report.measures import GROUPS, HEADLINE, Measure, label_of, shown
from runner.report.page import ReportInput
from runner.report.quality_page import quality_section
from runner.report.risk_page import risk_section
from runner.report.scorecard import scorecard_of
from runner.report.scorecard_page import scorecard_section
from runner.report.sensitivity_page import sensitivity_section
from runner.report.session_end_page import session_section
from runner.report.window import measured_window
from runner.report.wording import UNDEFINED, count, plain

__all__ = ["ReportInput", "render"]

_MOST_NAMES = 12
"""Symbols named under the heading."""

COUNTED = ("orders", "fills", "maker_share", "rejected", "expired", "cancelled", "unfilled", "refusals")
"""Figures of the orders and their fills."""

_FIRST = ("status", "result_digest")
"""What the manifest says that is shown before the rest of it."""


def render(run: ReportInput) -> str:
    """Return the report page of a run as HTML text, the same bytes for the same input."""
    return document(
        f"{run.name} · run report",
        _header(run),
        scorecard_section(scorecard_of(run)),
        *([] if run.session is None else [session_section(run.session)]),
        _results(run),
        _figures(run),
        *([] if run.sensitivity is None else [sensitivity_section(run.sensitivity)]),
        _costs(run),
        _orders(run),
        risk_section(run.spec, run.tables),
        quality_section(run.quality),
        _provenance(run),
        _spec(run),
    )


def _header(run: ReportInput) -> str:
    status = plain(run.manifest.get("status"))
    kind = "status done" if status == "DONE" else "status"
    tiles = "\n".join(
        f"<div><dt>{escape(label_of(key))}</dt><dd>{escape(shown(run.metrics, key))}</dd></div>" for key in HEADLINE
    )
    return "\n".join(
        [
            "<header>",
            f"<h1>{escape(run.name)}</h1>",
            f'<p class="about"><span class="{kind}">{escape(status)}</span> · {escape(_about(run))}</p>',
            f'<dl class="headline">\n{tiles}\n</dl>',
            *_remarks(run),
            "</header>",
        ]
    )


def _remarks(run: ReportInput) -> list[str]:
    """Return what must be known beside the figures, nothing if there is nothing."""
    items = [f"<li>{escape(plain(remark))}</li>" for remark in run.manifest.get("remarks", [])]
    return ['<ul class="remarks">', *items, "</ul>"] if items else []


def _about(run: ReportInput) -> str:
    """Return mode, measured dates and symbols in one line."""
    start, end = run.metrics.get("start"), run.metrics.get("end")
    stretch = f"{start} to {end}" if start and end else "nothing measured"
    names = ", ".join(run.symbols[:_MOST_NAMES])
    more = len(run.symbols) - _MOST_NAMES
    return f"{run.spec.mode.kind} · {stretch} · {names}{f' and {count(more)} more' if more > 0 else ''}"


def _results(run: ReportInput) -> str:
    rows = []
    for group, measures in GROUPS:
        rows += [
            "<tbody>",
            f'<tr><th scope="rowgroup" colspan="3">{escape(group)}</th></tr>',
            *(_measure(run, measure) for measure in measures),
            "</tbody>",
        ]
    return section(
        "Results",
        '<table class="results"><caption>Figures of the measured sessions; money is in quote currency</caption>',
        '<thead><tr><th scope="col">Figure</th><th scope="col" class="number">Value</th>'
        '<th scope="col">Meaning</th></tr></thead>',
        *rows,
        "</table>",
    )


def _measure(run: ReportInput, measure: Measure) -> str:
    return (
        f'<tr><th scope="row">{escape(measure.label)}</th><td class="number">{escape(shown(run.metrics, measure.key))}</td>'
        f'<td class="meaning">{escape(measure.meaning)}</td></tr>'
    )


def _figures(run: ReportInput) -> str:
    figures = draw_figures(run)
    if not figures:
        return section("Figures", "<p>The run has no bars, so there is nothing to draw.</p>")
    months = months_table(closes_of_run(run))
    return section("Figures", *([f"<h3>Months</h3>\n{months}"] if months else []), *map(drawing, figures))


def _costs(run: ReportInput) -> str:
    window = measured_window(run.tables.equity, capital=run.spec.capital)
    note = "<p>Slippage is already in the prices of the fills; fees and financing are not.</p>"
    time = timeline(run.tables.equity)
    figure = None if time is None else costs_figure(run.tables, time)
    return section("Costs", note, costs_table(run.tables, window), *([] if figure is None else [drawing(figure)]))


def _orders(run: ReportInput) -> str:
    window = measured_window(run.tables.equity, capital=run.spec.capital)
    reasons = reasons_table(run.tables, window)
    nothing = "<p>Every order was filled, and none refused.</p>"
    rows = [(label_of(key), shown(run.metrics, key)) for key in COUNTED]
    return section("Orders", table("Orders and fills", ("Item", "Value"), rows, numeric=[1]), reasons or nothing)


def _provenance(run: ReportInput) -> str:
    known = {key: run.manifest[key] for key in _FIRST if key in run.manifest}
    values = _there({**known, "spec_hash": run.spec.hash, "seed": run.spec.seed, **run.manifest})
    if "timings" in values:
        values["timings_in_seconds"] = values.pop("timings")
    if isinstance(values.get("argv"), list | tuple):
        values["argv"] = shlex.join(str(word) for word in values["argv"])
    return section("Provenance", *facts("What was run, and with what", values, write=_verbatim))


def _there(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values without those that there are none of: the report is written before the run has finished, say."""
    inner = {key: _there(value) if isinstance(value, Mapping) else value for key, value in values.items()}
    return {key: value for key, value in inner.items() if value is not None}


def _verbatim(value: Any) -> str:
    """Return a value as it would be typed: a seed or a process number has no thousands separators."""
    return plain(value) if value is None or isinstance(value, bool) else str(value) or UNDEFINED


def _spec(run: ReportInput) -> str:
    note = "<p>Every value that decided the result, defaults written out.</p>"
    return section("Spec", note, verbatim("Spec", run.spec_yaml))
