"""Nothing is opened at a price that is absurdly far from an earlier one."""

import math

import pytest
from pydantic import ValidationError
from risk_desk import Desk

from runner.trading.risk.price_collar import PriceCollar

NEVER = None  # before there is a reference nothing is opened
ALWAYS = PriceCollar(rows=10_000)


@pytest.mark.parametrize(("price", "expected"), [(8.99, 0), (9, 3), (9.01, 3), (10.99, 3), (11, 3), (11.01, 0)])
@pytest.mark.parametrize("rows", [None, 1])
def test_just_below_at_and_just_above_the_distance(price, expected, rows):
    """A tenth of 10 either way, from the close before or from the row before."""
    desk = Desk(PriceCollar(distance=0.1, rows=rows))
    desk.watch(1, session=1, prices=[10.0])
    desk.watch(2, session=2, prices=[price])

    assert desk.allowed(3) == expected
    assert desk.allowed(-3) == -expected


def test_the_reference_is_the_last_price_of_the_session_before():
    """Prices within a session don't move it, and each symbol has its own."""
    desk = Desk(PriceCollar(distance=0.1), symbols=2)
    for ts, session, prices in [
        (1, 1, (7, 70)),
        (2, 1, (10, 100)),
        (3, 2, (10, 100)),
        (4, 2, (10.8, 100)),
        (5, 2, (11, 111)),
    ]:
        desk.watch(ts, session=session, prices=prices)

    assert desk.allowed(3, s=0) == 3
    assert desk.allowed(3, s=1) == 0


def test_a_symbol_is_measured_by_its_own_calendar():
    """The account is in session 2 with B when A still trades in session 1, at 12: that is A's close before its session 2."""
    desk = Desk(PriceCollar(distance=0.1), symbols=2)
    desk.watch(1, session=1, prices=(10, 10))
    desk.watch(2, session=2, prices=(None, 10), sessions=(1, 2))
    desk.watch(3, session=2, prices=(12, 10), sessions=(1, 2))
    desk.watch(4, session=2, prices=(12.5, 10), sessions=(2, 2))

    assert desk.allowed(3, s=0) == 3


def test_a_session_without_a_price_keeps_the_reference():
    """Absent in session 2, the symbol is measured from session 1."""
    desk = Desk(PriceCollar(distance=0.1), symbols=2)
    for ts, session, prices in [(1, 1, (10, 10)), (2, 2, (None, 20)), (3, 3, (10.5, 20))]:
        desk.watch(ts, session=session, prices=prices)

    assert desk.allowed(3, s=0) == 3


def test_the_reference_is_so_many_prices_back():
    """Three back from 10, 11, 12, 13, 14: of 13 it is 10, of 14 it is 11; instants without a price don't count."""
    desk = Desk(PriceCollar(distance=0.28, rows=3))
    found = []
    for ts, price in enumerate([10, 11, 12, None, 13, 14]):
        desk.watch(ts, prices=[price])
        found.append(desk.allowed(3))

    assert found == [0, 0, 0, 0, 0, 3]


def test_before_there_is_a_reference_nothing_is_opened():
    """In the first session, and in the first rows."""
    for rows, instants in ((None, 1), (2, 2)):
        desk = Desk(PriceCollar(distance=1000.0, rows=rows))
        for ts in range(instants):
            desk.watch(ts, session=1, prices=[10.0])

        assert desk.allowed(3) == 0


@pytest.mark.parametrize(("first", "then"), [(math.nan, 10), (10, math.nan), (0, 10), (10, 0), (-10, -10)])
def test_it_fails_closed(first, then):
    """Without two prices above zero nothing is opened."""
    desk = Desk(PriceCollar(distance=1000.0))
    desk.watch(1, session=1, prices=[first])
    desk.watch(2, session=2, prices=[then])

    assert desk.allowed(3) == 0


@pytest.mark.parametrize("values", [{"distance": 0.0}, {"rows": 0}, {"rows": 10_001}])
def test_what_means_nothing_is_refused(values):
    """No distance, no rows, more rows than anybody keeps."""
    with pytest.raises(ValidationError):
        PriceCollar(**values)
