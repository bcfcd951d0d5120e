"""Runner: a quant edits YAML and launches; the same file backtests, sweeps, trades on paper and trades live.

import runner

run = runner.run(overrides=["signal.params.lookback=10"])
run.metrics["sharpe"]
run.fills                      # pandas frame, stamps in UTC
runner.load("runs/pressure_bars/…")
runner.verify(run.path).is_same

sweep = runner.sweep(["signal.params.lookback=5,10,20", "slippage.bps=0,5"])
sweep.trials                   # a row per combination
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.archive.run import Run, load
    from runner.errors import ConfigError, DataError, Fault, NotYetError, RunError, RunnerError
    from runner.launch import configure
    from runner.launch.verify import verify
    from runner.sessions.any_mode import run
    from runner.spec.run import RunSpec
    from runner.sweeps.from_python import sweep
    from runner.sweeps.sweep import Sweep, load_sweep

__version__ = "0.1.0"

__all__ = [
    "ConfigError",
    "DataError",
    "Fault",
    "NotYetError",
    "Run",
    "RunError",
    "RunSpec",
    "RunnerError",
    "Sweep",
    "configure",
    "load",
    "load_sweep",
    "run",
    "sweep",
    "verify",
]

_HOMES = {
    "ConfigError": "runner.errors",
    "DataError": "runner.errors",
    "Fault": "runner.errors",
    "NotYetError": "runner.errors",
    "Run": "runner.archive.run",
    "RunError": "runner.errors",
    "RunSpec": "runner.spec.run",
    "RunnerError": "runner.errors",
    "load": "runner.archive.run",
    "Sweep": "runner.sweeps.sweep",
    "load_sweep": "runner.sweeps.sweep",
    "run": "runner.sessions.any_mode",
    "sweep": "runner.sweeps.from_python",
    "configure": "runner.launch",
    "verify": "runner.launch.verify",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that the command line starts without numpy, polars and Numba."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'runner' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__, "__version__"]
