"""Where every figure stands, and where the columns lie that figures are made from."""

from itertools import count

__all__: list[str] = []

# figures: one number each, NaN where it is undefined; in the order of the table of metrics
NAMES = (
    "start", "end", "sessions", "years",
    "final_equity", "total_return", "cagr", "volatility", "sharpe", "sortino", "calmar",
    "max_drawdown", "max_drawdown_sessions", "longest_drawdown_sessions", "max_drawdown_rows",
    "turnover", "exposure", "mean_gross_exposure", "mean_net_exposure",
    "trades", "open_trades", "hit_rate", "profit_factor", "best_trade", "worst_trade", "trade_days_95",
    "orders", "fills", "rejected", "expired", "cancelled", "unfilled", "refusals",
    "maker_share", "fees_paid", "slippage_paid", "financing_paid", "costs_paid", "slippage_share", "costs_bps",
)  # fmt: skip
"""Names of the metrics, by place."""

_place = count()
START = next(_place)
"""Session date of the first measured row, in days since 1970-01-01."""
END = next(_place)
SESSIONS = next(_place)
YEARS = next(_place)
FINAL_EQUITY = next(_place)
TOTAL_RETURN = next(_place)
CAGR = next(_place)
VOLATILITY = next(_place)
SHARPE = next(_place)
SORTINO = next(_place)
CALMAR = next(_place)
MAX_DRAWDOWN = next(_place)
MAX_DRAWDOWN_SESSIONS = next(_place)
LONGEST_DRAWDOWN_SESSIONS = next(_place)
MAX_DRAWDOWN_ROWS = next(_place)
TURNOVER = next(_place)
EXPOSURE = next(_place)
MEAN_GROSS_EXPOSURE = next(_place)
MEAN_NET_EXPOSURE = next(_place)
TRADES = next(_place)
OPEN_TRADES = next(_place)
HIT_RATE = next(_place)
PROFIT_FACTOR = next(_place)
BEST_TRADE = next(_place)
WORST_TRADE = next(_place)
TRADE_DAYS_95 = next(_place)
ORDERS = next(_place)
FILLS = next(_place)
REJECTED_ORDERS = next(_place)
EXPIRED_ORDERS = next(_place)
CANCELLED_ORDERS = next(_place)
UNFILLED_ORDERS = next(_place)
REFUSALS = next(_place)
MAKER_SHARE = next(_place)
FEES_PAID = next(_place)
SLIPPAGE_PAID = next(_place)
FINANCING_PAID = next(_place)
COSTS_PAID = next(_place)
SLIPPAGE_SHARE = next(_place)
COSTS_BPS = next(_place)
GROWTH = next(_place)
"""En / E0 of a run long enough to speak of a year, from which `cagr` and `calmar` are made outside: their power must be the
one that numpy takes, whose last bit the mathematics library of the machine may see otherwise."""
FIGURES = next(_place)

# whole numbers: one row per column
ORDER_TS = 0
ORDER_END = 1
"""How an order ended, as `runner.trading.kernel.layout` counts it; 0 for one the data ended before, or `FILLED`."""
FILL_TS = 2
FILL_SYMBOL = 3
FILL_MAKER = 4
REFUSAL_TS = 5
"""Of orders that were stopped or made smaller alone."""
CHARGE_TS = 6
TRIP_OF = 7
"""By symbol: the place of its trade that is open, -1 without."""
WHOLES = 8

FILLED = 6
"""End of an order that was filled."""

# numbers: one row per column
ORDER_QUANTITY = 0
ORDER_FILLED = 1
FILL_QUANTITY = 2
"""Above zero where it was bought."""
FILL_PRICE = 3
FILL_FEE = 4
FILL_SLIPPAGE = 5
CHARGE_AMOUNT = 6
LEVELS = 7
"""Equity that the returns start from, then that of each session's close."""
FIRST_SPARE = 8
SECOND_SPARE = 9
NUMBERS = 10

# how many rows of each there are
ORDER_COUNT = 0
FILL_COUNT = 1
REFUSAL_COUNT = 2
CHARGE_COUNT = 3
COUNTS = 4

# trades: whole numbers of each
SYMBOL = 0
OPENED = 1
CLOSED = 2
DIRECTION = 3
"""1 for long, -1 for short."""
TRADE_N = 4

# trades: numbers of each
LARGEST = 0
HELD = 1
COST = 2
ENTERED = 3
ENTRY_NOTIONAL = 4
EXITED = 5
EXIT_NOTIONAL = 6
REALISED = 7
FEES = 8
SLIPPAGE = 9
TRADE_X = 10

OPEN = -1
"""`CLOSED` of a trade that is still open."""
