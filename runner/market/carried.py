"""Rows of earlier windows that stand before a window's own, so that neighbours are neighbours across the border.

Checks look at them, but they were read, kept and counted before. What a check finds in one of them is new only if it didn't
find it then: an outlier is known as one by the row behind it, an unchanging stretch by its length.
"""

from dataclasses import dataclass, field

import polars as pl

from runner.market.origin import FILE, ROW

__all__ = ["CARRIED", "Carried", "own"]

CARRIED = "carried"
"""Boolean column, there only window by window: the row is an earlier window's."""
PLACE = (FILE, ROW)


def own(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that no earlier window had."""
    return frame.filter(~pl.col(CARRIED)).drop(CARRIED) if CARRIED in frame.columns else frame


@dataclass(slots=True)
class Carried:
    """What checks have found in rows that are carried on."""

    onward: pl.DataFrame
    """`file` and `row` of the rows that the next window will carry."""
    told: dict[str, pl.DataFrame] = field(default_factory=dict)
    """Check → `file` and `row` of what it found in rows that are carried."""

    def news(self, check: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Return those of the rows a check found now that it didn't find before, and remember them."""
        before = self.told.get(check)
        fresh = rows if before is None else rows.join(before, on=PLACE, how="anti", maintain_order="left")
        if fresh.height:
            kept = fresh.select(PLACE).join(self.onward, on=PLACE, how="semi")
            self.told[check] = kept if before is None else pl.concat([before, kept])
        return fresh

    def following(self, onward: pl.DataFrame) -> "Carried":
        """Return what there is to remember in the next window, which will carry other rows on."""
        still = {check: rows.join(self.onward, on=PLACE, how="semi") for check, rows in self.told.items()}
        return Carried(onward.select(PLACE), {check: rows for check, rows in still.items() if rows.height})
