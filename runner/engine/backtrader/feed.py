"""A Backtrader feed that delivers a symbol's ticks."""

from typing import Any

from runner.engine.backtrader.library import bt
from runner.engine.backtrader.ticks import Ticks

__all__ = ["Feed"]


class Feed(bt.feed.DataBase):  # type: ignore[misc]
    """Delivers `ticks`, and says which row of the tape the latest one belongs to."""

    params: Any = (("ticks", None),)

    def start(self) -> None:
        """Begin at the first tick."""
        super().start()
        ticks: Ticks = self.p.ticks
        columns = [column.tolist() for column in ticks.columns]
        self._rest = iter(list(zip(ticks.stamps.tolist(), *columns, strict=True)))

    def _load(self) -> bool:
        tick = next(self._rest, None)
        if tick is None:
            return False
        lines = self.lines
        lines.datetime[0], lines.open[0], lines.high[0], lines.low[0], lines.close[0], lines.volume[0] = tick
        lines.openinterest[0] = 0.0
        return True

    @property
    def place(self) -> int:
        """Number of the symbol in the universe."""
        ticks: Ticks = self.p.ticks
        return ticks.place

    @property
    def row(self) -> int:
        """Row of the tape that the latest tick belongs to."""
        ticks: Ticks = self.p.ticks
        return ticks.first + (len(self) - 1) // ticks.per_row

    @property
    def is_known(self) -> bool:
        """Whether the latest tick completes its row."""
        ticks: Ticks = self.p.ticks
        return len(self) > 0 and len(self) % ticks.per_row == 0
