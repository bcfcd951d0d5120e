"""What a run writes beyond its results."""

from runner.spec.kind import Spec

__all__ = ["Report"]


class Report(Spec):
    """Choices of the report and of the optional tables."""

    html: bool = True
    """Write `report.html`."""
    signals: bool = False
    """Write `signals.parquet`: the value of every node at every bar."""
    sensitivity: bool = True
    """Write `sensitivity.json`: a backtest's result under other fill clocks and costs, by year, market and symbol."""
