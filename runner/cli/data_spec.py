"""The part of a configuration that market data need, every fault of the whole told at once."""

import time
from dataclasses import dataclass
from pathlib import Path

from runner.cli.arguments import arguments_of
from runner.cli.composing import compose_here
from runner.errors import ConfigError, Fault
from runner.market.load import MarketData
from runner.market.run_data import run_data, run_data_faults
from runner.market.source import Source
from runner.market.store import kept
from runner.market.store.stored import Advance
from runner.prepare import composed_spec, sourced
from runner.spec.run import RunSpec

__all__ = ["DataSpec", "data_spec"]


@dataclass(frozen=True, slots=True)
class DataSpec:
    """What to read, from where, by which policies."""

    spec: RunSpec
    """The whole run the words describe."""
    source: Source
    """The source, behind a store if its rows are worth keeping."""
    runs: Path
    """Folder that run directories go to."""

    def load(self) -> MarketData:
        """Read the data through every policy; raises DataError."""
        return run_data(self.spec, self.source, now=time.time_ns())


def data_spec(words: list[str], on_progress: Advance = lambda _symbol, _share: None) -> DataSpec:
    """Compose and check what a command line says about market data; raises ConfigError with every fault."""
    arguments = arguments_of(words)
    if arguments.multirun:
        raise ConfigError(Fault("-m", "must not stand with data", "", "Leave -m out: data are looked at one set at a time."))
    composed = compose_here(arguments)
    spec, faults = composed_spec(composed)
    if spec is None:
        raise ConfigError(sourced(faults, composed.origins))
    if not isinstance(spec.data, Source):
        raise TypeError(f"{spec.data!r} is not a data source")
    source = kept(spec.data, on_progress)
    faults += run_data_faults(spec)
    faults += source.check(spec.universe)
    if faults:
        raise ConfigError(sourced(faults, composed.origins))
    return DataSpec(spec, source, Path(composed.runs))
