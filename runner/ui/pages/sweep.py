"""One sweep: its verdict, two of its axes as a map, and its lanes, filtered and sorted by the address alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import ceil, isfinite
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from runner.archive.index import Entry
from runner.report.figures.months import STEPS
from runner.report.markup import scrolling, section
from runner.report.wording import count, plain
from runner.sweeps.pages.columns import label_of_metric, value_text
from runner.sweeps.pages.scales import short_name
from runner.ui.frame import framed, link, option
from runner.ui.message import Request, Response
from runner.ui.pages.run import json_of
from runner.ui.pages.runs import state
from runner.ui.trials import Trials, gathered, kept, number_of, ordered, shown_column

__all__ = ["sweep_page"]

PER_PAGE = 100
MOST_MAP = 40
"""Values of an axis that a map shows."""
MOST_CHOICES = 60
"""Values of an axis that can be chosen from."""
SHOWN = ("sharpe", "total_return", "max_drawdown", "trades", "calmar", "turnover")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for, of what there is."""

    x: str
    y: str
    metric: str
    is_best: bool
    by: str
    is_up: bool
    page: int
    words: str
    wanted: Mapping[str, str]

    def fields(self, entry: Entry, **changes: str) -> dict[str, str]:
        own = {"id": entry.id, "x": self.x, "y": self.y, "metric": self.metric, "how": "best" if self.is_best else "mean"}
        own |= {"by": self.by, "up": "1" if self.is_up else "", "q": self.words, "page": str(self.page) if self.page else ""}
        own |= {f"axis.{axis}": value for axis, value in self.wanted.items()}
        return {name: value for name, value in {**own, **changes}.items() if value}


def sweep_page(request: Request, entry: Entry, folder: Path, trials: Trials | None) -> Response:
    """Return the page of a sweep; without a table of lanes what is known of it."""
    head = [
        f"<h1>{escape(entry.id)}</h1>",
        f'<p class="about">{state(entry.status)} · {escape(_about(entry))}</p>',
        *([f'<p class="judgement">{escape(entry.headline)}</p>'] if entry.headline else []),
        *([f'<p class="halted">{escape(entry.error)}</p>'] if entry.error else []),
        *_apart(folder),
        _actions(entry, folder),
    ]
    if trials is None or not trials.rows:
        return framed(entry.id, *head, "<p>There is no table of lanes yet: it is written when the sweep ends.</p>")
    asked = _asked(request, trials, json_of(folder / "sweep.json"))
    rows = kept(trials, asked.wanted, asked.words)
    return framed(
        entry.id, *head, _filter(entry, trials, asked), _map(trials, rows, asked), _lanes(entry, trials, rows, asked)
    )


def _about(entry: Entry) -> str:
    lanes = f"sweep of {count(entry.lanes)} lanes" if entry.lanes else "sweep"
    return " · ".join([lanes, entry.created[:19].replace("T", " ") + " UTC", *(f"#{tag}" for tag in entry.tags)])


def _actions(entry: Entry, folder: Path) -> str:
    if not (folder / "sweep.html").is_file():
        return ""
    return f'<div class="actions">{link("/report", "Verdict and all figures of the sweep", id=entry.id)}</div>'


def _apart(folder: Path) -> list[str]:
    """Return why some lanes can't be ranked against others, as the verdict has it; nothing where they all can."""
    said = json_of(folder / "verdict.json").get("ranked_apart_since")
    return [f'<p class="about">{escape(said)}</p>'] if isinstance(said, str) and said else []


def _asked(request: Request, trials: Trials, facts: Mapping[str, Any]) -> _Asked:
    sweep = facts.get("sweep")
    ranked = str(facts.get("metric") or (sweep.get("metric") if isinstance(sweep, dict) else "") or "sharpe")
    metrics = trials.metrics
    metric = _one_of(request.one("metric"), metrics, ranked if ranked in metrics else next(iter(metrics), "lane"))
    varied = [axis for axis in trials.axes if np.unique(trials.columns[axis]).size > 1] or list(trials.axes)
    first, second = (varied[place] if len(varied) > place else (varied[0] if varied else "") for place in (0, 1))
    page = request.one("page")
    wanted = {key.removeprefix("axis."): value for key, value in request.fields if key.startswith("axis.") and value}
    return _Asked(
        x=_one_of(request.one("x"), trials.axes, first),
        y=_one_of(request.one("y"), trials.axes, second),
        metric=metric,
        is_best=request.one("how") == "best",
        by=_one_of(request.one("by"), tuple(trials.columns), metric),
        is_up=request.one("up") == "1",
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 0,
        words=request.one("q")[:200],
        wanted={axis: value for axis, value in wanted.items() if axis in trials.axes},
    )


