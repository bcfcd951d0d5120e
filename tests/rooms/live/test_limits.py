"""The gate's limits come from the risk overlay of the run, so that a backtest and a session are held to the same."""

from decimal import Decimal
from fractions import Fraction

import pytest

from runner.errors import ConfigError
from runner.live.limits import tightened
from runner.trading.risk.daily_loss import DailyLoss
from runner.trading.risk.drawdown_stop import DrawdownStop
from runner.trading.risk.gross_exposure import GrossExposure
from runner.trading.risk.net_exposure import NetExposure
from runner.trading.risk.order_rate import OrderRate
from runner.trading.risk.position_limit import PositionLimit
from runner.trading.risk.stale_data import StaleData
from tests.live_bench import SECOND, dollars, limits


def test_every_shared_rule_tightens_the_gate():
    """What a rule limits the gate limits, as the numbers were written: 0.1 is a tenth, not its binary neighbour."""
    rules = {
        "position": PositionLimit(share=0.1, units=40, notional=5_000),
        "gross": GrossExposure(share=1.5, notional=None),
        "net": NetExposure(share=None, notional=2_000),
        "rate": OrderRate(orders=7, window="1min", per="symbol"),
        "stale": StaleData(max_age="5s", held=True),
        "loss": DailyLoss(share=0.03, amount=100, since="open", action="halt"),
        "drawdown": DrawdownStop(share=0.2, action="halt"),
    }

    got = tightened(limits(loss_since_close=False), rules.items())

    assert (got.position_share, got.position_units, got.position_value) == (Fraction(1, 10), Decimal(40), dollars(5_000))
    assert (got.gross_share, got.net_value) == (Fraction(3, 2), dollars(2_000))
    assert (got.rate_orders, got.rate_ns, got.rate_per_symbol) == (7, 60 * SECOND, True)
    assert (got.max_age_ns, got.held_fresh) == (5 * SECOND, True)
    assert (got.loss_share, got.loss_value, got.loss_since_close, got.loss_halts) == (
        Fraction(3, 100),
        dollars(100),
        False,
        True,
    )
    assert got.drawdown_share == Fraction(1, 5)


@pytest.mark.parametrize(("own", "rule", "left"), [(10, 40, 10), (40, 10, 10), (None, 10, 10), (10, None, 10)])
def test_the_tighter_one_counts(own, rule, left):
    """A rule never widens what the session was given."""
    rules = [("position", PositionLimit(share=None, units=rule, notional=1e9))]

    got = tightened(limits(position_units=None if own is None else Decimal(own)), rules)

    assert got.position_units == left


def test_two_rates_of_different_windows_are_refused():
    """The gate counts over one window: two of them would need the user's word."""
    with pytest.raises(ConfigError, match=r"risk\.rules\.rate\.window"):
        tightened(limits(rate_orders=5, rate_ns=SECOND), [("rate", OrderRate(orders=9, window="1min"))])
