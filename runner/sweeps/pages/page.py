"""The page of a sweep: one HTML file that needs no network and no other file.

1. `_header` names the sweep, says what to believe and shows six figures.
2. `_verdict` answers the questions of `checks`, lists every figure with its meaning, and says it all in sentences.
3. Figures: where good lanes lie (`heat_maps`, `slices`, `parallel`), the best against the others (`cloud`), how
   the metric is spread (`spread`), what choosing by the past came to (`cloud`).
4. `sensitivity_section` says what the best lane's result depends on; then the best lanes and the failures.

The page is a function of its input: no clock, no random identifier. Text from outside is made legible, and escaped where it
is written; the only script is that of `brushing`, and the page's policy allows no other.
"""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from runner.report.document import document
from runner.report.figures.figure import Figure
from runner.report.markup import drawing, section, table
from runner.report.measured import counted
from runner.report.sensitivity_page import sensitivity_section
from runner.report.wording import count
from runner.sweeps.pages.account import Item, items_of, sentences_of
from runner.sweeps.pages.apart import rankings_of, told_apart
from runner.sweeps.pages.brushing import SCRIPT
from runner.sweeps.pages.checks import Check, checks_of, headline_of
from runner.sweeps.pages.cloud import cloud_figure, walk_figure
from runner.sweeps.pages.columns import FIRST, LATER, label_of_metric, written
from runner.sweeps.pages.failures import failures_of
from runner.sweeps.pages.heat_maps import heat_maps
from runner.sweeps.pages.judged import Judged
from runner.sweeps.pages.legible import cut, legible
from runner.sweeps.pages.parallel import parallel_figure
from runner.sweeps.pages.slices import slices
from runner.sweeps.pages.spread import spread_figures
from runner.sweeps.pages.style import STYLE

__all__ = ["render"]

MOST_LANES = 100
MOST_RANKINGS = 20
MOST_ERRORS = 50
LONGEST_VALUE = 40
LONGEST_FIGURE = 200
LONG = 20
"""Characters from which on a figure of several words is broken into lines, so that its column stays narrow."""
TILES = ("best_metric", "deflated_sharpe", "overfitting_probability", "walk_rolling_growth", "break_even_bps", "trials")
"""The six figures at the top of the page."""
ANSWERS = {True: ("yes", "yes"), False: ("no", "no"), None: ("can't be told", "about")}
"""Answer → its word, and the class of its colour."""


def render(judged: Judged) -> str:
    """Return the page of a sweep as HTML text, the same bytes for the same input."""
    checks, items = checks_of(judged), items_of(judged)
    name = legible(judged.finished.name)
    found = judged.finished.sensitivity
    return document(
        f"{name} · sweep",
        _header(judged, name, checks, items),
        _verdict(judged, checks, items),
        section("Which values are good together", *heat_maps(judged)),
        section("How broad the top is", *slices(judged)),
        _lanes_drawn(judged),
        section("The best lane among the others", *_drawn([cloud_figure(judged), *spread_figures(judged)])),
        section("Chosen by the past only", *_drawn([walk_figure(judged)])),
        *([] if found is None else [sensitivity_section(found, "What the best lane depends on")]),
        _best(judged),
        _failures(judged),
        style=STYLE,
        script=SCRIPT,
    )


def _header(judged: Judged, name: str, checks: Sequence[Check], items: Sequence[Item]) -> str:
    known = {item.name: item for item in items}
    tiles = "\n".join(f"<div><dt>{escape(known[key].label)}</dt><dd>{escape(known[key].text)}</dd></div>" for key in TILES)
    best = judged.ranking.best
    chosen = f'<p class="about">Best: {escape(judged.lane_text(best))}</p>' if best is not None else ""
    apart = f'<p class="about">{escape(told_apart(judged))}</p>' if judged.is_told_apart else ""
    return "\n".join(
        [
            "<header>",
            f"<h1>{escape(name)}</h1>",
            f'<p class="about">{escape(_about(judged))}</p>',
            f'<p class="judgement">{escape(headline_of(judged, tuple(checks)))}</p>',
            chosen,
            apart,
            f'<dl class="headline">\n{tiles}\n</dl>',
            "</header>",
        ]
    )


def _about(judged: Judged) -> str:
    finished = judged.finished
    done = int(judged.ranking.done.sum())
    failed = judged.ranking.done.size - done
    parts = [
        f"sweep of {counted(judged.ranking.done.size, 'lane')}",
        *([f"{count(failed)} failed"] if failed else []),
        *([f"{count(finished.not_run)} not run"] if finished.not_run else []),
        *([f"{count(judged.lanes)} judged"] if judged.is_told_apart else []),
        f"ranked by {label_of_metric(finished.sweep.metric)}, {finished.sweep.direction}d",
        *([legible(finished.market)] if finished.market else []),
    ]
    return " · ".join(parts)


def _verdict(judged: Judged, checks: Sequence[Check], items: Sequence[Item]) -> str:
    sentences = "".join(f"<li>{escape(each)}</li>" for each in sentences_of(judged))
    words = f'<h3>In full sentences</h3><ul class="words">{sentences}</ul>' if sentences else ""
    return section("What to believe", _checks(checks), _figures(items), words)


