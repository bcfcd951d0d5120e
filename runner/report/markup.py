"""Tables and figures of a page. Every cell is escaped here, so nothing that comes in as text can become markup."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from runner.report.figures.figure import Figure

__all__ = ["drawing", "facts", "scrolling", "section", "table", "verbatim", "worded"]

_LONGEST = 10_000
"""Characters of one value that are shown; the whole is in the run directory's own files."""

Row = Sequence[str]


def section(heading: str, *parts: str) -> str:
    """Return a section under a second-level heading; the parts are finished HTML."""
    return "\n".join(["<section>", f"<h2>{escape(heading)}</h2>", *parts, "</section>"])


def drawing(figure: Figure) -> str:
    """Return a figure under a third-level heading, with its caption."""
    caption = f"<figcaption>{escape(figure.caption)}</figcaption>"
    return "\n".join([f"<h3>{escape(figure.heading)}</h3>", "<figure>", *figure.drawings, caption, "</figure>"])


def scrolling(name: str, inside: str, *, look: str = "scroll") -> str:
    """Return finished HTML in a box that scrolls sideways where it is too wide, also by the keys of whoever uses no mouse.

    Args:
        name: what is in it, told to whoever can't see it.
        inside: finished HTML.
        look: the box's class.
    """
    return f'<div class="{look}" tabindex="0" role="region" aria-label="{escape(name)}">{inside}</div>'


def verbatim(name: str, text: str) -> str:
    """Return text line by line as it is, in a box that scrolls where it is too large; `name` as in `scrolling`."""
    return f'<pre tabindex="0" role="region" aria-label="{escape(name)}"><code>{escape(text)}</code></pre>'


def table(caption: str, head: Row, rows: Sequence[Row], *, numeric: Sequence[int] = (), total: Row = ()) -> str:
    """Return a table; the first cell of a row names it.

    Args:
        caption: what the table holds.
        head: names of the columns.
        rows: cells as plain text.
        numeric: indices of the columns that hold numbers.
        total: a last row that sums the others up.
    """
    lines = [
        f"<table><caption>{escape(caption)}</caption>",
        f"<thead>{_row(head, numeric, is_head=True)}</thead>",
        "<tbody>",
        *(_row(row, numeric) for row in rows),
        "</tbody>",
        *([f"<tfoot>{_row(total, numeric)}</tfoot>"] if total else []),
        "</table>",
    ]
    return scrolling(caption, "\n".join(lines))


def facts(caption: str, values: Mapping[str, Any], *, write: Callable[[Any], str]) -> list[str]:
    """Return tables of a JSON mapping: one of its plain values, then one for each value that has an inner shape.

    Args:
        caption: what the mapping is about.
        values: JSON values by name. A list of mappings, or a mapping of mappings, becomes a table with a column per key.
        write: turns a plain value into text.
    """
    simple = [(worded(key), _cell(value, write)) for key, value in values.items() if not _has_shape(value)]
    first = [table(caption, ("Item", "Value"), simple)] if simple else []
    shaped = [(key, value) for key, value in values.items() if _has_shape(value)]
    return first + [_shaped(worded(key), value, write) for key, value in shaped]


def worded(key: str) -> str:
    """Return a key as the start of a sentence: `result_digest` is `Result digest`."""
    text = key.replace("_", " ")
    return text[:1].upper() + text[1:]


def _has_shape(value: object) -> bool:
    """Return whether a value needs a table of its own."""
    return (isinstance(value, Mapping) and bool(value)) or _is_records(value)


def _is_records(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _shaped(caption: str, value: Any, write: Callable[[Any], str]) -> str:
    if _is_records(value):
        return _records(caption, [("", item) for item in value], write)
    if all(isinstance(item, Mapping) for item in value.values()):
        return _records(caption, list(value.items()), write)
    return table(caption, ("Item", "Value"), [(str(key), _cell(item, write)) for key, item in value.items()])


def _records(caption: str, items: Sequence[tuple[str, Mapping[str, Any]]], write: Callable[[Any], str]) -> str:
    """Return a table with a column per key, and a first one for the items' names if they have any."""
    keys = list(dict.fromkeys(key for _, item in items for key in item))
    named = any(name for name, _ in items)
    rows = [([name] if named else []) + [_cell(item.get(key, ""), write) for key in keys] for name, item in items]
    head = (["Name"] if named else []) + [worded(key) for key in keys]
    numeric = [index + named for index, key in enumerate(keys) if all(_is_number(item.get(key)) for _, item in items)]
    return table(caption, head, rows, numeric=numeric)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: Any, write: Callable[[Any], str]) -> str:
    """Return a value as the text of one cell: a list line by line, a mapping as `key: value`, long text cut with a note."""
    if isinstance(value, list | tuple):
        text = "\n".join(_cell(item, write) for item in value) or "none"
    elif isinstance(value, Mapping):
        text = ", ".join(f"{key}: {_cell(item, write)}" for key, item in value.items()) or "none"
    else:
        text = write(value)
    rest = len(text) - _LONGEST
    return text if rest <= 0 else f"{text[:_LONGEST]}\n… and {rest:,} more characters"


def _row(cells: Row, numeric: Sequence[int], *, is_head: bool = False) -> str:
    scope = "col" if is_head else "row"
    parts = []
    for index, cell in enumerate(cells):
        kind = ' class="number"' if index in numeric else ""
        parts.append(
            f'<th scope="{scope}"{kind}>{escape(cell)}</th>' if is_head or index == 0 else f"<td{kind}>{escape(cell)}</td>"
        )
    return f"<tr>{''.join(parts)}</tr>"
