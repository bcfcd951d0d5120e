"""The declared length of a bar held against the bars."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from runner.errors import DataError
from runner.market.clock import stamped
from runner.market.origin import with_origin
from runner.market.spacing import spacing_faults
from runner.spec.timezone import Timezone

START = datetime(2024, 1, 2, 14, 30, tzinfo=UTC)


def every(step, *, bars=30, symbol="A"):
    return [(symbol, START + n * step) for n in range(bars)]


def intraday(interval):
    return Timezone(zone="America/New_York", stamp="open", interval=interval)


def faults_of(rows, timezone):
    symbols, stamps = zip(*rows, strict=True)
    return spacing_faults(
        stamped(with_origin(pl.DataFrame({"symbol": symbols, "timestamp": stamps}), "a.csv"), timezone), timezone
    )


def told(run):
    with pytest.raises(DataError) as caught:
        run()
    return str(caught.value).split("\n", 1)[1]


def test_hourly_bars_declared_as_minutes_would_be_known_too_early(loaded):
    """An interval shorter than every distance is look-ahead, and refused."""
    assert told(lambda: loaded(every(timedelta(hours=1)), timezone=intraday("1min"))) == (
        '  timezone.interval: must be the length of one bar, was "1min" while no two bars are closer than 1h. '
        'Write timezone.interval: "1h"; a bar must not be known before it closes.'
    )


def test_minute_bars_declared_as_five_minutes_overlap(loaded):
    """An interval longer than a distance is refused, with the rows."""
    text = told(lambda: loaded(every(timedelta(minutes=1), bars=3), timezone=intraday("5min")))

    assert text == (
        '  timezone.interval: must be the length of one bar, was "5min" while 2 bars start sooner after another, '
        "the nearest after 1min. Write the true length of a bar as timezone.interval, or repair the rows.\n"
        "    row 2 of the source: A 2024-01-02 14:31:00+00:00\n"
        "    row 3 of the source: A 2024-01-02 14:32:00+00:00"
    )


def test_weekly_bars_are_no_daily_bars(loaded):
    """A week stamped with its first day isn't known that evening."""
    weeks = [("A", date(2024, 1, 1) + timedelta(weeks=n)) for n in range(30)]

    assert told(lambda: loaded(weeks)).startswith(
        "  timezone.stamp: session needs one bar per session, was bars at least 7 days apart. "
        "A weekly or monthly bar isn't known at the end of the day it is stamped with; use daily bars."
    )


def test_holes_are_no_longer_bars():
    """Minutes without a trade are absent; one pair of neighbours shows the true length."""
    rows = [*every(timedelta(minutes=7)), ("A", START + timedelta(minutes=1))]

    assert faults_of(rows, intraday("1min")) == []


def test_one_symbol_that_trades_often_vouches_for_one_that_does_not():
    """The length is judged over all symbols of the universe together."""
    rows = [*every(timedelta(minutes=1)), *every(timedelta(minutes=9), symbol="B")]

    assert faults_of(rows, intraday("1min")) == []


def test_a_handful_of_bars_proves_nothing():
    """Below twenty distances nothing is concluded."""
    assert faults_of(every(timedelta(hours=1), bars=20), intraday("1min")) == []


def cut_hours(days=4):
    """Hours of New York stamped 09:00, 10:00 … 15:00; the first holds half an hour."""
    return [("A", datetime(2024, 7, day, hour, tzinfo=UTC)) for day in range(8, 8 + days) for hour in range(13, 20)]


def test_bars_cut_to_their_session_keep_their_distance():
    """The half hour from 09:30 to 10:00 neither overlaps its neighbour nor makes the others half hours."""
    timezone = Timezone(zone="America/New_York", stamp="open", interval="1h", calendar="XNYS")

    assert faults_of(cut_hours(), timezone) == []


def test_cut_bars_do_not_hide_too_short_an_interval(loaded):
    """Hours declared as 29 minutes would be known half an hour too early."""
    timezone = Timezone(zone="America/New_York", stamp="open", interval="29min", calendar="XNYS", out_of_session="drop")

    assert told(lambda: loaded(cut_hours(), timezone=timezone)) == (
        '  timezone.interval: must be the length of one bar, was "29min" while no two bars are closer than 1h. '
        'Write timezone.interval: "1h"; a bar must not be known before it closes.'
    )


def test_rows_need_not_be_sorted_to_be_measured(loaded):
    """Symbols that alternate and stamps in any order are put side by side first."""
    rows = [
        row for pair in zip(every(timedelta(hours=1)), every(timedelta(hours=1), symbol="B"), strict=True) for row in pair
    ]

    text = told(lambda: loaded(rows[::-1], timezone=intraday("1min")))

    assert text.startswith(
        '  timezone.interval: must be the length of one bar, was "1min" while no two bars are closer than 1h.'
    )
    assert faults_of(rows[::-1], intraday("1h")) == []


def test_events_have_no_length():
    """Trades an hour apart, or at the same instant, say nothing about an interval."""
    policy = Timezone(zone="UTC", stamp="event")

    assert faults_of([*every(timedelta(hours=1)), *every(timedelta(hours=1))], policy) == []
