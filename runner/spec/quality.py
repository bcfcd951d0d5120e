"""The quality gate's policies: what happens to each kind of fault the data can have."""

from typing import Annotated, Literal

from pydantic import Field

from runner.spec.kind import Spec
from runner.units import Count, Positive

__all__ = ["Policy", "Quality"]

Policy = Literal["error", "drop", "keep"]
"""Refuse the data, leave the rows out, or let them pass; every choice is counted in `quality.json`."""


class Quality(Spec):
    """One policy per fault. The defaults refuse what a backtest can't be believed with and count the rest."""

    missing: Policy = "error"
    """A price that is null, NaN or infinite (bars, trades). `keep` isn't possible: a fill could use it."""
    unsorted: Literal["error", "sort"] = "error"
    """Stamps of one symbol that go backwards."""
    duplicate: Literal["error", "drop"] = "error"
    """Bars of one symbol with the same stamp and the same values; `drop` keeps one. Several trades, quotes or books of one
    instant are not a fault: they keep their order."""
    duplicate_equal: Policy = "keep"
    """Trades of one symbol with the same stamp, price, size and side as one above, and quotes and books equal to the row
    above in stamp and every column: a file read twice, or two equal ones, which happens; `drop` keeps one."""
    conflict: Literal["error", "drop"] = "error"
    """Bars of one symbol with the same stamp and different values; `drop` leaves all of them out."""
    inconsistent: Literal["error", "drop", "repair", "keep"] = "error"
    """A high below open, close or low, or a low above them; negative volume or size. `repair` widens high and low to hold
    open and close, and makes a negative volume unknown."""
    nonpositive: Policy = "error"
    """A price of zero or less. `keep` is for instruments whose prices can be negative."""
    unit: Policy = "error"
    """Prices ten times those around them or more, either way, and no common split: pence for pounds, thousands for units.
    From fifty times on a single row is enough; below, two rows on either side must bear it out, and a session of news (far
    more volume than those around it) explains it. Below ninety times a step that lasts and scales volume is a split."""
    split: Literal["error", "keep"] = "error"
    """A jump from close to next open by the ratio of a common split (2:1, 3:1, 3:2, 4:1, 5:1, 7:1, 8:1, 10:1, 20:1 and
    their reverses, within `split_tolerance`) in unadjusted prices; or by any other ratio from 1.4 on, or 5:4 or 4:3 where
    volume is known, if it is far beyond the usual moves, the price stays at its new level and the session has no more volume
    than news would explain. `keep` also where the price did move so, as in a devaluation. Of trades, quotes and books: a
    step by a common ratio between two sessions, or by any from 2.5 on, that stays."""
    split_tolerance: Annotated[float, Field(gt=0, le=0.1, allow_inf_nan=False)] = 0.02
    """How near to the ratio a jump must be, as a fraction of it."""
    outlier: Policy = "keep"
    """What looks wrong and may be a wild day: a price (of quotes and books: the middle) that leaves its neighbourhood and
    comes back at once: more than `outlier_width` times the usual move away from the price before, and back by at least
    half."""
    outlier_width: Positive = 25.0
    """How many median absolute moves make an outlier."""
    reuse: Literal["error", "keep"] = "error"
    """A hole longer than `reuse_sessions` with another price level behind it: a ticker used again by another company.
    Declare `universe.lives` to say which stretch is meant."""
    reuse_sessions: Count = 60
    """Sessions without a row that make a hole suspicious."""
    gap: Literal["error", "keep"] = "keep"
    """Bars the calendar expects and the data don't have; counted, and never filled."""
    coarse: Literal["error", "keep"] = "error"
    """Symbols whose bars are longer than `timezone.interval` says, or than a session: hourly bars beside one-minute bars
    would be known 59 minutes too early. `keep` is for bars that are as short as declared and only lie so far apart."""
    forming: Literal["error", "drop"] = "drop"
    """A last bar that was still forming when it was read: known later than the service was asked, or, of files, than the run
    began."""
    stale: Literal["error", "drop", "keep"] = "keep"
    """More than `stale_rows` consecutive rows of one symbol in which nothing changes, or, of quotes, trades and books, in
    which the best prices don't change through a whole session."""
    stale_rows: Count = 30
    """Rows without any change that count as stale."""
    crossed: Policy = "error"
    """A best bid above the best offer (quotes, depth)."""
    spread: Policy = "keep"
    """A quote or book that nobody means: an offer above `spread_times` the bid, or a placeholder (999,999 and the like) as a
    size, or as the price of the only side. `unit` and `outlier` pass such rows over: they have no middle."""
    spread_times: Annotated[float, Field(gt=1, le=1_000, allow_inf_nan=False)] = 2.0
    """How many times the bid an offer may be."""
    locked: Policy = "keep"
    """A best bid equal to the best offer."""
    one_sided: Policy = "keep"
    """A quote or book with an empty side; what needs both sides is undefined there."""
    disordered: Policy = "error"
    """Book levels that aren't in the order of their prices."""
