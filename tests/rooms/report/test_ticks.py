from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.report.ticks import number_labels, number_ticks, time_ticks

SECOND = 1_000_000_000
EARLIEST, LATEST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1700, 2200))


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("1995-06-01", "2021-03-01", ["2000", "2005", "2010", "2015", "2020"]),
        ("2005-02-01", "2009-02-01", ["2006", "2007", "2008", "2009"]),
        ("2023-11-15", "2024-05-20", ["2024-01", "2024-03", "2024-05"]),
        ("2023-12-28", "2024-01-03", ["2023-12-29", "12-31", "2024-01-02"]),
        ("2024-01-03", "2024-02-10", ["2024-01-08", "01-22", "02-05"]),
        ("2024-01-03 20:30", "2024-01-04 04:00", ["01-03 22:00", "01-04 00:00", "02:00", "04:00"]),
        ("2024-01-03 14:30", "2024-01-03 14:41", ["01-03 14:30", "14:35", "14:40"]),
        ("2024-01-03 14:30", "2024-01-03 14:30:40", ["01-03 14:30:00", "14:30:15", "14:30:30"]),
    ],
)
def test_dates_adapt_from_years_down_to_seconds(start, end, expected):
    """Labels say no more than they need: the year or the day is repeated only where it changes."""
    ticks = time_ticks(at(start), at(end), at_most=4)

    assert [tick.label for tick in ticks] == expected


@given(st.integers(EARLIEST, LATEST), st.integers(0, 400 * 366 * 86_400), st.integers(2, 12))
def test_dates_lie_on_the_axis_and_are_not_crowded(start, span, at_most):
    """Whatever the stretch, there is at least one label, all lie inside it in order, and no more than fit."""
    end = min(start + span, LATEST)

    ticks = time_ticks(start * SECOND, max(end, start) * SECOND, at_most=at_most)

    stamps = [tick.value for tick in ticks]
    assert stamps == sorted(set(stamps))
    assert start * SECOND <= stamps[0] <= stamps[-1] <= max(end, start) * SECOND
    is_years = all(len(tick.label) == 4 for tick in ticks)
    assert 1 <= len(ticks) <= (2 * at_most if is_years else at_most)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (92_943.0, 207_254.0, ["100,000", "120,000", "140,000", "160,000", "180,000", "200,000"]),
        (-0.3, 0.3, ["−0.3", "−0.2", "−0.1", "0.0", "0.1", "0.2", "0.3"]),
        (2.0, 2.0, ["2"]),
        (0.0, 0.0, ["0"]),
        (0.0, 4_000_000.0, ["0", "1M", "2M", "3M", "4M"]),
        (1.0e9, 1.2e9, ["1.00bn", "1.05bn", "1.10bn", "1.15bn", "1.20bn"]),
    ],
)
def test_numbers_on_an_axis_are_round_and_short(low, high, expected):
    """Steps are 1, 2 or 5 times a power of ten, with as many decimals as tell the labels apart."""
    assert number_labels(number_ticks(low, high, about=5)) == expected


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9), st.integers(2, 8))
def test_numbers_lie_on_the_axis_with_labels_of_their_own(low, span, about):
    """Every label is different and every value lies in the range, to the rounding of a step."""
    high = low + span

    values = number_ticks(low, high, about=about)

    slack = 1e-6 * span
    assert all(low - slack <= value <= high + slack for value in values)
    assert 1 <= len(values) <= 2 * about + 1
    assert len(set(values)) == len(values)
