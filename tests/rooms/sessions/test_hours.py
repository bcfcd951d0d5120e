"""Outside of the market's hours nothing is sent, whatever the clocks do and however short the day is."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from runner.live.feed.instant import Touch
from runner.live.feed.sessions import Sessions
from runner.live.model import Instrument, Quote
from runner.sessions.hours import OVER, Hours, keep_hours
from runner.spec.timezone import Timezone

NEW_YORK = Timezone(zone="America/New_York", stamp="open", interval="1min", calendar="XNYS")
ALWAYS = Timezone(zone="UTC", stamp="open", interval="1min", calendar="24-7")


def ns(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


class Clock:
    """Tells the times of a list, one per second that somebody sleeps; then it ends who sleeps."""

    def __init__(self, *times):
        self.times = [ns(time) for time in times]

    def utc_ns(self):
        return self.times[0]

    def mono_ns(self):
        return 7

    async def sleep(self, duration_ns):
        assert duration_ns > 0
        self.times.pop(0)
        if not self.times:
            raise asyncio.CancelledError


def is_open(policy, text):
    return Hours(Sessions(policy), Clock(text)).is_open()


@pytest.mark.parametrize(
    ("before", "after"), [("2025-03-07T14:30", "2025-03-10T13:30"), ("2025-10-31T13:30", "2025-11-03T14:30")]
)
def test_h4_the_open_moves_with_the_exchange_s_clock(before, after):
    """09:30 there is an hour earlier in UTC once clocks are put forward, and an hour later once they are put back."""
    for opening in (before, after):
        assert is_open(NEW_YORK, opening)
        assert not is_open(NEW_YORK, opening.replace(":30", ":29"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-11-28T17:59", True),
        ("2025-11-28T18:00", False),
        ("2025-11-27T16:00", False),
        ("2025-11-29T16:00", False),
        ("2025-12-01T16:00", True),
    ],
    ids=["half-day before one", "half-day after one", "holiday", "Saturday", "Monday"],
)
def test_h5_half_days_and_holidays_are_the_exchange_s(text, expected):
    """The day after Thanksgiving ends at 13:00 in New York."""
    assert is_open(NEW_YORK, text) is expected


@pytest.mark.parametrize("text", ["2025-12-25T03:00", "2025-11-29T16:00", "2025-11-28T23:59"])
def test_h5_a_market_that_never_closes_is_open(text):
    """Also where the policy names no hours at all."""
    assert is_open(ALWAYS, text)
    assert is_open(Timezone(zone="UTC", stamp="event"), text)


class Sitting:
    """What is looked at of a sitting."""

    def __init__(self, touch, until_ns=None):
        self.symbols = ("A",)
        self.until_ns = until_ns
        self.ended = []
        self.consulted = []
        self.feed = SimpleNamespace(touch=lambda _: touch)
        self.told = []
        self.trader = SimpleNamespace(opened=lambda ts, prices: self.told.append((ts, prices)))
        self.log = SimpleNamespace(flush=lambda **_: None)
        session = SimpleNamespace(journal=None, quotes={"A": Quote("A", 1, 2, 0)})
        session.consult = lambda: self.consulted.append(dict(session.quotes))
        router = SimpleNamespace(wishes={"A": None})
        self.live = SimpleNamespace(
            session=session, router=router, instruments={"A": Instrument("A", Decimal("0.01"), Decimal(1), "USD")}
        )

    def stop(self, why):
        self.ended.append(why)

    def failed(self, failure):
        self.ended.append(failure)


def kept(sitting, *times):
    clock = Clock(*times)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(keep_hours(sitting, Hours(Sessions(NEW_YORK), clock), clock))


def test_what_waited_is_priced_by_the_new_session():
    """Quotes of the old one are forgotten, and nothing is asked for before a price has come since the open."""
    opening = "2025-12-01T14:30:00"
    sitting = Sitting(Touch(0, ns("2025-12-01T14:30:01"), 99.0, 1.0, 101.0, 1.0))

    kept(sitting, "2025-12-01T14:29:58", "2025-12-01T14:29:59", opening)

    assert sitting.consulted == [{"A": Quote("A", 9_900, 10_100, 7)}]
    assert sitting.told == [(ns(opening), [("A", 9_900, 10_100)])]


def test_a_price_from_before_the_open_is_none():
    """An order at yesterday's price would be a gift."""
    sitting = Sitting(Touch(0, ns("2025-11-28T17:59:59"), 99.0, 1.0, 101.0, 1.0))

    kept(sitting, "2025-12-01T14:29:58", "2025-12-01T14:29:59", "2025-12-01T14:30:00")

    assert sitting.consulted == [{}]
    assert sitting.told == []


def test_a_session_ends_when_its_time_is_over():
    """Also while nothing comes in; it is asked once, as a second time would mean to hurry."""
    sitting = Sitting(Touch(0, 0, fault="empty"), until_ns=ns("2025-11-29T12:00:00"))
    clock = Clock("2025-11-29T11:59:59", "2025-11-29T12:00:01", "2025-11-29T12:00:02", "2025-11-29T12:00:03")

    asyncio.run(keep_hours(sitting, Hours(Sessions(NEW_YORK), clock), clock))

    assert sitting.ended == [OVER]


def test_hours_that_nobody_can_tell_end_the_session():
    """Without them orders might leave at night."""
    sitting = Sitting(Touch(0, ns("2025-12-01T14:30:00"), 99.0, 1.0, 101.0, 1.0))
    broken = OSError("the calendar is gone")
    clock = Clock("2025-12-01T14:29:59", "2025-12-01T14:30:00", "2025-12-01T14:30:01")
    clock.mono_ns = lambda: (_ for _ in ()).throw(broken)

    asyncio.run(keep_hours(sitting, Hours(Sessions(NEW_YORK), clock), clock))

    assert sitting.ended == [broken]
