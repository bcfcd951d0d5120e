"""No fees."""

from runner.trading.fees.none import NoFees


def test_nothing_is_charged():
    """Whatever is traded."""
    assert NoFees.fee((), (0.0, 0.0), 1e6, 100.0, 0.0) == 0.0
