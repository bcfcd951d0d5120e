"""One row of every session lost at the same time of day: a question about the stamp."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from runner.market.lone_rows import Lone, added, lone_notes
from runner.spec.timezone import Timezone

DAYS = [day for day in range(1, 20) if day not in {4, 6, 7, 13, 14}]
"""Sessions of New York from 1 to 19 July 2024."""


def minutes(first, last, *, days=DAYS, symbol="A", step=5):
    """Stamps by New York's clock from first to last, both included."""
    rows = []
    for day in days:
        stamp, end = (datetime.fromisoformat(f"2024-07-{day:02} {time}") for time in (first, last))
        while stamp <= end:
            rows.append((symbol, stamp))
            stamp += timedelta(minutes=step)
    symbols, stamps = zip(*rows, strict=True)
    return list(zip(symbols, pl.Series(stamps).dt.replace_time_zone("America/New_York"), strict=True))


def policy(stamp="open", **settings):
    return Timezone(
        zone="America/New_York", stamp=stamp, interval="5min", calendar="XNYS", out_of_session="drop", **settings
    )


def asked(loaded, rows, timezone):
    notes = loaded(rows, timezone=timezone).quality["bars"]["notes"]
    return [note for note in notes if "timezone.stamp" in note]


@pytest.mark.parametrize(
    ("stamp", "first", "last", "lost"), [("open", "09:35", "16:00", "16:00"), ("close", "09:30", "15:55", "09:30")]
)
def test_bars_stamped_with_their_other_end_are_asked_about(loaded, stamp, first, last, lost):
    """All but one bar of each session are accepted, a bar late; 3 July closes at 13:00, where its last one is lost."""
    full = [day for day in DAYS if day != 3]
    early = {"15:55": "12:55", "16:00": "13:00"}[last]
    rows = [
        row
        for symbol in "AB"
        for days, end in ((full[:2], last), ([3], early), (full[2:], last))
        for row in minutes(first, end, days=days, symbol=symbol)
    ]

    assert asked(loaded, rows, policy(stamp)) == [
        f"1 row of nearly every session of A, B, stamped {lost}, was left out: is timezone.stamp right?"
    ]


def test_rows_that_belong_inside_or_are_many_outside_are_not_asked_about(loaded):
    """Bars stamped as declared; hours before the open, and a few odd rows of other times."""
    regular = minutes("09:30", "15:55", days=[day for day in DAYS if day != 3])

    assert asked(loaded, regular, policy()) == []
    assert asked(loaded, [*minutes("08:00", "09:25"), *regular], policy()) == []
    assert asked(loaded, [*regular, *minutes("16:00", "16:00", days=DAYS[5:8])], policy()) == []


def test_four_sessions_prove_nothing(loaded):
    """A handful of rows outside may be anything."""
    assert asked(loaded, minutes("09:35", "16:00", days=DAYS[4:8]), policy()) == []
    assert len(asked(loaded, minutes("09:35", "16:00", days=DAYS[4:9]), policy())) == 1


def test_a_session_that_lies_in_two_windows_is_counted_once():
    """Nine sessions in two windows that share one, and a window without any."""
    noon = 12 * 3_600 * 10**9
    one, two = Lone(10, 14, 5, {noon: 4}), Lone(14, 18, 5, {noon: 4, 0: 1})

    both = added(added({"A": one}, {"A": Lone(times={noon: 1})}), {"A": two, "B": two})

    assert both == {"A": Lone(10, 18, 9, {noon: 9, 0: 1}), "B": two}
    assert lone_notes(both) == (
        "1 row of nearly every session of A, B, stamped 12:00, was left out: is timezone.stamp right?",
    )
