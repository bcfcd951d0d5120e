"""A fixed number of units."""

import numpy as np

from runner.trading.sizing.units import Units


def test_equity_and_price_do_not_matter():
    """The size is what was written."""
    kind = Units(units=7)

    assert kind.size(np.array(kind.numbers()), 1.0, 1e9, 1.0) == 7.0
