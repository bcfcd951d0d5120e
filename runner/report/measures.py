"""The metrics in plain words: what each is called, how its value is written, what it means in one line."""

from collections.abc import Callable
from dataclasses import dataclass

from runner.report.metrics import ANNUALISED, Metrics
from runner.report.returns import can_be_annualised
from runner.report.wording import TOO_SHORT, UNDEFINED, amount, change, count, grouped, percent, plain, ratio

__all__ = ["GROUPS", "HEADLINE", "Measure", "label_of", "shown"]


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric as people read it."""

    key: str
    """Its name among the metrics."""
    label: str
    write: Callable[[float | None], str]
    meaning: str


def bps(value: float | None) -> str:
    """Return basis points with a decimal: `2.5 bps`."""
    return UNDEFINED if value is None else f"{grouped(value, digits=1)}\N{NO-BREAK SPACE}bps"


def days(value: float | None) -> str:
    """Return a length of time in days with a decimal: `3.5 days`."""
    return UNDEFINED if value is None else f"{grouped(value, digits=1)}\N{NO-BREAK SPACE}days"


GROUPS: tuple[tuple[str, tuple[Measure, ...]], ...] = (
    (
        "Return",
        (
            Measure("total_return", "Total return", change, "Change of equity over the measured sessions."),
            Measure(
                "cagr", "CAGR", change, "Compound annual growth: the steady yearly rate that gives the same total return."
            ),
            Measure("final_equity", "Final equity", amount, "Cash and positions at the last close."),
            Measure("sessions", "Sessions", count, "Trading days measured, after the warm-up."),
            Measure("years", "Years", ratio, "The calendar time they took; growth and turnover a year go by it."),
        ),
    ),
    (
        "Risk",
        (
            Measure(
                "volatility",
                "Volatility",
                change,
                "Standard deviation of session returns, in a year of as many sessions as declared.",
            ),
            Measure(
                "sharpe", "Sharpe ratio", ratio, "Mean session return over its standard deviation, a year; risk-free rate 0."
            ),
            Measure("sortino", "Sortino ratio", ratio, "As Sharpe, counting only the deviation of losses."),
            Measure("calmar", "Calmar ratio", ratio, "Annual growth over the maximum drawdown."),
            Measure("max_drawdown", "Max drawdown", change, "Deepest fall from a peak, at session closes."),
            Measure(
                "max_drawdown_rows", "Max drawdown, any row", change, "Deepest fall from a peak, within sessions as well."
            ),
            Measure(
                "max_drawdown_sessions",
                "Max drawdown length",
                count,
                "Sessions from the peak before it until that was reached again.",
            ),
            Measure(
                "longest_drawdown_sessions",
                "Longest drawdown",
                count,
                "Most sessions from a peak until it was reached again.",
            ),
        ),
    ),
    (
        "Trading",
        (
            Measure("trades", "Trades", count, "Round trips closed, from flat to flat."),
            Measure("open_trades", "Open trades", count, "Round trips still open at the end."),
            Measure("hit_rate", "Hit rate", percent, "Share of trades with a profit after all costs."),
            Measure("profit_factor", "Profit factor", ratio, "Profits of winning trades over losses of losing ones."),
            Measure("best_trade", "Best trade", amount, "Highest profit of a trade, after all costs."),
            Measure("worst_trade", "Worst trade", amount, "Lowest profit of a trade, after all costs."),
            Measure(
                "trade_days_95",
                "19 of 20 trades over in",
                days,
                "Calendar days that nineteen of twenty trades lasted at most; open ones count until the end.",
            ),
            Measure("turnover", "Turnover a year", ratio, "Value bought and sold, over mean equity, times a year."),
            Measure("exposure", "Exposure", percent, "Share of bars with a position."),
            Measure(
                "mean_gross_exposure", "Mean gross exposure", percent, "Value of all positions over equity, on average."
            ),
            Measure("mean_net_exposure", "Mean net exposure", percent, "The same with short positions counted as negative."),
        ),
    ),
    (
        "Costs",
        (
            Measure("costs_paid", "Costs paid", amount, "Slippage, fees and financing together."),
            Measure("slippage_paid", "Slippage paid", amount, "What filling cost beyond the reference price."),
            Measure("fees_paid", "Fees paid", amount, "What broker and venue charged."),
            Measure("financing_paid", "Financing paid", amount, "What borrowed shares and borrowed money cost."),
            Measure("costs_bps", "Cost of trading", bps, "Slippage and fees per value bought and sold."),
            Measure("slippage_share", "Slippage share", percent, "Slippage as a share of all costs."),
        ),
    ),
    (
        "Orders",
        (
            Measure("orders", "Orders", count, "Orders decided."),
            Measure("fills", "Fills", count, "Executions."),
            Measure("maker_share", "Maker share", percent, "Share of the value traded that waited in the book."),
            Measure("rejected", "Rejected", count, "Orders the account could not pay, or the venue would not take."),
            Measure("expired", "Expired", count, "Orders whose time in force was over before they were filled whole."),
            Measure("cancelled", "Cancelled", count, "Orders that a rule or an exit took back."),
            Measure("unfilled", "Unfilled", count, "Orders still waiting when the data ended."),
            Measure("refusals", "Refusals", count, "Orders stopped or made smaller before they were sent."),
        ),
    ),
)
"""Every metric that is a number, in the order in which a reader asks for them."""

HEADLINE = ("total_return", "cagr", "sharpe", "max_drawdown", "trades", "costs_paid")
"""The six figures at the top of the page."""

_BY_KEY = {measure.key: measure for _, measures in GROUPS for measure in measures}


def label_of(key: str) -> str:
    """Return what a metric is called."""
    return _BY_KEY[key].label


def shown(metrics: Metrics, key: str) -> str:
    """Return a metric's value as people read it; one that is absent is undefined, or the run too short for it."""
    value = metrics.get(key)
    if value is None:
        return TOO_SHORT if key in ANNUALISED and _is_short(metrics) else UNDEFINED
    return plain(value) if isinstance(value, str) else _BY_KEY[key].write(value)


def _is_short(metrics: Metrics) -> bool:
    years = metrics.get("years")
    return isinstance(years, float) and not can_be_annualised(years)