def _one_of(text: str, known: Sequence[str], otherwise: str) -> str:
    return text if text in known else otherwise


def _filter(entry: Entry, trials: Trials, asked: _Asked) -> str:
    def choice(name: str, label: str, values: Sequence[str], chosen: str) -> str:
        options = "".join(option(value, _called(trials, value), is_chosen=value == chosen) for value in values)
        return f'<label>{escape(label)} <select name="{escape(name)}">{options}</select></label>'

    axes = "".join(_axis_choice(trials, axis, asked.wanted.get(axis, "")) for axis in trials.axes)
    maps = "".join(
        [
            choice("x", "Across", trials.axes, asked.x),
            choice("y", "Down", trials.axes, asked.y),
            choice("metric", "Figure", trials.metrics, asked.metric),
            choice("how", "Where several lanes meet", ("mean", "best"), "best" if asked.is_best else "mean"),
        ]
    )
    by = choice("by", "Lanes sorted by", ("lane", *trials.axes, *trials.metrics), asked.by)
    return (
        '<form class="filter" action="/sweep" method="get" role="search">'
        f'<input type="hidden" name="id" value="{escape(entry.id)}">{maps if trials.axes else ""}{axes}{by}'
        f'<label>Smallest first <input type="checkbox" name="up" value="1"{" checked" if asked.is_up else ""}></label>'
        f'<label>Words in a lane <input name="q" value="{escape(asked.words)}" autocomplete="off"></label>'
        f"<button>Show</button></form>"
    )


def _axis_choice(trials: Trials, axis: str, chosen: str) -> str:
    values = np.unique(shown_column(trials.columns[axis])).tolist()
    if len(values) > MOST_CHOICES:
        return ""
    options = option("", "any", is_chosen=not chosen) + "".join(option(v, v, is_chosen=v == chosen) for v in values)
    name = escape(_called(trials, axis))
    return f'<label title="{escape(axis)}">{name} <select name="axis.{escape(axis)}">{options}</select></label>'


def _called(trials: Trials, column: str) -> str:
    """Return what an axis, a metric or another column is called; a word that chooses how by itself."""
    if column in trials.axes:
        return short_name(column, trials.axes)
    return label_of_metric(column) if column in trials.metrics else column


def _map(trials: Trials, rows: NDArray[np.intp], asked: _Asked) -> str:
    if not trials.axes:
        return ""
    grid = gathered(trials, rows, asked.x, asked.y, asked.metric, is_best=asked.is_best)
    if grid is None or len(grid.rows) > MOST_MAP or len(grid.columns) > MOST_MAP:
        return section("Map", "<p>An axis has too many values for a map, or no lane matches: choose others.</p>")
    if asked.x == asked.y:
        # One axis against itself has lanes on its diagonal alone: it is a row.
        grid = replace(grid, rows=[_called(trials, asked.metric)], values=np.diagonal(grid.values)[np.newaxis])
    known = grid.values[np.isfinite(grid.values)]
    most = float(np.abs(known).max()) if known.size else 0.0
    body = "".join(
        f'<tr><th scope="row">{escape(side)}</th>{"".join(_cell(asked.metric, float(value), most) for value in values)}</tr>'
        for side, values in zip(grid.rows, grid.values, strict=True)
    )
    heads = "".join(f'<th scope="col" class="number">{escape(head)}</th>' for head in grid.columns)
    how = "The highest" if asked.is_best else "Mean"
    across, down = _called(trials, asked.x), _called(trials, asked.y)
    axes = across if asked.x == asked.y else f"{down} (down) and {across} (across)"
    corner = "Figure" if asked.x == asked.y else f"{down} ↓ {across} →"
    caption = f"{how} {_called(trials, asked.metric)} by {axes}; the stronger the shade, the larger"
    table = (
        f'<table class="grid-map"><caption>{escape(caption)}</caption>'
        f'<thead><tr><th scope="col">{escape(corner)}</th>{heads}</tr></thead><tbody>{body}</tbody></table>'
    )
    return section("Map", scrolling("Map", table))


