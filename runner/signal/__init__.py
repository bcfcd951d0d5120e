"""Named expressions become a graph of compiled operators; and what a file of operators of one's own needs.

from runner.signal import Number, operator


@operator("x", parameters=(Number("share"),))
def scaled(state, x, p):
    '''share · x[t].'''
    return p[0] * x[0]
"""

from runner.compiler import checked_part as part
from runner.signal.operator import Input, Number, Ordered, Rows, Window, cross_operator, formula, operator, window_operator

__all__ = [
    "Input",
    "Number",
    "Ordered",
    "Rows",
    "Window",
    "cross_operator",
    "formula",
    "operator",
    "part",
    "window_operator",
]
