"""What an engine must be able to do for a run, held against what it can."""

from runner.engine.backtrader.overlap import backtrader_faults
from runner.engine.pipeline import Pipeline
from runner.engine.zipline import zipline_fault
from runner.errors import Fault, NotYetError
from runner.market.run_windows import window_source_faults
from runner.spec.run import RunSpec

__all__ = ["engine_faults"]


def engine_faults(spec: RunSpec, pipeline: Pipeline) -> list[Fault]:
    """Return everything that keeps the run's engine from computing it.

    Raises:
        NotYetError: If it is an engine that can't be had.
    """
    if spec.engine.kind == "zipline":
        raise NotYetError(zipline_fault())
    faults = []
    if spec.engine.kind == "backtrader":
        faults += backtrader_faults(spec, pipeline)
    elif spec.engine.strategy is not None:
        write = "Write engine=backtrader, or leave the strategy out."
        faults.append(Fault("engine.strategy", "must be null without engine=backtrader", spec.engine.strategy, write))
    if spec.engine.window is not None:
        faults += _window_faults(spec)
    if spec.engine.strategy is None and spec.engine.params:
        write = "Name a strategy, or leave the parameters out."
        faults.append(Fault("engine.params", "must be empty without a strategy", ", ".join(spec.engine.params), write))
    return faults


def _window_faults(spec: RunSpec) -> list[Fault]:
    """Return what keeps a run from going on window by window."""
    where, was = "engine.window", f'"{spec.engine.window}"'
    write = "Write engine.window=null to read the data whole."
    if spec.engine.kind != "native":
        return [Fault(where, "must be null without engine=native", was, write)]
    if spec.mode.kind != "backtest":
        must = "must be null unless mode is backtest"
        write = "Write engine.window=null: a replay pushes every row through memory and is for data that fit there."
        return [Fault(where, must, was, write)]
    return window_source_faults(spec)
