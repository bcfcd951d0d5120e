"""The tables a run produces: plain columns of numpy arrays under the names others script against.

| table | columns |
|---|---|
| orders | order, ts, symbol, side, quantity, kind, price, reason, status, filled, refusal |
| fills | order, ts, symbol, side, quantity, reference, price, slippage, fee, maker |
| equity | ts, equity, cash, gross, net, measured |
| positions | ts, symbol, quantity, average_price, realised |
| refusals | ts, symbol, rule, wanted, allowed |
| charges | ts, symbol, amount |
| signals | ts, symbol, then one column per node |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Column", "Table", "Tables"]

Column = NDArray[np.int64] | NDArray[np.float64] | NDArray[np.bool_] | NDArray[np.str_]

Table = Mapping[str, Column]
"""Column name → array, all of one length. `ts` is int64 UTC nanoseconds; text columns are numpy strings."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Every table of one run."""

    orders: Table
    """One row per order: `order` counts from 1; `ts` is the instant of the decision; `side` is `buy` or `sell`; `quantity`
    is positive; `kind` is `market`, `limit` or `stop` and `price` that of the last two, else NaN; `reason` is the part of
    the configuration that asked for it, such as `long.enter`; `status` is `filled`, `rejected`, `expired`, `cancelled` or
    `unfilled` (the data ended first); `filled` is how much of the quantity was; `refusal` says why an order was rejected,
    else empty."""
    fills: Table
    """One row per fill, several where an order was filled in parts: `reference` is the price before slippage, `price` the
    price paid or received; `slippage` (≥ 0) and `fee` are costs in quote currency, `slippage = quantity × |price −
    reference|`; `maker` says whether the order waited in the book."""
    equity: Table
    """One row per instant at which something may be decided: `equity = cash + Σ position × last price`; `gross = Σ |position
    × last price|`, `net` the same with its sign; `measured` is false during warm-up, which no metric counts."""
    positions: Table
    """One row per change: signed `quantity` after it, `average_price` of what is held (NaN when flat), `realised` profit of
    the symbol so far, after slippage, fees and what borrowing it cost."""
    refusals: Table
    """One row per order that was made smaller or stopped before it was sent: `rule` is the risk rule's key path, or what
    else stopped it, as `sizing` where the size came to nothing; `wanted` and `allowed` are signed quantities. A row without
    a symbol tells that a rule began to close everything (`…: flatten`, `…: halt`); `wanted` is what all of it was worth."""
    charges: Table
    """One row per charge for holding: what a short cost, or with an empty `symbol` what negative cash did; `amount` > 0."""
    signals: Table = field(default_factory=dict)
    """One row per bar and one column per node, on request; NaN is undefined."""
