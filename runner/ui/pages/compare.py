"""Several runs side by side: what was asked for differently, their figures, their curves in one plot, their verdicts.

What differs and what that touches is what `runner compare` says of it; here runs may be unfinished, and files unreadable.
"""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import chain
from pathlib import Path

from runner.archive.index import Entry
from runner.launch.compare import asked_differently
from runner.report.columns import numbers
from runner.report.markup import drawing, scrolling, section
from runner.report.measures import GROUPS, shown
from runner.report.overlay import Side, overlay_figure
from runner.report.scorecard_page import WORDS
from runner.report.wording import UNDEFINED
from runner.strict_yaml import read
from runner.ui.frame import framed
from runner.ui.message import Response
from runner.ui.pages.run import curve_of, scorecard_in, text_of
from runner.ui.pages.runs import called, viewed

__all__ = ["MOST_RUNS", "compare_page"]

MOST_RUNS = 6
"""Runs that fit side by side and have a line of their own."""

Compared = Sequence[tuple[Entry, Path]]


def compare_page(runs: Compared, asked: int) -> Response:
    """Return the page; `asked` is how many were asked for, of which some may not be there or be too many."""
    if len(runs) < 2:
        return framed(
            "Compare",
            "<h1>Compare runs</h1>",
            "<p>Tick two to six runs in the <a href='/'>list of runs</a>, then press “Compare what is ticked”.</p>",
        )
    left_out = asked - len(runs)
    return framed(
        "Compare",
        "<h1>Compare runs</h1>",
        f"<p>{escape(f'{left_out} of those asked for are left out: {MOST_RUNS} fit, and only runs that are there.')}</p>"
        if left_out > 0
        else "",
        section("What was asked", _specs(runs)),
        section("What came out", _metrics(runs)),
        section("Curves", _curves(runs)),
        section("Five classic mistakes", _verdicts(runs)),
    )


def _specs(runs: Compared) -> str:
    values = [read(text_of(folder / "spec.yaml"), "spec.yaml").value for _, folder in runs]
    found = asked_differently(values)
    if not found.changes:
        return "<p>Their specs are the same in every value.</p>"
    rows = [(change.key, [*change.values, change.effect]) for change in found.changes]
    table = _table("Values that differ, of all that decide a result", runs, rows, is_number=False, last="Touches")
    return f"{table}<p>{escape(found.told)}</p>"


def _metrics(runs: Compared) -> str:
    rows = []
    for _, group in GROUPS:
        for measure in group:
            cells = [shown(dict(entry.metrics), measure.key) for entry, _ in runs]
            rows.append((measure.label, cells))
    return _table("Figures; rows that differ are shaded", runs, rows, is_number=True)


def _verdicts(runs: Compared) -> str:
    cards = [{row.mistake: row for row in scorecard_in(folder)} for _, folder in runs]
    names = dict.fromkeys(chain.from_iterable(cards))
    rows = [
        (name.capitalize(), [WORDS[card[name].verdict] if name in card else UNDEFINED for card in cards]) for name in names
    ]
    return _table("Verdicts", runs, rows, is_number=False) if rows else "<p>None of these runs was judged.</p>"


def _table(
    caption: str, runs: Compared, rows: Sequence[tuple[str, Sequence[str]]], *, is_number: bool, last: str = ""
) -> str:  # fmt: skip
    is_whole = len({called(entry) for entry, _ in runs}) < len(runs)
    heads = "".join(f'<th scope="col">{viewed(entry, is_whole=is_whole)}</th>' for entry, _ in runs)
    heads += f'<th scope="col">{escape(last)}</th>' if last else ""
    kind = ' class="number"' if is_number else ""
    body = "".join(
        f'<tr{" class=differs" if len(set(cells[: len(runs)])) > 1 else ""}><th scope="row">{escape(name)}</th>'
        + "".join(f"<td{kind}>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, cells in rows
    )
    return scrolling(
        caption,
        f'<table><caption>{escape(caption)}</caption><thead><tr><th scope="col">Item</th>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table>",
    )


def _curves(runs: Compared) -> str:
    figure = overlay_figure(list(_sides(runs)))
    return "<p>None of these runs has a curve.</p>" if figure is None else drawing(figure)


def _sides(runs: Compared) -> Iterator[Side]:
    for entry, folder in runs:
        equity = curve_of(folder)
        capital = 0.0 if equity is None else float(numbers(equity, "equity")[0])
        if capital > 0.0:
            yield Side(entry.id, equity, capital)
