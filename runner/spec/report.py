"""What a run writes beyond its results."""

from runner.spec.kind import Spec
from runner.units import Duration, Instant

__all__ = ["Report"]


class Report(Spec):
    """Choices of the report and of the optional tables."""

    html: bool = True
    """Write `report.html`."""
    equity_every: Duration | None = None
    """Keep one line of equity per stretch of this length, the last one, e.g. `"1h"`, and one per session at least; null
    keeps every instant. For millions of events. Returns, ratios and drawdowns go by sessions, whatever is kept; what goes
    by rows (`max_drawdown_rows`, `exposure`, `mean_gross_exposure`, `mean_net_exposure`) goes by the lines that are kept."""
    signals: bool = False
    """Write `signals.parquet`: the value of every node at every bar."""
    sensitivity: bool = True
    """Write `sensitivity.json`: a backtest's result under other fill clocks and costs, by year, market and symbol."""
    measured_from: Instant | None = None
    """First instant that counts in the figures, in UTC, quoted: `"2015-06-30T20:00Z"`; null counts from the first decision
    that the signal can make, and so does an instant before that. All lanes of a sweep have the same."""
