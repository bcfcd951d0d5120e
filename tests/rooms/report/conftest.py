from dataclasses import dataclass, field

import numpy as np
import pytest

from runner.tables import Tables

DAY = 86_400_000_000_000


@dataclass
class Ledger:
    """Writes the tables of a made-up run, one line per row."""

    equity: list[tuple] = field(default_factory=list)
    orders: list[tuple] = field(default_factory=list)
    fills: list[tuple] = field(default_factory=list)
    positions: list[tuple] = field(default_factory=list)
    refusals: list[tuple] = field(default_factory=list)
    charges: list[tuple] = field(default_factory=list)

    def worth(self, ts, equity, *, gross=0.0, net=None, measured=True):
        net = gross if net is None else net
        self.equity.append((ts, equity, equity - net, gross, net, measured))

    def order(self, ts, symbol, side, quantity, *, reason="long.enter", status="filled", refusal=""):
        filled = quantity if status == "filled" else 0.0
        line = (len(self.orders) + 1, ts, symbol, side, quantity, "market", np.nan, reason, status, filled, refusal)
        self.orders.append(line)

    def fill(self, ts, symbol, side, quantity, price, *, slippage=0.0, fee=0.0, maker=False):
        reference = price - slippage / quantity * (1 if side == "buy" else -1)
        self.fills.append((len(self.fills) + 1, ts, symbol, side, quantity, reference, price, slippage, fee, maker))

    def position(self, ts, symbol, quantity, average_price, realised=0.0):
        self.positions.append((ts, symbol, quantity, average_price, realised))

    def refuse(self, ts, symbol, rule, wanted, allowed):
        self.refusals.append((ts, symbol, rule, wanted, allowed))

    def charge(self, ts, symbol, amount):
        self.charges.append((ts, symbol, amount))

    def tables(self):
        return Tables(
            orders=columns(
                self.orders,
                "order:i8 ts:i8 symbol:U side:U quantity:f8 kind:U price:f8 reason:U status:U filled:f8 refusal:U",
            ),
            fills=columns(
                self.fills,
                "order:i8 ts:i8 symbol:U side:U quantity:f8 reference:f8 price:f8 slippage:f8 fee:f8 maker:?",
            ),
            equity=columns(self.equity, "ts:i8 equity:f8 cash:f8 gross:f8 net:f8 measured:?"),
            positions=columns(self.positions, "ts:i8 symbol:U quantity:f8 average_price:f8 realised:f8"),
            refusals=columns(self.refusals, "ts:i8 symbol:U rule:U wanted:f8 allowed:f8"),
            charges=columns(self.charges, "ts:i8 symbol:U amount:f8"),
        )


def columns(rows, layout):
    names = [name.split(":") for name in layout.split()]
    return {name: np.array([row[i] for row in rows], dtype=dtype) for i, (name, dtype) in enumerate(names)}


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
def make_ledger():
    return Ledger
