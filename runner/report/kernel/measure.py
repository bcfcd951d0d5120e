"""Every figure of a run, from its equity and the columns of what it ordered, filled and paid.

    1. `_worth` goes over the measured rows once: closes of sessions, deepest fall between rows, exposure.
    2. `performed` says what the closes say.
    3. `_trades` walks over the fills.
    4. `_counts` and `_costs` go over what is later than the last row before measuring.

Undefined figures are NaN. Only `cagr` and `calmar` are left to be made from `GROWTH`.
"""

import math

from runner.compiler import inner_part
from runner.report.kernel.layout import (
    BEST_TRADE,
    CANCELLED_ORDERS,
    CHARGE_AMOUNT,
    CHARGE_COUNT,
    CHARGE_TS,
    CLOSED,
    COSTS_BPS,
    COSTS_PAID,
    END,
    EXPIRED_ORDERS,
    EXPOSURE,
    FEES,
    FEES_PAID,
    FIGURES,
    FILL_COUNT,
    FILL_FEE,
    FILL_MAKER,
    FILL_PRICE,
    FILL_QUANTITY,
    FILL_SLIPPAGE,
    FILL_SYMBOL,
    FILL_TS,
    FILLS,
    FINANCING_PAID,
    FIRST_SPARE,
    HIT_RATE,
    LEVELS,
    MAKER_SHARE,
    MAX_DRAWDOWN_ROWS,
    MEAN_GROSS_EXPOSURE,
    MEAN_NET_EXPOSURE,
    OPEN,
    OPEN_TRADES,
    OPENED,
    ORDER_COUNT,
    ORDER_END,
    ORDER_TS,
    ORDERS,
    PROFIT_FACTOR,
    REALISED,
    REFUSAL_COUNT,
    REFUSAL_TS,
    REFUSALS,
    REJECTED_ORDERS,
    SECOND_SPARE,
    SESSIONS,
    SLIPPAGE_PAID,
    SLIPPAGE_SHARE,
    START,
    TRADE_DAYS_95,
    TRADES,
    TRIP_OF,
    TURNOVER,
    UNFILLED_ORDERS,
    WORST_TRADE,
    YEARS,
)
from runner.report.kernel.levels import is_long, performed
from runner.report.kernel.sums import mean, total
from runner.report.kernel.walk import walked
from runner.trading.kernel.layout import CANCELLED, EXPIRED, NO_COST

__all__ = ["measured"]

DAY = 86_400 * 10**9


@inner_part
def _worth(worth, days, first, instants, base, levels, gross_share, net_share, out):
    """Write what each measured row says, and the closes of sessions behind `base`; return how many levels these are."""
    levels[0] = base
    size, exposed, is_solvent = 1, 0, True
    peak, trough, lowest = base, base, 0.0
    for i in range(first, instants):
        equity, gross = worth[i, 0], worth[i, 2]
        gross_share[i - first] = gross / equity
        net_share[i - first] = worth[i, 3] / equity
        exposed += gross > 0.0
        is_solvent &= equity > 0.0
        # The deepest fall from a peak is to the lowest level before the next one.
        if equity > peak:
            lowest = min(lowest, trough / peak - 1.0)
            peak = trough = equity
        elif equity < trough:
            trough = equity
        levels[size] = equity
        size += i + 1 == instants or days[i + 1] != days[i]
    rows = instants - first
    out[EXPOSURE] = exposed / rows
    if base > 0.0:
        out[MAX_DRAWDOWN_ROWS] = min(lowest, trough / peak - 1.0)
    if is_solvent:
        out[MEAN_GROSS_EXPOSURE] = mean(gross_share, rows)
        out[MEAN_NET_EXPOSURE] = mean(net_share, rows)
    return size


@inner_part
def _lasted(lasted, count, rank):
    """Return the shortest time that so many of the trades don't exceed, in ns.

    It is looked for by halving, which needs no order: a run has few trades and must not be slowed down by sorting them.
    """
    low, high = 0, 0
    for trade in range(count):
        high = max(high, lasted[trade])
    while low < high:
        middle, upto = (low + high) // 2, 0
        for trade in range(count):
            upto += lasted[trade] <= middle
        if upto >= rank:
            high = middle
        else:
            low = middle + 1
    return low


