"""What a reader must know of a run that kept fewer lines of equity than there were instants."""

from collections.abc import Iterator

from runner.spec.run import RunSpec

__all__ = ["thinned_remarks"]


def thinned_remarks(spec: RunSpec) -> Iterator[str]:
    """Yield which figures go by the lines that were kept; all others are what they are without `report.equity_every`."""
    if spec.report.equity_every is not None:
        yield (
            f"Equity has one line per {spec.report.equity_every}, and one per session at least (report.equity_every):"
            " exposure and the deepest fall between rows go by these; returns, ratios and drawdowns go by sessions."
        )
