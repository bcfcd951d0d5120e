"""The operators as a Markdown document."""

from collections.abc import Sequence

from runner.signal.manual import FAMILIES, Entry

__all__ = ["manual_markdown"]

HEAD = """\
# Operators

Written by `runner explain --operators --markdown`. `runner explain --operators NAME` tells one in
full, and of a sign `runner explain --operators ">"`.

A *number* or a *condition* is a series: one value per row of its clock, or undefined. A *grouping* is the name of one of
`universe.groups`, and stands only where a grouping is asked for. A *window* is a number of rows (`20`), a duration
(`"30min"`) or `since_open`, which reaches back to the session's open. A *duration* is a whole number above 0 and `ms`, `s`,
`min`, `h` or `d`; compared with `event_age(…)` or `since_open` it counts its seconds: `event_age("earnings") > "10d"`. A
*warm-up* counts rows from where the inputs have their first values; warm-ups of nodes add up along the graph, and
`runner explain` tells them.

Constants that contradict each other are refused: `low` above `high` of `clip` and `hysteresis`, `fast` not below `slow` of
`macd`, a `count` of `top` and `bottom` beyond the symbols of the universe.

*Undefined rows* are those with an input that is NaN or infinite. By the rule `window` the value is undefined as long as such
a row is within the operator's memory, and then as if it had never been; by the rule `skip` it is undefined at that row, and
later ones are as if the row had not been there. What an operator does beyond that, its own description says.
"""

TITLES = {
    "signs": "Signs",
    "clocks and events": "Clocks and events",
    "row by row": "Row by row",
    "over a window": "Over a window",
    "across symbols": "Across the symbols of one instant",
    "order book": "Of the order book",
}
"""Family → heading."""


def manual_markdown(entries: Sequence[Entry]) -> str:
    """Return the document; ends with a line break."""
    parts = [HEAD]
    for family in FAMILIES:
        rows = [_row(entry) for entry in entries if entry.family == family]
        head = ["| write | meaning | gives | warm-up | undefined rows |", "|---|---|---|---|---|"]
        parts.append("\n".join([f"## {TITLES[family]}", "", *head, *rows, ""]))
    return "\n".join(parts)


def _row(entry: Entry) -> str:
    cells = (f"`{entry.usage}`", _escaped(entry.summary), entry.gives, entry.warm_up, entry.rule)
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is; what stands between backticks is code already."""
    parts = text.replace("|", "\\|").split("`")
    parts[::2] = (part.replace("*", "\\*").replace("_", "\\_") for part in parts[::2])
    return "`".join(parts)
