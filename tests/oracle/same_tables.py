"""Holds the tables of two engines against each other."""

import numpy as np

from runner.tables import Tables

TABLES = ("orders", "fills", "equity", "positions", "refusals", "charges", "signals")
RELATIVE = 1e-9
MONEY = 1e-7
"""Differences of sums near zero, in quote currency, that are rounding."""


def assert_same_tables(ours: Tables, theirs: Tables, *, told: str) -> None:
    """Fail where tables differ by more than the rounding of money: texts, times and flags must be equal."""
    for name in TABLES:
        one, other = getattr(ours, name), getattr(theirs, name)
        assert list(one) == list(other), f"{told}: columns of {name}"
        for column, values in one.items():
            where = f"{told}: {name}.{column}"
            assert values.shape == other[column].shape, f"{where}: {values.size} rows and {other[column].size}"
            assert values.dtype.kind == other[column].dtype.kind, where
            if values.dtype.kind == "f":
                np.testing.assert_allclose(other[column], values, rtol=RELATIVE, atol=MONEY, err_msg=where)
            else:
                np.testing.assert_array_equal(other[column], values, err_msg=where)
