"""Launches a run: configuration → pipeline → tape → engine → run directory.

1. `compose` and `prepare` find every fault of the configuration before anything is read or written (`asked`).
2. The market data are read through time-zone policy and quality gate (`launch`, as the steps below).
3. The run directory is made; from here on every end is written into its manifest.
4. The engine runs the pipeline, a backtest under other fill clocks and costs as well, unless that is off (`by_whole`).
   With `engine.window` steps 2 and 4 are one: the data are read window by window while the engine runs (`by_windows`).
5. Metrics, tables, sensitivity and report are written; the manifest says `DONE` (`written`).

The clock, the environment and the working directory are read here and in `archive`, and nowhere below.
"""

from runner.launch.asked import configure
from runner.launch.how import Launch
from runner.launch.launch import launch
from runner.launch.progress import Progress

__all__ = ["Launch", "Progress", "configure", "launch"]
