"""Where everything lies: the arrays of the kernel by name, the fields inside them, and the codes they hold."""

from typing import Any, NamedTuple

__all__: list[str] = []

MOST_RULES = 16
"""Risk rules a pipeline may have."""

# account: one number each
CASH = 0
EQUITY = 1
GROSS = 2
"""Σ |position × last price|."""
NET = 3
"""Σ position × last price."""
FLIGHT_GROSS = 4
"""Value of what is ordered beyond positions and not filled yet, at the prices of the decisions."""
FLIGHT_NET = 5
"""The same, with its sign."""
PEAK = 6
"""Largest equity so far."""
FEES = 7
FINANCING = 8
ORDERS = 9
"""Orders sent so far."""
SESSION = 10
"""Latest session date that a row of any symbol has had, in days since 1970-01-01; -1 before the first."""
ASKED = 11
"""First of what each risk rule that watches the account asked for at the instant before."""
ACCOUNT_FIELDS = ASKED + MOST_RULES

# book: one row per field, one column per symbol
POSITION = 0
LAST = 1
"""Last price, NaN before the first."""
AVERAGE = 2
"""Average price of what is held, NaN when flat."""
REALISED = 3
"""Profit so far, after slippage and fees."""
WANTED = 4
"""Signed quantity that is ordered and not filled yet."""
ORDER = 5
"""Number of the working order."""
KIND = 6
"""What sort of order works: NONE, MARKET, LIMIT or STOP."""
PRICE = 7
"""Limit or stop price of the working order."""
FLIGHT = 8
"""Value the working order adds to `FLIGHT_GROSS`."""
STOP_AT = 9
"""Price at which the stop loss closes the position; NaN without."""
TAKE_AT = 10
"""Price at which profit is taken; NaN without."""
BEST = 11
"""Best last price since the position was opened, for the trailing stop."""
BEGAN = 12
"""Profit so far when the position was opened."""
OUTCOME = 13
"""Profit of the last position that was closed or turned round; NaN before the first."""
BOUGHT = 14
"""Units bought at the row `TAKEN_ROW`, by all orders that met it."""
SOLD = 15
BOOK_FIELDS = 16

# times: integers, one row per field, one column per symbol
ROW = 0
"""Next row of the fill clock."""
PHASE = 1
"""Whether that row's first price (0) or its range (1) is next."""
QUEUED = 2
"""1 while the symbol waits in the queue, `BEYOND` while it waits for a row after the last one at hand."""
BEYOND = 2
FROM = 3
"""Instant from which the working order can fill."""
EXPIRES = 4
"""Instant from which it can't any more."""
ALIVE_IN = 5
"""Session the order lives in, that of the first row after it reached the venue; `LONG_AGO` before that."""
VISITS = 6
"""Rows the working order has met."""
SENT = 7
"""Orders of the symbol so far, for what is drawn at random."""
ENTERED = 8
"""Instant at which the position was opened."""
SEEN = 9
"""Latest row of the deciding clock; -1 before the first."""
MARKED = 10
"""Instant of the last price, `LONG_AGO` before the first."""
KEY = 11
"""Number the symbol's random draws start from."""
REASON = 12
"""Why the working order was sent."""
SESSION_IN = 13
"""Session in which the position was opened."""
SENT_AT = 14
"""Instant at which the symbol's last order was sent."""
LEFT = 15
"""Instant at which a position was last closed or turned round, `LONG_AGO` before the first time."""
TAKEN_ROW = 16
"""Row of the fill clock at which the symbol last filled."""
TRADES_IN = 17
"""Session date of the symbol's own latest price."""
TIME_FIELDS = 18

LONG_AGO = -(2**62)
"""An instant before all others, from which to any of ours is still a whole number of 64 bits."""

# sorts of orders
NONE = 0.0
MARKET = 1.0
LIMIT = 2.0
STOP = 3.0
KINDS = {MARKET: "market", LIMIT: "limit", STOP: "stop"}

# reasons of orders
LONG_ENTER = 1
LONG_EXIT = 2
SHORT_ENTER = 3
SHORT_EXIT = 4
TO_SHORT = 5
TO_LONG = 6
TARGET = 7
STOP_LOSS = 8
TRAILING_STOP = 9
TAKE_PROFIT = 10
TIME_EXIT = 11
FLATTEN = 12
REASONS = {
    LONG_ENTER: "long.enter",
    LONG_EXIT: "long.exit",
    SHORT_ENTER: "short.enter",
    SHORT_EXIT: "short.exit",
    TO_SHORT: "long.exit, short.enter",
    TO_LONG: "short.exit, long.enter",
    TARGET: "target",
    STOP_LOSS: "exits.stop_loss",
    TRAILING_STOP: "exits.trailing_stop",
    TAKE_PROFIT: "exits.take_profit",
    TIME_EXIT: "exits.max_holding",
    FLATTEN: "risk",
}
"""Code of an order's reason → the part of the configuration that asked for it."""

