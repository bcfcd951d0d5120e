"""Swings: which way a series is going, told by how far it has come back from its last extreme.

An operator of a row has a `step`: the state it keeps itself, one row of its inputs, its parameters. `state` starts as zeros.
"""

import numpy as np

from runner.signal import Number, operator


@operator(
    "x",
    parameters=(Number("share", least=0.0, above=True, most=0.9),),
    state=lambda share: 2,
    undefined="skip",
)
def swing(state, x, p):
    """Direction of the swing: −1 once x ≤ high · (1 − share), 1 once x ≥ low · (1 + share), 0 before either.

    `high` and `low` are the extremes since the last turn, at first the first value. Of positive series, such as prices.
    """
    direction, extreme = state[0], state[1]
    if not np.isfinite(x[0]):
        return np.nan
    if direction == 0.0 and extreme == 0.0:
        state[1] = x[0]
    elif direction >= 0.0 and x[0] <= extreme * (1.0 - p[0]):
        state[0], state[1] = -1.0, x[0]
    elif direction <= 0.0 and x[0] >= extreme * (1.0 + p[0]):
        state[0], state[1] = 1.0, x[0]
    elif (x[0] - extreme) * direction > 0.0:
        state[1] = x[0]
    return state[0]
