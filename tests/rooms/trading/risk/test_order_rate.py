"""A limit on how many orders are sent in a stretch of time."""

import numpy as np
import pytest
from pydantic import ValidationError
from risk_desk import MINUTE, Desk

from runner.trading.risk.order_rate import OrderRate

NEVER = OrderRate(orders=10_000, window="1ms")
ALWAYS = None  # the first order has none before it
START = 1_700_000_000_000_000_123
"""An instant whose nanoseconds a float64 can't tell apart."""


def test_just_below_at_and_just_above_the_number():
    """Two in ten minutes: the third waits."""
    desk = Desk(OrderRate(orders=2, window="10min"))
    found = []
    for minute in range(3):
        desk.watch(START + minute * MINUTE)
        found.append(desk.allowed(5))
        desk.send(0, desk.ts)

    assert found == [5, 5, 0]


@pytest.mark.parametrize(("after", "expected"), [(10 * MINUTE - 1, 0), (10 * MINUTE, 5), (10 * MINUTE + 1, 5)])
def test_just_before_at_and_just_after_the_end_of_the_window(after, expected):
    """To the nanosecond, the window ends with what was sent ten minutes ago."""
    desk = Desk(OrderRate(orders=1, window="10min"))
    desk.watch(START)
    desk.send(0, START)
    desk.watch(START + after)

    assert desk.allowed(5) == expected


@pytest.mark.parametrize(("per", "expected"), [("account", 0), ("symbol", 5)])
def test_orders_of_one_instant_count_for_the_account_or_for_their_symbol(per, expected):
    """The first symbol has just sent one; the second is asked at the same instant, and at the next."""
    desk = Desk(OrderRate(orders=1, window="10min", per=per), symbols=2)
    desk.watch(START)
    assert desk.allowed(5, s=0) == 5
    desk.send(0, START)

    assert desk.allowed(5, s=1) == expected
    desk.watch(START + MINUTE)
    assert (desk.allowed(5, s=0), desk.allowed(5, s=1)) == (0, expected)


def test_an_exit_between_two_instants_counts_from_when_it_was_sent():
    """An entry decided at 0 and stopped at 5 are both known at 10: of a window of 10, only the stop is left at 12."""
    desk = Desk(OrderRate(orders=1, window="10min"))
    desk.watch(START)
    desk.send(0, START)
    desk.send(0, START + 5 * MINUTE)

    found = []
    for minute in (10, 12, 15):
        desk.watch(START + minute * MINUTE)
        found.append(desk.allowed(5))

    assert found == [0, 0, 5]


@pytest.mark.parametrize("per", ["account", "symbol"])
def test_it_agrees_with_counting_a_list(per):
    """Over drawn instants and orders of three symbols, with several at once and exits out of order."""
    generator = np.random.default_rng(5)
    desk = Desk(OrderRate(orders=4, window="10min", per=per), symbols=3)
    sent: list[tuple[int, int]] = []
    ts = before = START
    for _ in range(400):
        before, ts = ts, ts + int(generator.integers(1, 5 * MINUTE))
        for s in range(3):
            if generator.random() < 0.1 and before > START:
                instant = int(generator.integers(before + 1, ts + 1))
                desk.send(s, instant)
                sent.append((s, instant))
        desk.watch(ts)
        for s in range(3):
            counted = sum(ts - u < 10 * MINUTE for k, u in sent if per == "account" or k == s)
            assert desk.allowed(5, s=s) == (5 if counted < 4 else 0)
            if counted < 4 and generator.random() < 0.7:
                desk.send(s, ts)
                sent.append((s, ts))


@pytest.mark.parametrize("values", [{"orders": 0}, {"orders": 10_001}, {"window": "0s"}, {"per": "desk"}])
def test_what_means_nothing_is_refused(values):
    """No order, more than anybody keeps, no time."""
    with pytest.raises(ValidationError):
        OrderRate(**values)
