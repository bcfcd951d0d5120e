"""The market data that the spec of a run asks for."""

from runner.errors import Fault
from runner.market.load import MarketData, config_faults, load
from runner.market.source import Source
from runner.spec.run import RunSpec

__all__ = ["run_data", "run_data_faults"]


def run_data(spec: RunSpec, source: Source, *, now: int | None) -> MarketData:
    """Read what a run reads, through every policy; raises as `load` does.

    Args:
        spec: The run.
        source: Where the rows come from: the spec's own source, or a store in front of it.
        now: UTC nanoseconds after which bars of files count as still forming; None lets them pass.
    """
    return load(
        source,
        universe=spec.universe,
        window=spec.window,
        timezone=spec.timezone,
        quality=spec.quality,
        events=spec.events,
        now=now,
    )


def run_data_faults(spec: RunSpec) -> list[Fault]:
    """Return every fault of a run's sections about the market that can be seen without data."""
    return config_faults(
        universe=spec.universe,
        window=spec.window,
        timezone=spec.timezone,
        quality=spec.quality,
        events=spec.events,
    )
