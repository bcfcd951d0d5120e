"""All that the kernel reads and writes, found by one address.

Handed from part to part, some fifty arrays would be hundreds of numbers a call. So they stand in a table, a slot each, in
the order of `layout`: market, panel, rules, venue, state, log and worth. A part that others call by that address alone opens
what it needs of it, and the compiler reads of the table what the part really uses.
"""

from collections.abc import Iterable
from typing import Any

from numpy.typing import NDArray

from runner.compiler import (
    codes_at,
    codes_table_at,
    melted_part,
    numbers_at,
    numbers_table_at,
    slots,
    whole_at,
    wholes_at,
    wholes_table_at,
)
from runner.trading.kernel.layout import Log, Market, Panel, Rules, State, Venue, Worth

__all__ = ["log_at", "market_at", "panel_at", "rules_at", "state_at", "venue_at", "world_of", "worth_at"]

Wholes = NDArray[Any]


def world_of(fields: Iterable[Any]) -> Wholes:
    """Return the table of the fields of market, panel, rules, venue, state, log and worth; who asks must hold the arrays."""
    return slots(fields)


@melted_part
def market_at(where):
    """Return the rows of the deciding clock."""
    return Market(wholes_at(where, 0), wholes_at(where, 1), codes_at(where, 2), codes_at(where, 3), numbers_at(where, 4))


@melted_part
def panel_at(where):
    """Return the rows by instant and symbol."""
    return Panel(
        wholes_at(where, 5),
        wholes_at(where, 6),
        codes_at(where, 7),
        codes_table_at(where, 8),
        codes_at(where, 9),
        numbers_table_at(where, 10),
        numbers_table_at(where, 11),
        wholes_table_at(where, 12),
        wholes_table_at(where, 13),
        wholes_table_at(where, 14),
        wholes_table_at(where, 15),
        wholes_table_at(where, 16),
    )


@melted_part
def rules_at(where):
    """Return what the signal says, and what else decides."""
    return Rules(
        wholes_at(where, 17),
        numbers_at(where, 18),
        numbers_at(where, 19),
        numbers_at(where, 20),
        numbers_at(where, 21),
        whole_at(where, 22),
        numbers_at(where, 23),
        wholes_at(where, 24),
        wholes_at(where, 25),
        numbers_table_at(where, 26),
        wholes_at(where, 27),
        numbers_at(where, 28),
    )


@melted_part
def venue_at(where):
    """Return the fill clock, and what filling costs."""
    return Venue(
        wholes_at(where, 29),
        wholes_table_at(where, 30),
        numbers_table_at(where, 31),
        whole_at(where, 32),
        numbers_at(where, 33),
        whole_at(where, 34),
        numbers_at(where, 35),
        numbers_at(where, 36),
        numbers_at(where, 37),
        numbers_at(where, 38),
        wholes_at(where, 39),
    )


@melted_part
def state_at(where):
    """Return everything that goes on from one instant to the next."""
    return State(
        numbers_at(where, 40),
        numbers_table_at(where, 41),
        wholes_table_at(where, 42),
        wholes_table_at(where, 43),
        wholes_at(where, 44),
    )


@melted_part
def log_at(where):
    """Return the buffers of what happened."""
    return Log(wholes_table_at(where, 45), numbers_table_at(where, 46), wholes_at(where, 47), numbers_table_at(where, 48))


@melted_part
def worth_at(where):
    """Return the scratch in which equity is made."""
    return Worth(
        numbers_table_at(where, 49),
        wholes_table_at(where, 50),
        wholes_table_at(where, 51),
        numbers_at(where, 52),
        wholes_at(where, 53),
    )