def _checks(checks: Sequence[Check]) -> str:
    if not checks:
        return "<p>There is no best lane to ask anything of.</p>"
    rows = []
    for check in checks:
        word, kind = ANSWERS[check.answer]
        rows.append(
            f'<tr><th scope="row">{escape(check.question)}</th><td class="{kind}">{escape(word)}</td>'
            f'<td class="meaning">{escape(check.words)}</td></tr>'
        )
    head = '<tr><th scope="col">Question</th><th scope="col">Answer</th><th scope="col">Why</th></tr>'
    caption = "<caption>Eight questions to ask of the best of many lanes</caption>"
    return f'<table class="results checks">{caption}<thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>'


def _figures(items: Sequence[Item]) -> str:
    rows = []
    for group, members in groupby(items, key=lambda item: item.group):
        rows.append(f'<tbody><tr><th scope="rowgroup" colspan="3">{escape(group)}</th></tr>')
        rows += [
            f'<tr><th scope="row">{escape(item.label)}</th>'
            f'<td class="number{" long" if len(item.text) >= LONG else ""}">{escape(cut(item.text, LONGEST_FIGURE))}</td>'
            f'<td class="meaning">{escape(item.meaning)}</td></tr>'
            for item in members
        ]
        rows.append("</tbody>")
    head = (
        '<thead><tr><th scope="col">Figure</th><th scope="col" class="number">Value</th><th scope="col">Meaning</th></tr>'
        "</thead>"
    )
    caption = "<caption>The figures of verdict.json; Sharpe ratios are a year's</caption>"
    return f'<h3>Every figure and its meaning</h3><table class="results">{caption}{head}{"".join(rows)}</table>'


def _lanes_drawn(judged: Judged) -> str:
    figure = parallel_figure(judged)
    if figure is None:
        return section("All lanes side by side", "<p>There are no lanes to draw.</p>")
    hint = (
        '<p class="about" id="brush-hint" hidden>Drag along an axis to leave the lanes that pass there, click to let all'
        " through again; or move to an axis with the tabulator and use the arrow keys.</p>"
    )
    # Below the figure: what is said grows and shrinks while somebody drags, and must not move the axis under the hand.
    said = '<output id="brushed" aria-live="polite"></output>'
    return section("All lanes side by side", hint, drawing(figure), said)


def _drawn(figures: Sequence[Figure | None]) -> list[str]:
    return [drawing(figure) for figure in figures if figure] or [
        "<p>The record is too short, so there is nothing to draw.</p>"
    ]


def _best(judged: Judged) -> str:
    finished = judged.finished
    rows = _shown_rows(judged)
    keys = [key for key in dict.fromkeys((finished.sweep.metric, *FIRST, *LATER)) if key in finished.results.metrics]
    ranked = ("Ranking",) if judged.is_told_apart else ()
    heads = (*ranked, "Lane", *(scale.name for scale in judged.scales), *map(label_of_metric, keys), "Trial")
    metrics = [written(finished, key, rows) for key in keys]
    cells = [
        (
            *([count(int(judged.ranking.group[row]) + 1)] if judged.is_told_apart else []),
            count(int(finished.results.number[row]) + 1),
            *(cut(scale.labels[at], LONGEST_VALUE) for scale, at in zip(judged.scales, judged.positions[row], strict=True)),
            *(column[place] for column in metrics),
            legible(finished.results.trial[row]),
        )
        for place, row in enumerate(rows)
    ]
    if not cells:
        return section("The best lanes", "<p>No lane was done.</p>")
    first = len(ranked) + 1 + len(judged.scales)
    done = int(judged.ranking.done.sum())
    caption = (
        f"The best {count(len(rows))} of {counted(done, 'lane')} that were done"
        if done > len(rows)
        else "All lanes that were done"
    )
    shown = table(caption, heads, cells, numeric=range(first, first + len(keys)))
    apart = _apart(judged)
    note = "<p>A trial is made into a full run directory by <code>runner materialise</code> and its digits.</p>"
    return section("The best lanes", *apart, note, f'<div class="lanes">{shown}</div>')


def _shown_rows(judged: Judged) -> list[int]:
    """Return the best lanes of each ranking, as many of each; of one ranking all that there is room for."""
    order = judged.ranking.order[judged.ranking.done[judged.ranking.order]]
    most = max(MOST_LANES // len(judged.ranking.footings), 1)
    rows = [order[judged.ranking.group[order] == group][:most] for group in range(len(judged.ranking.footings))]
    return [int(row) for group in rows for row in group.tolist()][:MOST_LANES]


def _apart(judged: Judged) -> list[str]:
    """Return why there are several rankings, and what each is of; nothing where there is one."""
    if not judged.is_told_apart:
        return []
    told = rankings_of(judged)
    listed = "".join(f"<li>{escape(said)}</li>" for said in told[:MOST_RANKINGS])
    left = len(told) - MOST_RANKINGS
    more = [f"<p>and {counted(left, 'more ranking')}.</p>"] if left > 0 else []
    return [f"<p>{escape(told_apart(judged))}</p>", f"<ol>{listed}</ol>", *more]


def _failures(judged: Judged) -> str:
    failures = failures_of(judged.finished)
    if not failures:
        return section("Failures", "<p>No lane failed.</p>")
    rows = [(each.error, count(each.lanes), judged.lane_text(each.first)) for each in failures[:MOST_ERRORS]]
    more = len(failures) - MOST_ERRORS
    rest = [f"<p>and {counted(more, 'other error')}.</p>"] if more > 0 else []
    return section("Failures", table("What lanes failed by", ("Error", "Lanes", "First of them"), rows, numeric=[1]), *rest)
