"""The engine that drives the pipeline."""

from typing import Literal

from runner.spec.kind import Spec

__all__ = ["Engine"]


class Engine(Spec):
    """Which engine computes a backtest."""

    kind: Literal["native"] = "native"
    """`native`: Runner's compiled event loop."""
