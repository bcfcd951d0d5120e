"""The return of every calendar month as a table of shaded cells, years below one another, their own return at the end.

A month's return goes from the last close before it to its last close; the first and the last may be parts of a month. Cells
are shaded by how large the return is against the largest, in steps, and hold the number: nobody needs to tell colours apart.
"""

from html import escape

import numpy as np

from runner.report.closes import Closes
from runner.report.markup import scrolling
from runner.report.wording import changes

__all__ = ["NAMES", "STEPS", "month_returns", "months_table"]

NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STEPS = 8
"""Shades of either sign."""
NOTHING = 1e-12
"""Returns this small have no shade."""


def month_returns(closes: Closes) -> dict[tuple[int, int], float]:
    """Return (year, month from 1) → return; empty where equity reached zero on the way.

    `Ei / Ej − 1`, i the last session of the month and j the last one before it.
    """
    if not closes.session.size or closes.returns is None:
        return {}
    months = closes.session.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    lasts = np.flatnonzero(np.append(np.diff(months) != 0, True))
    ends = closes.levels[lasts + 1]
    before = np.concatenate(([closes.levels[0]], ends[:-1]))
    return {
        (1970 + month // 12, month % 12 + 1): float(end / start - 1)
        for month, start, end in zip(months[lasts].tolist(), before.tolist(), ends.tolist(), strict=True)
    }


def months_table(closes: Closes) -> str:
    """Return the table as finished HTML; empty if there is no month to show."""
    found = month_returns(closes)
    if not found:
        return ""
    most = max(abs(value) for value in found.values())
    years = sorted({year for year, _ in found})
    totals = [float(np.prod([1 + value for (year, _), value in found.items() if year == each]) - 1) for each in years]
    texts = changes([*found.values(), *totals])
    written, shown = dict(zip(found, texts, strict=False)), dict(zip(years, texts[len(found) :], strict=True))
    rows = [
        f'<tr><th scope="row">{year}</th>'
        + "".join(_cell(found.get((year, month)), written.get((year, month), ""), most) for month in range(1, 13))
        + f'<td class="number total">{escape(shown[year])}</td></tr>'
        for year in years
    ]
    heads = "".join(f'<th scope="col" class="number">{name}</th>' for name in (*NAMES, "Year"))
    lines = [
        '<table class="months"><caption>Return by calendar month; the stronger the shade, the larger</caption>',
        f'<thead><tr><th scope="col">Year</th>{heads}</tr></thead>',
        f"<tbody>{''.join(rows)}</tbody></table>",
    ]
    return scrolling("Months", "\n".join(lines))


def _cell(value: float | None, text: str, most: float) -> str:
    if value is None:
        return '<td class="number"></td>'
    step = round(STEPS * abs(value) / most) if most > NOTHING else 0
    kind = f" {'up' if value > 0 else 'down'}-{step}" if step else ""
    return f'<td class="number{kind}">{escape(text)}</td>'