@inner_part
def _trades(after, last, count, n, x, won, lost, lasted, out):
    """Write what the trades say that were opened later than an instant; those still open are held until the last one."""
    trades, still_open, winners, losers = 0, 0, 0, 0
    best, worst = -math.inf, math.inf
    for trade in range(count):
        if not n[trade, OPENED] > after:
            continue
        is_open = n[trade, CLOSED] == OPEN
        lasted[trades + still_open] = (last if is_open else n[trade, CLOSED]) - n[trade, OPENED]
        if is_open:
            still_open += 1
            continue
        profit = x[trade, REALISED] - x[trade, FEES]
        trades += 1
        best, worst = max(best, profit), min(worst, profit)
        if profit > 0.0:
            won[winners] = profit
            winners += 1
        elif profit < 0.0:
            lost[losers] = profit
            losers += 1
    out[TRADES] = trades
    out[OPEN_TRADES] = still_open
    if trades > 0:
        out[HIT_RATE] = winners / trades
        out[BEST_TRADE] = best
        out[WORST_TRADE] = worst
    if trades + still_open > 0:
        out[TRADE_DAYS_95] = _lasted(lasted, trades + still_open, (19 * (trades + still_open) + 19) // 20) / DAY
    losses = -total(lost, int(losers))
    if losses > 0.0:
        out[PROFIT_FACTOR] = total(won, int(winners)) / losses


@inner_part
def _counts(after, counts, wholes, out):
    """Write how many orders there were, how they ended, and how many were refused before they were sent."""
    orders, unfilled, rejected, expired, cancelled, refusals = 0, 0, 0, 0, 0, 0
    for k in range(counts[ORDER_COUNT]):
        if wholes[ORDER_TS, k] > after:
            end = wholes[ORDER_END, k]
            orders += 1
            unfilled += end == 0
            rejected += 0 < end <= NO_COST
            expired += end == EXPIRED
            cancelled += end == CANCELLED
    for k in range(counts[REFUSAL_COUNT]):
        refusals += wholes[REFUSAL_TS, k] > after
    out[ORDERS] = orders
    out[UNFILLED_ORDERS] = unfilled
    out[REJECTED_ORDERS] = rejected
    out[EXPIRED_ORDERS] = expired
    out[CANCELLED_ORDERS] = cancelled
    out[REFUSALS] = refusals


@inner_part
def _kept(after, ts, values, count, kept):
    """Write the values that are later than an instant one after another, and return how many there are."""
    found = 0
    for k in range(count):
        kept[found] = values[k]
        found += ts[k] > after
    return found


@inner_part
def _costs(after, counts, wholes, numbers, spare, out):
    """Write how much was filled and what that and holding cost; return the value of all fills."""
    ts, fills = wholes[FILL_TS], counts[FILL_COUNT]
    quantity, price = numbers[FILL_QUANTITY], numbers[FILL_PRICE]
    out[FILLS] = _kept(after, ts, numbers[FILL_FEE], fills, spare)
    fees = total(spare, int(out[FILLS]))
    slippage = total(spare, _kept(after, ts, numbers[FILL_SLIPPAGE], fills, spare))
    charges = _kept(after, wholes[CHARGE_TS], numbers[CHARGE_AMOUNT], counts[CHARGE_COUNT], spare)
    financing = total(spare, charges)
    found = 0
    for k in range(fills):
        spare[found] = abs(quantity[k]) * price[k]
        found += ts[k] > after
    traded, found = total(spare, int(found)), 0
    for k in range(fills):
        spare[found] = abs(quantity[k]) * price[k]
        found += ts[k] > after and wholes[FILL_MAKER, k] != 0
    costs = fees + slippage + financing
    out[FEES_PAID] = fees
    out[SLIPPAGE_PAID] = slippage
    out[FINANCING_PAID] = financing
    out[COSTS_PAID] = costs
    if costs > 0.0:
        out[SLIPPAGE_SHARE] = slippage / costs
    if traded > 0.0:
        out[MAKER_SHARE] = total(spare, int(found)) / traded
        out[COSTS_BPS] = 10_000 * (fees + slippage) / traded
    return traded


@inner_part
def measured(
    worth, days, first, instants, base, after, last, years, year, symbols, counts, wholes, numbers, trade_n, trade_x, out
):  # fmt: skip
    """Write every figure.

    Args:
        worth: Equity, cash, gross and net by instant.
        days: Session date by instant.
        first: First measured instant.
        instants: How many instants there are.
        base: Equity that the first return starts from.
        after: Events count that are later than this, in UTC ns.
        last: Last instant, in UTC ns.
        years: Time that was measured, in years.
        year: Sessions in a year.
        symbols: How many symbols the universe has.
        counts: Rows of each sort of columns.
        wholes: Columns of whole numbers; as long as there are rows, and symbols.
        numbers: Columns of numbers; longer than there are rows, and instants.
        trade_n: Scratch for the trades, one per fill.
        trade_x: The same.
        out: The figures.
    """
    levels, one, other = numbers[LEVELS], numbers[FIRST_SPARE], numbers[SECOND_SPARE]
    for place in range(FIGURES):
        out[place] = math.nan
    traded = _costs(after, counts, wholes, numbers, one, out)
    _counts(after, counts, wholes, out)
    trades = walked(
        wholes[FILL_TS], wholes[FILL_SYMBOL], numbers[FILL_QUANTITY], numbers[FILL_PRICE], numbers[FILL_FEE],
        numbers[FILL_SLIPPAGE], counts[FILL_COUNT], symbols, wholes[TRIP_OF], trade_n, trade_x,
    )  # fmt: skip
    _trades(after, last, trades, trade_n, trade_x, one, other, wholes[TRIP_OF], out)
    out[SESSIONS] = 0.0
    if first >= instants:
        return
    size = _worth(worth, days, first, instants, base, levels, one, other, out)
    out[START], out[END], out[SESSIONS], out[YEARS] = days[first], days[instants - 1], size - 1, years
    performed(levels, size, years, year, one, other, out)
    for session in range(1, size):
        one[session - 1] = levels[session]
    middle = mean(one, size - 1)
    if middle > 0.0 and is_long(years):
        out[TURNOVER] = traded / middle / years