def _cell(metric: str, value: float, most: float) -> str:
    if not isfinite(value):
        return "<td></td>"
    step = round(STEPS * abs(value) / most) if most > 0 else 0
    kind = f' class="{"up" if value > 0 else "down"}-{step}"' if step else ""
    return f"<td{kind}>{escape(value_text(metric, value))}</td>"


def _lanes(entry: Entry, trials: Trials, rows: NDArray[np.intp], asked: _Asked) -> str:
    order = ordered(trials, rows, asked.by, is_up=asked.is_up)
    some = order[asked.page * PER_PAGE : (asked.page + 1) * PER_PAGE]
    figures = [name for name in dict.fromkeys((asked.metric, *SHOWN)) if name in trials.metrics]
    names = ["lane", *trials.axes, *figures]
    heads = "".join(_head(entry, trials, name, asked) for name in names)
    cells = {name: trials.columns[name][some] for name in (*names, "trial", "status", "error")}
    body = "".join(_lane(cells, names, trials.axes, at) for at in range(some.size))
    about = f"{count(rows.size)} of {count(trials.rows)} lanes match"
    note = "<p>A lane becomes a full run by <code>runner materialise</code> and the digits of its trial.</p>"
    table = (
        '<table class="list"><caption>Values and figures of each lane; the head of a column sorts by it</caption>'
        f'<thead><tr>{heads}<th scope="col">Trial</th><th scope="col">Status</th></tr></thead><tbody>{body}</tbody></table>'
    )
    pager = _pager(entry, asked, rows.size)
    return section("Lanes", f'<p role="status">{about}.</p>', note, scrolling("Lanes", table), pager)


def _head(entry: Entry, trials: Trials, name: str, asked: _Asked) -> str:
    is_own = asked.by == name
    turned = "1" if is_own and not asked.is_up else ""
    where = escape(f"/sweep?{urlencode(asked.fields(entry, by=name, up=turned, page=''))}")
    sort = f' aria-sort="{"ascending" if asked.is_up else "descending"}"' if is_own else ""
    label = escape(_called(trials, name))
    sign = (" ▲" if asked.is_up else " ▼") if is_own else ""
    look = "" if name in trials.axes else " class=number"
    return f'<th scope="col" title="{escape(name)}"{look}{sort}><a href="{where}">{label}{sign}</a></th>'


def _lane(cells: Mapping[str, Any], names: Sequence[str], axes: Sequence[str], at: int) -> str:
    parts = []
    for name in names:
        column = cells[name]
        if name == "lane":
            parts.append(f'<th scope="row" class="number">{count(int(column[at]))}</th>')
        elif name in axes:
            parts.append(f"<td>{escape(str(shown_column(column[at : at + 1])[0])[:80])}</td>")
        else:
            value = float(number_of(column[at : at + 1])[0])
            told = count(value) if column.dtype.kind in "iu" else value_text(name, value)
            parts.append(f'<td class="number">{escape(told)}</td>')
    error = str(cells["error"][at])
    end = state(str(cells["status"][at])) + (f" {escape(plain(error)[:120])}" if error else "")
    return (
        f"<tr>{''.join(parts)}<td><code>{escape(str(cells['trial'][at])[:16])}</code></td><td class='words'>{end}</td></tr>"
    )


def _pager(entry: Entry, asked: _Asked, found: int) -> str:
    pages = ceil(found / PER_PAGE)
    if pages <= 1:
        return ""
    before = link("/sweep", "Earlier page", **asked.fields(entry, page=str(asked.page - 1))) if asked.page else ""
    after = link("/sweep", "Next page", **asked.fields(entry, page=str(asked.page + 1))) if asked.page + 1 < pages else ""
    told = f"<span>Page {count(asked.page + 1)} of {count(pages)}</span>"
    return f'<nav class="pager" aria-label="Pages of the list">{before}{told}{after}</nav>'
