"""Order-flow imbalance: what came to the bids and left the asks from one book to the next."""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Rows, operator
from runner.signal.operators.book import book_columns, is_readable

__all__ = ["order_flow_imbalance"]


@part_of_kernel
def _flow(price, size, last_price, last_size):
    """Return what came to one level of a side whose better prices are higher."""
    came = size if price >= last_price else 0.0
    return came - last_size if price <= last_price else came


@operator(
    parameters=(Rows("levels", most=50, default=1),),
    state=lambda levels: 1 + 4 * int(levels),
    warm_up=lambda _: 1,
    columns=book_columns,
    undefined="skip",
)
def order_flow_imbalance(state, x, p):
    """e = Σ over levels of 1{b ≥ b′} q − 1{b ≤ b′} q′ − 1{a ≤ a′} r + 1{a ≥ a′} r′, in units; above 0 buyers prevail.

    b and a are the bid and ask price of a level, q and r their sizes, dashes the book before (Cont, Kukanov & Stoikov 2014;
    level by level from the best, Xu, Gould & Howison 2018, here summed). `sum(order_flow_imbalance(), n)` is that of n
    events. A deeper level that isn't there is infinitely far away and has no size. Undefined, and not remembered, where a
    side is empty, the book is crossed or its levels out of order, or a size is unknown, negative or infinite.
    """
    n = int(p[0])
    if not is_readable(x, n):
        return np.nan
    seen = state[0] > 0.0
    state[0] = 1.0
    flow = 0.0
    for i in range(n):
        bid, bid_size = (x[i], x[n + i]) if x[n + i] > 0.0 else (-np.inf, 0.0)
        ask, ask_size = (x[2 * n + i], x[3 * n + i]) if x[3 * n + i] > 0.0 else (np.inf, 0.0)
        at = 1 + 4 * i
        flow += _flow(bid, bid_size, state[at], state[at + 1])
        flow -= _flow(-ask, ask_size, -state[at + 2], state[at + 3])
        state[at], state[at + 1], state[at + 2], state[at + 3] = bid, bid_size, ask, ask_size
    return flow if seen else np.nan
