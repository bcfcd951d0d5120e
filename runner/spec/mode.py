"""The execution mode: the only thing that changes between research and production."""

from typing import Literal

from runner.spec.kind import Spec

__all__ = ["Mode"]


class Mode(Spec):
    """Where events come from and where orders go."""

    kind: Literal["backtest", "replay", "paper", "live"]
    """`backtest`: the whole tape at once; `replay`: the same tape one event at a time, the way live sees it; `paper`: live
    feed, simulated fills; `live`: live feed, real broker."""