# who made an order smaller or stopped it; risk rules count on from RISK, in the order of their names
SIZING = 0
BOTH_SIDES = 1
NO_EQUITY = 2
NO_PRICE = 3
RISK = 4
REFUSERS = ("sizing", "signal: long and short at once", "account: equity is not above zero", "order.price: undefined")
"""Who refuses, by code, before the risk rules."""

# how orders end
NO_CASH = 1
REJECTED = 2
NO_COST = 3
EXPIRED = 4
CANCELLED = 5
ENDS = {
    NO_CASH: ("rejected", "not enough cash"),
    REJECTED: ("rejected", "rejected by the venue"),
    NO_COST: ("rejected", "cost undefined"),
    EXPIRED: ("expired", ""),
    CANCELLED: ("cancelled", ""),
}
"""Code of an order's end → its status and the refusal."""

# what a risk rule that watches the account asks for
PASS = 0.0
BLOCK = 1.0
"""Nothing may increase a position at this instant."""
CLOSE_ALL = 2.0
"""Nothing may increase a position, and every position is closed."""
HALT = 3.0
"""The same for good: a rule that has asked for it once isn't heard any more."""
TRIPS = {CLOSE_ALL: "flatten", HALT: "halt"}
"""What a rule begins to ask for that is a line of its own → its word."""

# settings: numbers of the pipeline that don't belong to a kind's function
COST_SCALE = 0
"""Slippage and fees are multiplied with it."""
LOT = 1
"""Partial fills are whole multiples of it; 0 for whole units where the order is of whole units."""
TICK = 2
"""Limit and stop prices are whole multiples of it; 0 for none."""
ORDER_KIND = 3
OFFSET = 4
"""How far from the last price, as a fraction of it, the price of a limit or stop order lies."""
THROUGH = 5
"""How far through a limit the market must trade, as a price, before what waits there is filled."""
STOP_LOSS_AT = 6
"""Stop loss, as a fraction of the average price; NaN for none."""
TAKE_PROFIT_AT = 7
TRAIL_AT = 8
"""Trailing stop, as a fraction of the best price; NaN for none."""
SHARE = 9
"""Largest share of a row's volume that the symbol's orders may take together; NaN for any."""
REJECTION = 10
"""Chance that the venue rejects an order."""
BORROW = 11
"""What shorts cost per year, as a fraction of their value."""
DEBT = 12
"""What negative cash costs per year."""
SETTINGS = 13

# switches: whole numbers of the pipeline
SAME_CLOCK = 0
"""1 where decisions and fills are on one stream."""
AT_ONCE = 1
"""1 where an order fills at the row it was decided on."""
RANGES = 2
"""1 where a row has a range that is known later than its first price."""
POINTS = 3
"""1 where rows are instants: a resting order that is passed fills at its own price."""
PRICE_COLUMN = 4
"""Column of `extras` with the price of limit and stop orders; -1 for the offset."""
LIFE = 5
"""Nanoseconds an order lives that opens a position; 0 for any time, -1 for the session, -2 for the first row alone."""
LATENCY = 6
"""Nanoseconds from a decision to the venue."""
JITTER = 7
"""Nanoseconds that may be added to it."""
MAX_HOLDING = 8
"""Nanoseconds after which a position is closed; 0 for never."""
EVERY = 9
"""Nanoseconds of equity that share a line; 0 for a line per instant."""
HAS_TARGET = 10
RULES = 11
"""Number of risk rules."""
SIZE_COLUMNS = 12
"""How many columns of `extras` the sizing reads, the first ones."""
COST_COLUMN = 13
"""First column of `extras` that the slippage reads."""
COST_COLUMNS = 14
"""How many it reads."""
BOOK_LEVELS = 15
"""Levels per side that an order walks through; 0 for none."""
WINDOWS = 16
"""Windows after events that the slippage asks about."""
WATCHES = 17
"""Number of risk rules that watch the account."""
STEADY = 18
"""1 where all of these go by equity and session alone."""
SIMPLE = 19
"""1 where orders are market orders that nothing stands in the way of: neither exits, nor delays, nor a venue that is out,
refuses, or fills in parts; they fill on the clock of the decisions, at the row after that of the decision."""
SWITCHES = 20

# what a slippage function is told of the row that fills, before its own columns
BID = 0
ASK = 1
VOLUME = 2
GIVEN = 3

BITS = 64
"""Bits of a number."""
HOLDS = 2
"""Row of `State.queue` with the bits of the symbols that are held."""

# counters
N_LINES = 0
"""Lines used in the buffer of events."""
N_EQUITY = 1
"""Lines used in the buffer of equity."""
QUEUED_NOW = 2
"""Symbols in the queue."""
WORKING = 3
"""Symbols with a working order."""
LINE_SESSION = 4
"""Session date of the latest line of equity, where several instants share one."""
COUNTERS = 5

Array = Any


