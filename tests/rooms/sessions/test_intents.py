"""Every order of a session is one that its decisions led to, also one that waited until the market opened."""

from runner.live.trading.again import Collected, again
from runner.live.trading.trader import KERNEL, Trader
from runner.sessions.intents import Led, Order
from runner.signal.push import PushedRow
from tests.live_bench import INSTRUMENTS
from tests.whole_session import SYMBOLS, Whole

MINUTE = 60_000_000_000
RISING = {"open": 99.0, "high": 100.0, "low": 99.0, "close": 100.0, "volume": 1.0}


def test_an_order_that_waited_for_the_open_is_led_to_by_the_prices_of_the_open(tmp_path):
    """The bar before the close decided it and had no price to send it at; the line of the open has one, and replays."""
    whole, out = Whole(tmp_path, "bars"), Collected()
    trader = Trader(whole.engine(), out)
    trader.begin()
    trader.instant(MINUTE, [PushedRow("bars", 0, MINUTE, 0, RISING, 0)], 1)
    trader.opened(2 * MINUTE, [("XYZ", 10_999, 11_001)])
    lines = out.taken()

    again_out = Collected()
    led = Led(whole.engine(), again_out, SYMBOLS, INSTRUMENTS, lambda *_: None, 0.05)
    led._recorded = type("NoInstants", (), {"instants": lambda *_: {}})()
    passed = again(lines, led, again_out, lambda *_: None)

    assert passed.divergence is None
    assert sum(line[0] == KERNEL for line in lines) == 1
    assert led.orders[-1] == [Order(1, "XYZ", 1, 4, 11_551, rests=False, bid=10_999, ask=11_001)]
