"""Paths that lead nowhere, whatever is wrong with them."""

import pytest

from runner.market.factors import factors_faults
from runner.market.input_files import find_files
from runner.market.timezone import policy_faults
from runner.spec.timezone import Timezone


@pytest.mark.parametrize("path", ["x" * 5_000, "~nobody-has-this-name/x.csv", "a\0b", "missing.csv", "*.nothing"])
def test_a_path_the_system_cannot_take_leads_to_no_file(path):
    """Too long, another's home, a zero byte: no file, no traceback."""
    assert find_files(path, (".csv",)) == ()
    assert [fault.must for fault in factors_faults(path, ("A",))] == ["must lead to a file"]


def test_a_bar_longer_than_a_month_is_refused():
    """100,000 days would not fit into an instant and wrap round to the past."""
    policy = Timezone(zone="UTC", stamp="open", interval="100000d")

    assert [str(fault) for fault in policy_faults(policy)] == [
        'timezone.interval: must be at most 31d, was "100000d". '
        "Write the length of one bar: longer ones than a day are seldom stamped with a time of day."
    ]
