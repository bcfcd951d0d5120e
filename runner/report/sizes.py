"""Sizes that can't be had: larger than the cash, or smaller than a lot; and which keys mend that.

Sizes are worked out from equity, or from nothing but the row, and know nothing of the cash: `kelly` and `volatility_target`
ask for as much as their formula gives, symbol by symbol. An order that costs more than there is in cash is rejected whole.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np

from runner.report.columns import words
from runner.report.wording import count
from runner.tables import Tables
from runner.trading.kernel.layout import ENDS, NO_CASH, REFUSERS, SIZING

__all__ = ["size_remarks"]

_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "equal_weight": "sizing.share",
        "equity_share": "sizing.share",
        "kelly": "sizing.fraction or sizing.cap",
        "notional": "sizing.notional",
        "units": "sizing.units",
        "volatility_target": "sizing.target or sizing.most",
    }
)
"""Kind of sizing → the keys that its positions grow and shrink by."""
_NOTHING: Mapping[str, str] = MappingProxyType({"kelly": ", as it does wherever sizing.mean isn't above zero"})
"""Kind of sizing → why it may ask for nothing at all."""


def size_remarks(tables: Tables, sizing: str) -> Iterator[str]:
    """Say which sizes came to nothing, and what happens to those beyond the cash, where there were any.

    Args:
        tables: The tables of a run.
        sizing: The kind of its sizing.
    """
    small = int(np.sum(words(tables.refusals, "rule") == REFUSERS[SIZING]))
    if small:
        orders, were = ("orders", "they were") if small > 1 else ("order", "it was")
        yield (
            f"sizing stopped {count(small)} {orders} before {were} sent: the size came to less than one lot"
            f"{_NOTHING.get(sizing, '')}. Write a smaller sizing.lot if less can be traded, more"
            f" {_KEYS.get(sizing, 'of what it asks for')}, or more capital."
        )
    status, why = ENDS[NO_CASH]
    if np.any((words(tables.orders, "status") == status) & (words(tables.orders, "refusal") == why)):
        yield (
            "An order that costs more than the cash is rejected whole, not cut down, and"
            f" sizing={sizing} doesn't look at the cash. Write a smaller {_KEYS.get(sizing, 'size')}, or"
            " risk=gross_exposure risk.rules.gross.action=reduce to have orders cut down."
        )