# columns of the fill clock, one row per row, each where it lies in memory; what isn't there is 0
OFFSETS = 0
"""[N+1] each symbol's rows."""
FIRST_AT = 1
"""Instant of a row's first price."""
LAST_AT = 2
"""Instant at which its range is known."""
DAY = 3
"""Session date."""
SINCE = 4
"""Instant from which on the market made a row's first price."""
BUY = 5
"""First price a buyer is asked."""
SELL = 6
"""First price a seller is bid."""
BUY_LOW = 7
BUY_HIGH = 8
SELL_LOW = 9
SELL_HIGH = 10
SIZE = 11
"""Units traded or shown."""
BEST_BID = 12
BEST_ASK = 13
LEVELS = 14
"""First of the columns of the book: bid prices, bid sizes, ask prices, ask sizes, each level after level. After these, for
each window after events, whether a row's first price is inside and whether the instant is at which its range is known."""


class Market(NamedTuple):
    """Rows of the deciding clock: those of a symbol together, and their order in time."""

    order: Array
    """[R] rows in the order of time, those of one instant in the order of the universe; empty: as they lie."""
    ts: Array
    session: Array
    symbol: Array
    mark: Array
    """[R] price that a position is worth."""


class Panel(NamedTuple):
    """Rows of the deciding clock by instant and symbol, and of which of them rules hold; without rows if there is none.

    Bits are those of whole numbers of 64 bits, W of them for N symbols.
    """

    at: Array
    """[I+1] place in the order of time at which each instant begins."""
    ts: Array
    session: Array
    """[I] latest session date of an instant's rows."""
    row: Array
    """[I, N] a symbol's latest row; -1 before its first."""
    priced: Array
    """[R] latest row of the same symbol that has a price, -1 before the first; empty where every row has one."""
    mark: Array
    """[I, N] price of a symbol's row at the instant; NaN where it has none then."""
    last: Array
    """[N, I] latest price of a symbol at each instant; NaN before its first."""
    long_enter: Array
    """[I, W] a bit per symbol that has a row then: 1 where the rule holds; without rows where there is no such rule."""
    long_exit: Array
    short_enter: Array
    short_exit: Array
    seats: Array
    """[3, W] a bit per symbol: HELD_LONG, HELD_SHORT, WORKS."""


HELD_LONG = 0
HELD_SHORT = 1
WORKS = 2
"""With an order at work."""
SEATS = 3


class Rules(NamedTuple):
    """What the signal says, and what else decides."""

    ready: Array
    """[N] first row at which every rule is past its warm-up."""
    long_enter: Array
    """[R] 1 where the condition holds; one number where the signal has no such rule. With a target, the target."""
    long_exit: Array
    short_enter: Array
    short_exit: Array
    size: Any
    """Where the machine code of the sizing lies, as of every function here."""
    size_p: Array
    allowed: Array
    """Where the machine code of each risk rule lies; 0 where a rule has nothing to say."""
    watch: Array
    rule_p: Array
    rule_at: Array
    """[rules+1] where each rule's own state begins in `own`."""
    own: Array


class Venue(NamedTuple):
    """The fill clock, and what filling costs."""

    columns: Array
    """Where the columns of the fill clock lie in memory."""
    outages: Array
    """[2, K] instants between which nothing fills."""
    extras: Array
    """[R, J] what sizing, orders and slippage read beyond the rules, by row of the deciding clock."""
    price: Any
    price_p: Array
    fee: Any
    fee_p: Array
    traded: Array
    """Value traded in this period of fees, and its first session date (-1 before)."""
    given: Array
    """Scratch: what the slippage function is told."""
    settings: Array
    switches: Array


class State(NamedTuple):
    """Everything that goes on from one instant to the next, but for the risk rules' own."""

    account: Array
    book: Array
    times: Array
    queue: Array
    """[3, N] moments and symbols of the rows that come next, a binary heap; and a bit per symbol, 1 where it is held."""
    counters: Array


class Log(NamedTuple):
    """Buffers of what happened: whole numbers (`n`) and numbers (`x`) of each line."""

    n: Array
    x: Array
    equity_n: Array
    equity_x: Array


class Worth(NamedTuple):
    """Scratch in which the equity of many instants is made at once."""

    sums: Array
    """[4, K] of each instant since the first that isn't written down yet."""
    span: Array
    """[2, N] by symbol: instant since which its position is what it is, and its latest piece, -1 for none."""
    pieces: Array
    """[P, 3] stretches of instants without a change of a position that has changed since then: first instant, the one after
    the last, and the piece of the same symbol before."""
    units: Array
    """[P] the position of each piece."""
    at: Array
    """First instant that isn't written down, its line, and how many pieces there are."""


# rows of `sums`
WORTH_EQUITY = 0
WORTH_CASH = 1
WORTH_GROSS = 2
WORTH_NET = 3
WORTHS = 4
# rows of `span`
SINCE_WHEN = 0
LATEST = 1
SPANS = 2
# places of `at`
FIRST_OPEN = 0
FIRST_LINE = 1
PIECES = 2
PLACES = 3

ORDER_LINE = 0
FILL_LINE = 1
END_LINE = 2
REFUSAL_LINE = 3
CHARGE_LINE = 4
LINE_N = 6
"""Whole numbers of a line: its sort, order, instant, symbol, and two that depend on the sort."""
LINE_X = 7
"""Numbers of a line; which ones depends on its sort."""
EQUITY_X = 4
"""Equity, cash, gross and net exposure."""
