"""The list of everything below the folder of runs: filtered, sorted and paged by its address alone."""

from collections.abc import Sequence
from html import escape
from math import ceil
from urllib.parse import urlencode

from runner.archive.index import Entry
from runner.report.markup import scrolling
from runner.report.measures import label_of
from runner.report.wording import UNDEFINED, change, count, ratio
from runner.ui.entries import Entries
from runner.ui.frame import framed, link, option
from runner.ui.listing import COLUMNS, KINDS, PER_PAGE, STATES, Choice, choice_of, matching, ordered, page_of
from runner.ui.message import Request, Response

__all__ = ["called", "runs_page", "state", "viewed"]

WORDS = {"created": "Started", "name": "Name", "kind": "Kind", "status": "Status"}
FIGURES = {"total_return": change, "sharpe": ratio, "max_drawdown": change, "trades": count}
LOOKS = {"DONE": "good", "RUNNING": "busy", "INTERRUPTED": "busy", "FAILED": "bad", "UNREADABLE": "bad"}
LONGEST = 140
"""Signs of notes and verdicts that a row shows."""
PATHS = {"run": "/run", "sweep": "/sweep", "session": "/session"}


def runs_page(request: Request, entries: Entries) -> Response:
    """Return the list that the address asks for."""
    choice, everything = choice_of(request), entries.all()
    found = ordered(matching(everything, choice), choice)
    if not everything:
        return framed("Runs", "<h1>Runs</h1>", _welcome(entries), here="/")
    return framed(
        "Runs",
        "<h1>Runs</h1>",
        f'<p class="about">Everything below <code>{escape(str(entries.runs))}</code>: runs, sweeps and live sessions.</p>',
        _filter(choice),
        f'<p role="status">{count(len(found))} of {count(len(everything))} match.</p>',
        _table(page_of(found, choice), choice) if found else "<p>Nothing matches. Take words out of the filter.</p>",
        _pager(choice, len(found)),
        here="/",
    )


def called(entry: Entry) -> str:
    """Return what a run is called where it stands beside others: its name, and what tells its spec from others."""
    return f"{entry.name} {entry.id.rpartition('/')[2].partition('-')[2]}".strip()


def viewed(entry: Entry, *, is_whole: bool = False) -> str:
    """Return a link to the page of an entry; a session that is over is a run like any other.

    Args:
        entry: The entry.
        is_whole: Whether to show its stamp as well: runs of one spec are called the same.
    """
    path = PATHS["run" if entry.kind == "session" and entry.status == "DONE" else entry.kind]
    stamp = entry.id.rpartition("/")[2]
    whole = f"{entry.name} {stamp}"
    return link(
        path, whole if is_whole else called(entry), told="" if is_whole else f"{called(entry)}, {stamp}", id=entry.id
    )


def state(status: str) -> str:
    """Return a status, in the colour of its meaning."""
    return f'<span class="state {LOOKS.get(status, "busy")}">{escape(status)}</span>'


def _welcome(entries: Entries) -> str:
    folder = escape(str(entries.runs))
    return (
        f"<p>There is nothing below <code>{folder}</code> yet. {link('/launch', 'Start a run')} here, or write"
        " <code>runner</code> in a terminal: it tests the strategy that comes with Runner on real prices.</p>"
    )


def _filter(choice: Choice) -> str:
    kinds = "".join(option(kind, kind or "every kind", is_chosen=kind == choice.kind) for kind in KINDS)
    states = "".join(option(each, each or "every status", is_chosen=each == choice.status) for each in STATES)
    orders = "".join(option(each, _name(each), is_chosen=each == choice.by) for each in COLUMNS)
    return (
        '<form class="filter" action="/" method="get" role="search">'
        f'<label>Words in name, tags or notes <input name="q" value="{escape(choice.words)}" autocomplete="off"></label>'
        f'<label>Kind <select name="kind">{kinds}</select></label>'
        f'<label>Status <select name="status">{states}</select></label>'
        f'<label>Sorted by <select name="by">{orders}</select></label>'
        f'<label>Smallest first <input type="checkbox" name="up" value="1"{" checked" if choice.is_up else ""}></label>'
        "<button>Show</button></form>"
    )


def _table(entries: Sequence[Entry], choice: Choice) -> str:
    rows = "".join(map(_row, entries))
    heads = "".join(_head(column, choice) for column in COLUMNS)
    table = (
        '<table class="list"><caption>Tick several runs and compare them side by side</caption>'
        f'<thead><tr><th scope="col">Compare</th>{heads}<th scope="col">Notes</th></tr></thead><tbody>{rows}</tbody></table>'
    )
    button = '<div class="actions"><button>Compare what is ticked</button></div>'
    return f'<form action="/compare" method="get">{scrolling("Runs", table)}{button}</form>'


def _head(column: str, choice: Choice) -> str:
    is_own = choice.by == column
    sort = f' aria-sort="{"ascending" if choice.is_up else "descending"}"' if is_own else ""
    turned = "" if is_own and choice.is_up else "1" if is_own else ""
    kind = ' class="number"' if column in FIGURES else ""
    where = escape(f"/?{urlencode(choice.fields(by=column, up=turned, page=''))}")
    sign = (" ▲" if choice.is_up else " ▼") if is_own else ""
    return f'<th scope="col"{kind}{sort}><a href="{where}">{escape(_name(column))}{sign}</a></th>'


def _name(column: str) -> str:
    return WORDS.get(column) or label_of(column)


def _row(entry: Entry) -> str:
    tick = (
        f'<input type="checkbox" name="id" value="{escape(entry.id)}" aria-label="Compare {escape(entry.id)}">'
        if entry.kind != "sweep" and entry.status == "DONE"
        else ""
    )
    figures = "".join(f'<td class="number">{escape(_figure(entry, name))}</td>' for name in FIGURES)
    about = entry.kind + (f" of {count(entry.lanes)} lanes" if entry.lanes else f", {entry.mode}" if entry.mode else "")
    said = " · ".join(filter(None, (*(f"#{tag}" for tag in entry.tags), *entry.notes[-1:], entry.headline, entry.error)))
    return (
        f'<tr><td>{tick}</td><td>{escape(entry.created[:19].replace("T", " "))}</td><th scope="row">{viewed(entry)}</th>'
        f"<td>{escape(about)}</td><td>{state(entry.status)}</td>{figures}"
        f'<td class="words">{escape(said[:LONGEST])}</td></tr>'
    )


def _figure(entry: Entry, name: str) -> str:
    value = entry.metrics.get(name)
    return FIGURES[name](float(value)) if isinstance(value, int | float) else "" if entry.kind == "sweep" else UNDEFINED


def _pager(choice: Choice, found: int) -> str:
    pages = ceil(found / PER_PAGE)
    if pages <= 1:
        return ""
    before = link("/", "Earlier page", **choice.fields(page=str(choice.page - 1))) if choice.page > 0 else ""
    after = link("/", "Next page", **choice.fields(page=str(choice.page + 1))) if choice.page + 1 < pages else ""
    told = f"<span>Page {count(choice.page + 1)} of {count(pages)}</span>"
    return f'<nav class="pager" aria-label="Pages of the list">{before}{told}{after}</nav>'
