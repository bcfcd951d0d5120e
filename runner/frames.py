"""Tables as pandas frames, for notebooks; the only place that imports pandas."""

import pandas as pd

from runner.tables import Table

__all__ = ["frame_of"]


def frame_of(table: Table) -> pd.DataFrame:
    """Return a frame with the table's columns; `ts` is zone-aware UTC."""
    frame = pd.DataFrame(dict(table))
    if "ts" in table:
        frame["ts"] = pd.to_datetime(frame["ts"], unit="ns", utc=True)
    return frame
