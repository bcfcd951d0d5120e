"""What a session earned against the backtest of the same hours, and where the difference comes from.

Profit is cash flow: `− Σ quantity × price − Σ fee + Σ position × last price` over fills with signed quantities. So it can be
had for any set of fills, and the difference between two sets that differ in one thing is what that thing cost:

    backtest      fills of the backtest on the market as history tells it
    data          … on the rows that the session was handed
    decisions     … without those of orders that the session never sent, and with those that only the session sent
    rejections    … without those of orders the venue didn't fill, or so much of them
    latency       … at the market's price when the venue filled them
    fills         … at the prices the venue filled them at
    fees          … with the fees it charged: the session

Each step is the profit after it less that before, so the steps add up to the whole difference to rounding. A symbol of which
the session was handed no price at all is worth what it was last traded at in any of the sets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape
from runner.tables import Table, Tables
from runner.trading.marks import marks

__all__ = ["STEPS", "Gap", "gap_between"]

Values = NDArray[np.float64]
STEPS = ("data", "decisions", "rejections", "latency", "fills", "fees")
Key = tuple[int, str, str]
"""An order: instant of its decision, symbol, side."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Profits in the currency of the prices."""

    backtest: float
    session: float
    steps: Mapping[str, float]
    """What each step of `STEPS` added."""

    def as_json(self) -> dict[str, float | dict[str, float]]:
        """Return it as it is written into the run directory."""
        return {
            "backtest": self.backtest,
            "session": self.session,
            "difference": self.session - self.backtest,
            "steps": dict(self.steps),
        }


@dataclass(frozen=True, slots=True)
class _Model:
    """How the model filled an order."""

    ts: int
    price: float
    fee: float
    """Per unit."""


@dataclass(frozen=True, slots=True)
class _Fills:
    """A set of fills."""

    key: tuple[Key, ...]
    """The order each is of."""
    ts: NDArray[np.int64]
    quantity: Values
    """Signed."""
    price: Values
    fee: Values

    @classmethod
    def of(cls, tables: Tables) -> "_Fills":
        fills, keys = tables.fills, _keys(tables.orders)
        sign = np.where(np.asarray(fills["side"]) == "buy", 1.0, -1.0)
        ts = np.asarray(fills["ts"], np.int64)
        # A fill of an order that was never sent from here is an order of its own.
        key = tuple(
            keys[number - 1] if number > 0 else (at, symbol, side)
            for number, at, symbol, side in zip(
                fills["order"].tolist(), ts.tolist(), fills["symbol"].tolist(), fills["side"].tolist(), strict=True
            )
        )
        price, fee = (np.asarray(fills[name], np.float64) for name in ("price", "fee"))
        return cls(key, ts, sign * np.asarray(fills["quantity"], np.float64), price, fee)

    def only(self, kept: list[bool]) -> "_Fills":
        """Return some of the fills."""
        mask = np.array(kept, np.bool_)
        keys = tuple(key for key, is_kept in zip(self.key, kept, strict=True) if is_kept)
        return _Fills(keys, self.ts[mask], self.quantity[mask], self.price[mask], self.fee[mask])

    def and_(self, other: "_Fills") -> "_Fills":
        """Return these fills and others."""
        pairs = ((getattr(self, name), getattr(other, name)) for name in ("ts", "quantity", "price", "fee"))
        return _Fills(self.key + other.key, *(np.concatenate(pair) for pair in pairs))

    def profit(self, last: Mapping[str, float]) -> float:
        """Return what the fills earned at the last prices."""
        marked = np.array([last[symbol] for _, symbol, _ in self.key], np.float64)
        return float(np.sum(self.quantity * (marked - self.price) - self.fee))


def gap_between(history: Tables | None, simulated: Tables, session: Tables, tape: Tape) -> Gap:
    """Return the difference between a session and its backtest, step by step.

    Args:
        history: The backtest over the market as history tells it; None where nobody knows more than the session did.
        simulated: The backtest over the rows that the session was handed.
        session: What it did.
        tape: Those rows, on the clock that decides.
    """
    market = _Market(tape)
    model, real = _Fills.of(simulated), _Fills.of(session)
    sent, known = set(_keys(session.orders)), _model_of(model)
    shared = model.only([key in sent for key in model.key])
    own = real.only([key not in known for key in real.key])
    moved = np.array(
        [
            market.at(key[1], ts) - market.at(key[1], known[key].ts) if key in known else 0.0
            for key, ts in zip(real.key, real.ts.tolist(), strict=True)
        ]
    )
    modelled = np.array([known[key].price if key in known else p for key, p in zip(real.key, real.price, strict=True)])
    charged = np.array(
        [
            known[key].fee * abs(quantity) if key in known else fee
            for key, quantity, fee in zip(real.key, real.quantity, real.fee, strict=True)
        ]
    )
    sets = (
        model if history is None else _Fills.of(history),
        model,
        shared.and_(own),
        replace(real, price=modelled, fee=charged),
        replace(real, price=modelled + np.nan_to_num(moved), fee=charged),
        replace(real, fee=charged),
        real,
    )
    last = {**_traded_at(sets), **market.last}
    profits = [each.profit(last) for each in sets]
    steps = {name: after - before for name, (before, after) in zip(STEPS, pairwise(profits), strict=True)}
    return Gap(profits[0], profits[-1], steps)


class _Market:
    """Prices of the rows that decide, by symbol."""

    def __init__(self, tape: Tape) -> None:
        price = marks(tape)
        self._rows: dict[str, tuple[NDArray[np.int64], NDArray[np.int64], Values, Values]] = {}
        self.last: dict[str, float] = {}
        first = tape.columns.get("open", price)
        for number, symbol in enumerate(tape.symbols):
            rows = slice(int(tape.offsets[number]), int(tape.offsets[number + 1]))
            known = np.isfinite(price[rows])
            self._rows[symbol] = (tape.opened[rows][known], tape.ts[rows][known], first[rows][known], price[rows][known])
            if known.any():
                self.last[symbol] = float(price[rows][known][-1])

    def at(self, symbol: str, ts: int) -> float:
        """Return the price at an instant: a bar's first while it lasts, else the latest known; NaN before the first."""
        opened, known, first, price = self._rows[symbol]
        row = int(np.searchsorted(opened, ts, side="right")) - 1
        if row >= 0 and opened[row] <= ts < known[row]:
            return float(first[row])
        row = int(np.searchsorted(known, ts, side="right")) - 1
        return float(price[row]) if row >= 0 else float("nan")


def _traded_at(sets: Sequence[_Fills]) -> dict[str, float]:
    """Return the price that each symbol was last traded at in the first set that has it."""
    found: dict[str, float] = {}
    for each in reversed(sets):
        order = np.argsort(each.ts, kind="stable").tolist()
        found |= {each.key[row][1]: float(each.price[row]) for row in order}
    return found


def _keys(orders: Table) -> list[Key]:
    """Return what tells each order from others in two runs."""
    return list(zip(orders["ts"].tolist(), orders["symbol"].tolist(), orders["side"].tolist(), strict=True))


def _model_of(fills: _Fills) -> dict[Key, _Model]:
    """Return how the model filled each order that it filled."""
    found: dict[Key, list[int]] = {}
    for row, key in enumerate(fills.key):
        found.setdefault(key, []).append(row)
    return {
        key: _Model(
            int(fills.ts[rows[0]]),
            float(np.average(fills.price[rows], weights=np.abs(fills.quantity[rows]))),
            float(fills.fee[rows].sum() / np.abs(fills.quantity[rows]).sum()),
        )
        for key, rows in found.items()
    }
