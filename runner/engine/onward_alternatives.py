"""The same decisions under other fill clocks and other costs, in the same pass over stretches as the run itself.

1. At the first stretch `fill_kinds` finds the clocks that the data and the orders allow; one of which it only shows later
   that it can't be had is left out then.
2. Each clock and multiple of the costs goes on from stretch to stretch with a driver of its own.
3. Of its lines stay the fills, and of equity what figures are made from: the last line before measuring begins, the first
   after, and the last of each session.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from runner.engine.feed import Stretch
from runner.engine.onward import Drive, Sessions
from runner.engine.pipeline import Pipeline
from runner.engine.results import equity_from, fills_from
from runner.engine.sensitivity import SCALES, Alternative, fill_kinds, reason_of
from runner.errors import DataError
from runner.signal.evaluate import Evaluated
from runner.signal.sheet import Surroundings
from runner.trading.fill import Fill
from runner.trading.kernel import layout

__all__ = ["OnwardAlternatives"]

Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

ROOM = 2_048
"""Lines each driver holds before they are taken away; there are dozens of drivers."""


@dataclass(slots=True)
class OnwardAlternatives:
    """What a run comes to under each fill kind, at each of the `SCALES` of its costs."""

    pipeline: Pipeline
    known: Iterable[Fill]
    """Fill kinds that may be tried."""
    every: str | None = None
    """As in the run: length of time whose instants share a line of equity."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Fill kind → why it can't be had."""
    _drives: dict[str, list[Drive]] | None = None

    def beside(
        self,
        stretch: Stretch,
        found: Evaluated,
        ready: Rows,
        around: Surroundings,
        sessions: Sessions,
        start: int | None,
    ) -> None:
        """Go on over a stretch, as `Beside` says."""
        if self._drives is None:
            kinds, self.left_out = fill_kinds(self.pipeline, stretch.tapes, self.known)
            self._drives = {kind.kind: self._of(kind) for kind in kinds}
        for kind in list(self._drives):
            try:
                for drive in self._drives[kind]:
                    drive.over(stretch, found, ready, around)
                    _thin(drive, sessions, start)
            except DataError as error:
                if kind == self.pipeline.fill.kind:
                    raise
                del self._drives[kind]
                self.left_out[kind] = reason_of(error.faults)

    def all(self, start: int | None) -> list[Alternative]:
        """Return what each came to, the run's own clock first; see `Alternative`."""
        return [
            Alternative(
                drive.pipeline.fill,
                drive.cost_scale,
                equity_from(*drive.driver.written.equity(), start),
                fills_from(drive.driver.written),
            )
            for drives in (self._drives or {}).values()
            for drive in drives
            if drive.driver is not None
        ]

    def _of(self, kind: Fill) -> list[Drive]:
        pipeline = replace(self.pipeline, fill=kind)
        return [Drive(pipeline, self.every, scale, ROOM) for scale in SCALES]


def _thin(drive: Drive, sessions: Sessions, start: int | None) -> None:
    """Keep the fills, and of equity what figures are made from."""

    def counts(instants: Rows) -> Flags:
        first = instants.size if start is None else int(np.searchsorted(instants, start))
        kept = np.zeros(instants.size, np.bool_)
        kept[max(first - 1, 0) : first + 1] = True
        days = sessions.at(instants[first:])
        kept[first:-1] |= np.diff(days) != 0
        kept[-1:] = True
        return kept

    if drive.driver is not None:
        drive.driver.written.thin(lambda n: n[:, 0] == layout.FILL_LINE, counts)
