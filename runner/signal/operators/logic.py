"""Logic of boolean series with three values, after Kleene: undefined is "could be either".

`false and undefined` is false and `true or undefined` is true, so that an exit that is certain isn't held back by another
condition that can't be known yet.
"""

import numpy as np

from runner.signal.operator import Input, operator

__all__ = ["and_", "not_", "or_"]


@operator(Input("a", "boolean"), Input("b", "boolean"), gives="boolean")
def and_(state, x, p):
    """Both are true: false if either is false, else undefined if either is undefined."""
    if x[0] == 0.0 or x[1] == 0.0:
        return 0.0
    if np.isnan(x[0]) or np.isnan(x[1]):
        return np.nan
    return 1.0


@operator(Input("a", "boolean"), Input("b", "boolean"), gives="boolean")
def or_(state, x, p):
    """At least one is true: true if either is true, else undefined if either is undefined."""
    if x[0] == 1.0 or x[1] == 1.0:
        return 1.0
    if np.isnan(x[0]) or np.isnan(x[1]):
        return np.nan
    return 0.0


@operator(Input("a", "boolean"), gives="boolean")
def not_(state, x, p):
    """1 − a: the opposite of a; undefined stays undefined."""
    return 1.0 - x[0]
