"""Why `engine=zipline` can't be had.

Tried with Python 3.11 and releases 3.0.4 to 3.2.1 of `zipline-reloaded`, the one that is kept up:

| release | asks for | with Runner's pandas 3 and numpy 2 |
|---|---|---|
| 3.1 to 3.2.1, the newest | pandas below 3 | no set of versions fits both, installing stops |
| 3.0.4 and before | no upper bound | installs, and fails to load: its machine code is built for numpy 1 |

Runner needs pandas 3 and numpy 2.1 or newer; it can't promise them and zipline in one environment. So there is no extra of
this name, and the word is kept for the day a release lifts the bound.
"""

from runner.errors import Fault

__all__ = ["zipline_fault"]


def zipline_fault() -> Fault:
    """Return why zipline can't compute a run."""
    was = (
        "zipline: zipline-reloaded 3.1 to 3.2.1 need pandas below 3 and Runner needs pandas 3; 3.0.4 installs beside it, "
        "but is built for numpy 1 and fails to load with numpy 2"
    )
    return Fault(
        "engine.kind", "must be an engine that runs with Runner's libraries", was, "Write engine=native or backtrader."
    )
