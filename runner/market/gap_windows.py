"""Gaps found window by window: the same as those of the whole.

1. `GapWindows.add` puts each symbol's last expected bar of earlier windows before a window's own, so that a gap across a
   border is found where it ends, and looks for gaps among them.
2. Sessions are kept from window to window (`_covering`): a gap may be longer than any window. Fixed hours expect bars on
   days that have data, and when a gap ends all days in it are known.
3. `joined_gaps` adds windows up.

Where the data must show whether bars are counted from the open or on the clock, each window uses what all windows so far
agree with best.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from runner.market.arrange import arranged
from runner.market.calendar import Calendar, calendar_of
from runner.market.gaps import SHOWN, WAYS, Gaps, gaps_of, hours_of
from runner.spec.timezone import Timezone

__all__ = ["GapWindows", "joined_gaps"]

EPOCH = date(1970, 1, 1)
COLUMNS = ("symbol", "opened", "known", "session")


@dataclass(slots=True)
class GapWindows:
    """What is carried from window to window."""

    timezone: Timezone
    """The policy the bars were placed with."""
    symbols: tuple[str, ...]
    """The universe."""
    calendar: Calendar | None = None
    """The sessions so far."""
    last: pl.DataFrame | None = None
    """Each symbol's last bar inside the hours."""
    fitting: list[int] = field(default_factory=lambda: [0] * WAYS)
    """How many bars agree with each way of counting them."""

    def add(self, frame: pl.DataFrame, calendar: Calendar | None) -> Gaps:
        """Return the gaps that end in this window; rows and calendar as `gaps_of` takes them, symbols an Enum."""
        if calendar is None or calendar.days.size == 0 or self.timezone.stamp == "event":
            return Gaps()
        self.calendar = calendar if self.calendar is None else self._covering(self.calendar, calendar)
        rows = frame.select(COLUMNS)
        whole = rows if self.last is None else arranged(pl.concat([self.last, rows]), self.symbols)
        found = gaps_of(whole, self.timezone, self.calendar, fitting=self.fitting)
        before = 0 if self.last is None else self.last.height
        _, inside = hours_of(self.calendar, self.timezone).of_bars(*(whole[name].to_numpy() for name in ("opened", "known")))
        expected = whole.filter(pl.Series(inside)).sort("opened", maintain_order=True)
        self.last = expected.group_by("symbol", maintain_order=True).last().select(COLUMNS)
        return replace(found, expected=found.expected - before) if found.judged else found

    def _covering(self, before: Calendar, following: Calendar) -> Calendar:
        """Return the sessions of both, and those between, which a window without rows would leave out."""
        end, begin = int(before.days[-1]), int(following.days[0])
        parts = [before, following]
        if self.timezone.calendar is not None and begin - end > 1:
            ends = (EPOCH + timedelta(days=day) for day in (end + 1, begin - 1))
            parts.insert(1, calendar_of(self.timezone.calendar, *ends, zone=self.timezone.zone))
        days, first = np.unique(np.concatenate([part.days for part in parts]), return_index=True)

        def kept(name: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
            return np.asarray(np.concatenate([getattr(part, name) for part in parts])[first])

        open_ns, close_ns, start_ns, end_ns = (kept(f"{name}_ns") for name in ("open", "close", "break_start", "break_end"))
        return Calendar(before.name, days, open_ns, close_ns, start_ns, end_ns, before.zone)


def joined_gaps(parts: Sequence[Gaps]) -> Gaps:
    """Add up what was found window by window."""
    symbols: dict[str, int] = {}
    for part in parts:
        for symbol, missing in part.symbols.items():
            symbols[symbol] = symbols.get(symbol, 0) + missing
    first = sorted((gap for part in parts for gap in part.first), key=lambda gap: (gap.symbol, gap.start))
    longest = sorted((gap for part in parts for gap in part.longest), key=lambda gap: (-gap.missing, gap.symbol, gap.start))
    return Gaps(
        judged=any(part.judged for part in parts),
        expected=sum(part.expected for part in parts),
        missing=sum(symbols.values()),
        stretches=sum(part.stretches for part in parts),
        symbols=dict(sorted(symbols.items())),
        first=tuple(first[:SHOWN]),
        longest=tuple(longest[:SHOWN]),
    )
