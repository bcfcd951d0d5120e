"""The engine that drives the pipeline."""

from typing import Annotated, Literal

from pydantic import Field

from runner.spec.kind import Spec
from runner.spec.signal import NodeName
from runner.units import Duration

__all__ = ["Engine"]

ClassName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Engine(Spec):
    """Which engine computes a backtest."""

    kind: Literal["native", "backtrader", "zipline"] = "native"
    """`native`: Runner's compiled event loop. `backtrader`: the same rules, or a strategy of your own, through Backtrader.
    `zipline`: not with the libraries of this version, see its message."""
    window: Duration | None = None
    """Length of the windows in which parquet files are read, e.g. `"1d"`, for data larger than memory; null reads them
    whole. The result is the same."""
    strategy: ClassName | None = None
    """Name of a `bt.Strategy` class in a file of `strategies/`, which decides instead of the signal; backtrader only."""
    params: dict[NodeName, bool | int | float | str] = Field(default={})
    """The strategy's parameters."""
