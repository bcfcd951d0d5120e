"""Arithmetic, row by row: values, domains, and what is undefined."""

import math

import numpy as np
import pytest
from evaluated import values

from runner.signal.operators import arithmetic

NAN = math.nan
ODD = [NAN, math.inf, -math.inf]


def of(name):
    return getattr(arithmetic, name)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("power", ([2, 9, -2, 0, 5, 4], [10, 0.5, 3, 0, 0, -1]), [1024, 3, -8, 1, 1, 0.25]),
        ("abs", ([-2, 0, 3, 1e-300],), [2, 0, 3, 1e-300]),
        ("sqrt", ([0, 4, 2],), [0, 2, math.sqrt(2)]),
        ("log", ([1, math.e, 1e300],), [0, 1, math.log(1e300)]),
        ("exp", ([0, 1, -1e9],), [1, math.e, 0]),
        ("sign", ([-5, 0, -0.0, 1e-300],), [-1, 0, 0, 1]),
        ("minimum", ([1, 5, -1], [2, 4, -1]), [1, 4, -1]),
        ("maximum", ([1, 5, -1], [2, 4, -1]), [2, 5, -1]),
        ("clip", ([-1, 0.5, 7, 3], [0, 0, 0, 3], [1, 1, 1, 3]), [0, 0.5, 1, 3]),
    ],
)
def test_values_are_those_of_mathematics(name, arguments, expected):
    """Worked by hand, at ordinary points and at the edges of the domain."""
    actual = values(of(name), *arguments)

    np.testing.assert_allclose(actual, expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("power", ([-8, 0, 1e200], [1 / 3, -1, 2])),
        ("sqrt", ([-1e-300, -4],)),
        ("log", ([0, -0.0, -1],)),
        ("exp", ([710, 1e300],)),
        ("clip", ([1, 2], [3, 2.5], [2, 2])),
    ],
)
def test_outside_its_domain_a_function_is_undefined(name, arguments):
    """Not infinite and not zero: a comparison with it then is undefined too."""
    assert np.isnan(values(of(name), *arguments)).all()


@pytest.mark.parametrize("name", ["power", "abs", "sqrt", "log", "exp", "sign", "minimum", "maximum", "clip"])
def test_an_undefined_input_gives_an_undefined_value(name):
    """Also where IEEE 754 has a number: 1 to the power of NaN, e to the power of −∞."""
    inputs = len(of(name).inputs)

    for place in range(inputs):
        columns = [[1.0] * 3 for _ in range(inputs)]
        columns[place] = ODD

        assert np.isnan(values(of(name), *columns)).all()


def test_a_constant_may_stand_for_a_series():
    """clip(x, 0, 1) takes its bounds from constants, minimum(x, 2) its second side."""
    assert values(arithmetic.clip, [-1, 0.5, 7], [0], [1]).tolist() == [0, 0.5, 1]
    assert values(arithmetic.minimum, [1, 3], [2]).tolist() == [1, 2]


def test_a_division_by_zero_is_infinite_and_one_by_infinity_undefined():
    """NaN if nothing is divided by zero; no number comes of an infinite divisor."""
    actual = values(arithmetic.divide, [1, -1, 0, 1, 1], [0, 0, 0, math.inf, -math.inf])

    np.testing.assert_array_equal(actual, [math.inf, -math.inf, NAN, NAN, NAN])
