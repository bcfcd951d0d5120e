"""Numbers whose size nobody knows beforehand."""

import math

import pytest

from runner.report.measured import counted, measured
from runner.report.wording import UNDEFINED


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0016234, "0.00162"),
        (2.119, "2.12"),
        (-0.5, "−0.500"),
        (61_606.04, "61,606"),
        (0.0, "0"),
        (math.nan, UNDEFINED),
    ],
)
def test_a_number_shows_three_significant_digits(value, expected):
    """However small it is, it isn't rounded to zero."""
    assert measured(value) == expected


def test_more_digits_can_be_asked_for():
    """Prices have more of them than costs."""
    assert measured(130.3125, digits=5) == "130.31"


def test_one_is_not_many():
    """A count agrees with its noun."""
    said = [counted(1, "symbol"), counted(1_200, "symbol"), counted(2, "stretch", "stretches")]

    assert said == ["1 symbol", "1,200 symbols", "2 stretches"]
