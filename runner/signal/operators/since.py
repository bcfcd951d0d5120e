"""How long ago something was true."""

import numpy as np

from runner.signal.operator import Input, operator

__all__ = ["since"]


@operator(Input("condition", "boolean"), state=lambda: 2, undefined="skip")
def since(state, x, p):
    """Rows since the condition was last true, 0 where it is. Undefined before it was ever true.

    State: whether it ever was, rows since.
    """
    if np.isnan(x[0]):
        return np.nan
    if x[0] == 1.0:
        state[0], state[1] = 1.0, 0.0
    else:
        state[1] += 1.0
    return state[1] if state[0] == 1.0 else np.nan
