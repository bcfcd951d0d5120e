"""What a reader must know of a run whose data were read window by window."""

from runner.spec.run import RunSpec

__all__ = ["window_remarks"]


def window_remarks(spec: RunSpec) -> list[str]:
    """Return what the report shows otherwise than of data that were read whole, and what grew with them."""
    if spec.engine.window is None:
        return []
    drawn = f"The data were read by windows of {spec.engine.window}: prices are drawn at the ends of sessions alone."
    if spec.report.equity_every is not None:
        return [drawn]
    kept = "Equity was kept at every instant, which takes memory for each. Write report.equity_every, e.g. 1h, to keep less."
    return [drawn, kept]
