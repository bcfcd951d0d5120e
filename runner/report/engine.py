"""What a reader must know of a run that another engine computed."""

from collections.abc import Iterator

from runner.spec.run import RunSpec

__all__ = ["engine_remarks"]


def engine_remarks(spec: RunSpec) -> Iterator[str]:
    """Say what Backtrader's runs lack, where it would have been written."""
    if spec.engine.kind == "backtrader" and spec.report.sensitivity:
        yield (
            "engine=backtrader computes this one run: there are no results under other fills and costs, so no break-even"
            " slippage and no sensitivity.json. engine.json holds its own figures beside Runner's."
        )
