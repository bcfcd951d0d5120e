"""No slippage."""

from runner.trading.slippage.none import NoSlippage


def test_the_price_is_the_reference():
    """Buys and sells fill where the market is."""
    assert [NoSlippage.price((), quantity, 10.0, ()) for quantity in (1.0, -1.0)] == [10.0, 10.0]
