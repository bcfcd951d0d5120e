"""Several runs side by side: what differs in their specs, their figures against the first, and their curves in one plot."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from runner.archive.index import Entry
from runner.report.columns import numbers, stamps
from runner.report.downsample import kept_points
from runner.report.figures.figure import Timeline, drawn, padded, plot
from runner.report.markup import drawing, section
from runner.report.measures import GROUPS, shown
from runner.report.scorecard_page import WORDS
from runner.report.svg import Canvas, baseline, dates, document, grid, line
from runner.report.wording import UNDEFINED, plain
from runner.strict_yaml import key_text, read
from runner.ui.frame import framed
from runner.ui.message import Response
from runner.ui.pages.run import curve_of, scorecard_in, text_of
from runner.ui.pages.runs import viewed

__all__ = ["MOST_RUNS", "compare_page", "leaves_of"]

MOST_RUNS = 6
"""Runs that fit side by side and have a line of their own."""
ABSENT = "—"

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


def leaves_of(value: Any, path: tuple[str | int, ...] = ()) -> dict[str, str]:
    """Return key path → text of every plain value of a spec."""
    if isinstance(value, Mapping) and value:
        return dict(chain.from_iterable(leaves_of(inner, (*path, str(key))).items() for key, inner in value.items()))
    text = "" if value in ({}, []) else ", ".join(map(plain, value)) if isinstance(value, list) else plain(value)
    return {key_text(path): text or ABSENT}


def _specs(runs: Compared) -> str:
    found = [leaves_of(read(text_of(folder / "spec.yaml"), "spec.yaml").value) for _, folder in runs]
    keys = dict.fromkeys(chain.from_iterable(found))
    rows = [(key, [each.get(key, ABSENT) for each in found]) for key in keys]
    differing = [(key, cells) for key, cells in rows if len(set(cells)) > 1]
    if not differing:
        return "<p>Their specs are the same in every value.</p>"
    return _table("Values that differ, of all that decide a result", runs, differing, is_number=False)


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


def _table(caption: str, runs: Compared, rows: Sequence[tuple[str, Sequence[str]]], *, is_number: bool) -> str:
    heads = "".join(f'<th scope="col">{viewed(entry)}</th>' for entry, _ in runs)
    kind = ' class="number"' if is_number else ""
    body = "".join(
        f'<tr{" class=differs" if len(set(cells)) > 1 else ""}><th scope="row">{escape(name)}</th>'
        + "".join(f"<td{kind}>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, cells in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table><caption>{escape(caption)}'
        f'</caption><thead><tr><th scope="col">Item</th>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _curves(runs: Compared) -> str:
    curves = [(entry.id, curve_of(folder)) for entry, folder in runs]
    known = [(name, equity) for name, equity in curves if equity is not None and numbers(equity, "equity")[0] > 0]
    if not known:
        return "<p>None of these runs has a curve.</p>"
    lines = [(stamps(equity, "ts"), numbers(equity, "equity") / numbers(equity, "equity")[0]) for _, equity in known]
    time = Timeline(min(int(ts[0]) for ts, _ in lines), max(int(ts[-1]) for ts, _ in lines), None)
    low, high = min(float(np.min(values)) for _, values in lines), max(float(np.max(values)) for _, values in lines)
    told = "; ".join(f"{name} ends at {float(values[-1]):.3f}" for (name, _), (_, values) in zip(known, lines, strict=True))

    def draw(canvas: Canvas) -> str:
        frame = plot(canvas, time, *padded(min(low, 1.0), max(high, 1.0)))
        shapes = [grid(frame), baseline(frame, 1.0)]
        for number, (ts, values) in enumerate(lines):
            kept = kept_points(values, limit=canvas.points)
            shapes.append(line(frame, ts[kept], values[kept], name=f"line-{number}"))
        shapes.append(dates(frame))
        return document(canvas, key="curves", title="Equity of the runs", description=told, body=shapes)

    names = ", ".join(f"{name} ({_dash(number)})" for number, (name, _) in enumerate(known))
    caption = f"Equity, each as a multiple of what it started from: {names}. {told}."
    return drawing(drawn("Equity of the runs", caption, draw))


def _dash(number: int) -> str:
    return ("whole line, blue", "long dashes", "short dashes", "dashes and dots", "whole line, amber", "even dashes")[number]
