"""The columns that figures are made from, out of the tables of a run: words become the codes of the trading kernel."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from runner.report.columns import flags, numbers, stamps, words
from runner.report.kernel import layout
from runner.report.room import Room, room_for
from runner.report.trips import refused
from runner.tables import Table, Tables
from runner.trading.kernel.layout import CANCELLED, EXPIRED, REJECTED

__all__ = ["columns_of", "places_of", "signed"]

_ENDS: Mapping[str, int] = MappingProxyType(
    {"unfilled": 0, "rejected": REJECTED, "expired": EXPIRED, "cancelled": CANCELLED, "filled": layout.FILLED}
)
"""Status of an order → how it ended; why it was rejected changes no figure."""


def columns_of(tables: Tables, instants: int) -> tuple[Room, int]:
    """Return room that holds the columns of a run's tables, and how many symbols have fills.

    Args:
        tables: The tables of the run.
        instants: Rows of its equity that count.
    """
    orders, fills, charges = tables.orders, tables.fills, tables.charges
    refusals = stamps(tables.refusals, "ts")[refused(tables.refusals)]
    sizes = [stamps(orders, "ts").size, stamps(fills, "ts").size, refusals.size, stamps(charges, "ts").size]
    symbols, symbol = places_of(words(fills, "symbol"))
    room = room_for(max(sizes), instants, len(symbols))
    room.counts[:] = sizes
    status = words(orders, "status")
    ends = np.select([status == word for word in _ENDS], list(_ENDS.values()))
    wholes = {
        layout.ORDER_TS: stamps(orders, "ts"),
        layout.ORDER_END: ends,
        layout.FILL_TS: stamps(fills, "ts"),
        layout.FILL_SYMBOL: symbol,
        layout.FILL_MAKER: flags(fills, "maker"),
        layout.REFUSAL_TS: refusals,
        layout.CHARGE_TS: stamps(charges, "ts"),
    }
    values = {
        layout.FILL_QUANTITY: signed(fills),
        layout.FILL_PRICE: numbers(fills, "price"),
        layout.FILL_FEE: numbers(fills, "fee"),
        layout.FILL_SLIPPAGE: numbers(fills, "slippage"),
        layout.CHARGE_AMOUNT: numbers(charges, "amount"),
    }
    for place, column in wholes.items():
        room.wholes[place, : column.size] = column
    for place, column in values.items():
        room.numbers[place, : column.size] = column
    return room, len(symbols)


def signed(table: Table) -> NDArray[np.float64]:
    """Return the quantities of orders or fills, below zero where they sell."""
    quantity = numbers(table, "quantity")
    return np.where(words(table, "side") == "buy", quantity, -quantity)


def places_of(names: NDArray[np.str_]) -> tuple[Sequence[str], NDArray[np.int64]]:
    """Return the names that occur, in the order in which they first do, and the place of each of the given ones."""
    found: dict[str, int] = {}
    places = np.array([found.setdefault(name, len(found)) for name in names.tolist()], dtype=np.int64)
    return tuple(found), places
