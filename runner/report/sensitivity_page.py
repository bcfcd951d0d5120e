"""The section of the report that says what the result depends on: fills and costs, years, markets, symbols."""

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from runner.report.figures.cost_lines import cost_lines_figure
from runner.report.figures.cross_section import cross_section_figure
from runner.report.figures.figure import Figure
from runner.report.figures.years import years_figure
from runner.report.markup import drawing, section, table, worded
from runner.report.sensitivity import Sensitivity
from runner.report.wording import UNDEFINED, amount, change, changes, count, grouped, percent, ratio

__all__ = ["bps", "cost_heads", "fill_name", "sensitivity_section"]

_MOST = 20
"""Symbols listed by name; those that mattered less are summed up in one row."""

Row = dict[str, Any]


def sensitivity_section(found: Sensitivity, heading: str = "Sensitivity") -> str:
    """Return the section as finished HTML."""
    figure: Figure | None = years_figure(found["years"])
    costs, across = cost_lines_figure(found), cross_section_figure(found["symbols"])
    return section(
        heading,
        f"<p>{escape(_break_even(found))}</p>",
        _fills("Total return by fill clock and multiple of the costs", found, "total_return", changes),
        _fills("Sharpe ratio by the same", found, "sharpe", _ratios),
        _own(found),
        *([drawing(costs)] if costs else []),
        *_notes(found),
        _parts("By calendar year", "year", found["years"], with_drawdown=True),
        *([drawing(figure)] if figure else []),
        _parts("By market", "market", found["regimes"]),
        "<p>Bull and bear turn when the equal-weighted index of the universe has fallen a fifth from its peak, or risen a"
        " fifth from its trough; volatility is high where that of 20 sessions is above four fifths of those before."
        " Each session counts as what was known at the close before it.</p>",
        "<h3>Cross-section</h3>",
        _symbols(found["symbols"]),
        *([drawing(across)] if across else []),
    )


def _break_even(found: Sensitivity) -> str:
    value, jump = found["break_even_bps"], found["fills"][0]["jump"]
    if jump:
        return f"There is no break-even slippage: {jump}, so that a limit or the cash decided there and not the costs alone."
    if value is None:
        return "No extra cost leads to a result of zero: there was no profit before it, or nothing was traded."
    return (
        f"The profit would have been used up by {bps(value)} bps of further cost on all that was bought and sold, the trades"
        " being what they were."
    )


def bps(value: float) -> str:
    """Return basis points with a decimal."""
    return grouped(value, digits=1)


def fill_name(each: Row) -> str:
    """Return a fill clock's name, marked if it is the run's own, or flatters."""
    return f"{each['fill']}{' (this run)' if each['is_own'] else ''}{' (optimistic)' if each['optimistic'] else ''}"


def cost_heads(found: Sensitivity) -> list[str]:
    """Return the names of the columns of costs: `2× costs`."""
    return [f"{row['cost_scale']:g}× costs" for row in found["fills"][0]["costs"]]


def _ratios(values: Sequence[float | None]) -> list[str]:
    return [ratio(value) for value in values]


def _fills(caption: str, found: Sensitivity, key: str, write: Callable[[Sequence[float | None]], list[str]]) -> str:
    heads = ("Fill", *cost_heads(found))
    written = iter(write([row[key] for each in found["fills"] for row in each["costs"]]))
    rows = [(fill_name(each), *(next(written) for _ in each["costs"])) for each in found["fills"]]
    return table(caption, heads, rows, numeric=range(1, len(heads)))


def _own(found: Sensitivity) -> str:
    head = ("Costs", "Total return", "Sharpe", "Max drawdown", "Trades", "Break-even, bps")
    rows = [
        (
            f"{row['cost_scale']:g}×",
            change(row["total_return"]),
            ratio(row["sharpe"]),
            change(row["max_drawdown"]),
            count(row["trades"]),
            UNDEFINED if row["break_even_bps"] is None else bps(row["break_even_bps"]),
        )
        for row in found["fills"][0]["costs"]
    ]
    caption = "This run's fill clock, by multiple of slippage, fees and financing"
    return table(caption, head, rows, numeric=range(1, 6))


def _notes(found: Sensitivity) -> list[str]:
    flattering = [f"{each['fill']}: {each['optimistic']}" for each in found["fills"] if each["optimistic"]]
    told = [f"Optimistic is {'; '.join(flattering)}."] if flattering else []
    if found["left_out"]:
        told.append(f"Not possible here: {', '.join(sorted(found['left_out']))}; sensitivity.json says why.")
    return [f"<p>{escape(note)}</p>" for note in told]


def _parts(caption: str, key: str, rows: Sequence[Row], *, with_drawdown: bool = False) -> str:
    if not rows:
        return ""
    head = ["Year" if key == "year" else "Market", "Sessions", "Return", "Market return", "Sharpe"]
    head += [*(["Max drawdown"] if with_drawdown else []), "Profit", "Trades", "Hit rate"]
    cells = [
        (
            str(row[key]) if key == "year" else worded(row[key]),
            count(row["sessions"]),
            change(row["total_return"]),
            change(row["market_return"]),
            ratio(row["sharpe"]),
            *([change(row["max_drawdown"])] if with_drawdown else []),
            amount(row["profit"]),
            count(row["trades"]),
            percent(row["hit_rate"]),
        )
        for row in rows
    ]
    return table(caption, head, cells, numeric=range(1, len(head)))


def _symbols(rows: Sequence[Row]) -> str:
    ordered = sorted(rows, key=lambda row: (-abs(row["profit"]), row["symbol"]))
    cells = [_symbol(row["symbol"], [row]) for row in ordered[:_MOST]]
    if len(ordered) > _MOST:
        cells.append(_symbol(f"{count(len(ordered) - _MOST)} others", ordered[_MOST:]))
    head = ("Symbol", "Profit", "Share of all", "Trades", "Hit rate")
    return table(
        "By symbol, open positions at their last price", head, cells, numeric=range(1, 5), total=_symbol("All", rows)
    )


def _symbol(name: str, rows: Sequence[Row]) -> tuple[str, ...]:
    shares = [row["share"] for row in rows]
    trades = sum(row["trades"] for row in rows)
    won = sum(row["trades"] * (row["hit_rate"] or 0.0) for row in rows)
    return (
        name,
        amount(sum(row["profit"] for row in rows)),
        percent(None if None in shares else sum(shares)),
        count(trades),
        percent(won / trades if trades else None),
    )
