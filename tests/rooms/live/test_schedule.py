"""When a session may trade is a matter of the exchange's clock, and an hour that doesn't exist names no instant."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from runner.market.calendar import calendar_of
from runner.market.wall_clock import WallClock, localized

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("before", "after"), [(date(2025, 3, 7), date(2025, 3, 10)), (date(2025, 10, 31), date(2025, 11, 3))]
)
def test_h4_sessions_open_at_the_exchange_s_time_across_a_change_of_clocks(before, after):
    """The Friday before and the Monday after clocks are set open at 09:30 there, an hour apart in UTC."""
    opens = calendar_of("XNYS", before, after).open_ns.tolist()

    there = [datetime.fromtimestamp(ns / 1e9, NEW_YORK).strftime("%H:%M") for ns in opens]
    assert there == ["09:30", "09:30"]
    assert abs((opens[1] - opens[0]) - 3 * 86_400 * 10**9) == 3_600 * 10**9


def test_h4_a_time_that_never_came_is_no_instant():
    """02:30 on the night of the change was skipped: it is an error, not a guess."""
    got = localized(pl.Series(["2025-03-09 02:30"]).str.to_datetime(), WallClock("America/New_York"))

    assert got.instant.to_list() == [None]
    assert got.skipped.to_list() == [True]
