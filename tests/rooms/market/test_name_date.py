"""Days in the names of files."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import DataError
from runner.market.name_date import name_date, name_date_faults


@pytest.mark.parametrize(
    ("name", "written", "day"),
    [
        ("20140606_trade.zip", "%Y%m%d", date(2014, 6, 6)),
        ("AAPL_2012-06-21_34200000_57600000_orderbook_10.csv", "%Y-%m-%d", date(2012, 6, 21)),
        ("lean_minute_shy_20080310_trade.zip", "%Y%m%d", date(2008, 3, 10)),
        ("2014/06/06/spy.csv", "%Y/%m/%d", date(2014, 6, 6)),
        ("spy-06Jun14.csv", "%d%b%y", date(2014, 6, 6)),
        ("spy.2014.157.csv", "%Y.%j", date(2014, 6, 6)),
        ("20140606/20140606_trade.zip", "%Y%m%d", date(2014, 6, 6)),
    ],
)
def test_a_name_spells_its_day(name, written, day):
    """Other numbers in the name don't confuse it, and the same day twice is one day."""
    assert name_date_faults(written) == []
    assert name_date(name, written) == day


@given(st.dates(date(1970, 1, 1), date(2100, 12, 31)), st.sampled_from(["%Y%m%d", "%Y-%m-%d", "%d.%m.%Y"]))
def test_every_day_reads_back(day, written):
    """Whatever day is written into a name is found in it."""
    assert name_date(f"bars_{day.strftime(written)}.csv.gz", written) == day


@pytest.mark.parametrize(
    ("name", "was"),
    [
        ("spy.csv", "a name without one"),
        ("spy_34200000.csv", "a name without one"),
        ("spy_120140606.csv", "a name without one"),
        ("20140606_20140609.csv", "2014-06-06, 2014-06-09"),
    ],
)
def test_a_name_without_one_day_is_a_fault(name, was):
    """No day, no real day, a longer number, or two days."""
    with pytest.raises(DataError) as caught:
        name_date(name, "%Y%m%d")

    assert str(caught.value).split("\n")[1] == (
        f'  {name}: its name must spell one day as "%Y%m%d", was {was}. '
        "Write the format of the day in the name, or the day itself as date."
    )


@pytest.mark.parametrize("written", ["%H%M", "YYYYMMDD", "%Y", "%Y%m", "%m%d", "%d", "%Y%j%H", ""])
def test_a_format_that_names_no_day_is_a_fault(written):
    """Year, month and day, or year and day of the year."""
    (fault,) = name_date_faults(written)

    assert fault.must == "must be the format of a day"
