"""Files of events: the instants at which something became known about a symbol, such as its earnings."""

from typing import Annotated

from pydantic import Field

from runner.spec.kind import Spec
from runner.units import TimeOfDay

__all__ = ["EventColumns", "EventFile"]

ColumnName = Annotated[str, Field(min_length=1)]


class EventColumns(Spec):
    """What the file calls the columns; names match exactly, and other columns are ignored."""

    symbol: ColumnName = "symbol"
    """Column of tickers."""
    timestamp: ColumnName = "timestamp"
    """Column of the instants at which the event was known, or of dates."""


class EventFile(Spec):
    """One sort of event. A row says that it was known of a symbol from an instant on; nothing sees it before.

    Rows may come in any order and more than once; tickers that the universe doesn't have are passed over and counted.
    """

    path: Annotated[str, Field(min_length=1)]
    """File, folder or glob of .csv (also .csv.gz) or .parquet. `~` is the home folder; the working directory is where others
    start."""
    columns: EventColumns = EventColumns()
    """Our name → the file's name."""
    zone: str | None = None
    """IANA name of the zone that dates, and stamps without an offset, are in: `America/New_York`. Needed for those."""
    at: TimeOfDay | None = None
    """Time of day in `zone` from which the event of a date is known, quoted: `"16:30"`. Needed where the file has dates,
    which don't say it, and refused where it has times."""
