"""From what the kernel wrote of a lane to the lane's figures, digest and session returns, in buffers all lanes share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.engine.driver import Written
from runner.report.kernel import layout as figures
from runner.report.kernel.compiled import compiled_figures
from runner.report.lane_digest import digest_of_lines
from runner.report.room import Room, room_for

__all__ = ["LaneRoom", "Scale"]

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """What lanes are measured by."""

    start: int
    """First instant that counts, in UTC nanoseconds."""
    capital: float
    sessions_per_year: float
    symbols: int
    sessions: NDArray[np.int32]
    """[I] session date of each line of equity."""


class LaneRoom:
    """Buffers in which one lane after another is measured; one thread's."""

    def __init__(self, lines: int, instants: int, symbols: int) -> None:
        """Make room for lanes of so many lines, instants and symbols; it grows where a lane has more."""
        self._size = lines, instants, symbols
        self._room = room_for(*self._size)

    @property
    def figures(self) -> Values:
        """[FIGURES] of the lane that was measured last; see `report.kernel.layout`."""
        return self._room.out

    def measure(self, written: Written, scale: Scale) -> str:
        """Measure a lane, and return the digest of all that it wrote."""
        n, x = written.events()
        equity_n, equity_x = written.equity()
        room = self._fitting(n.shape[0], equity_n.size, scale.symbols)
        first = compiled_figures().of_lines(
            n, x, n.shape[0], equity_n, equity_x, equity_n.size, scale.sessions, scale.start,
            scale.capital, scale.sessions_per_year, scale.symbols, *room.scratch, room.out,
        )  # fmt: skip
        return digest_of_lines(n, x, equity_n, equity_x, first=first, room=room)

    def returns(self) -> Values:
        """Return [T] the session returns of the lane that was measured last; NaN from where equity isn't above zero."""
        sessions = self.figures[figures.SESSIONS]
        count = 0 if np.isnan(sessions) else int(sessions)
        levels = self._room.numbers[figures.LEVELS, : count + 1]
        before = np.where(levels[:-1] > 0, levels[:-1], np.nan)
        found: Values = levels[1:] / before - 1.0
        return found

    def _fitting(self, lines: int, instants: int, symbols: int) -> Room:
        needed = lines, instants, symbols
        if any(has < needs for has, needs in zip(self._size, needed, strict=True)):
            self._size = tuple(
                max(2 * needs, has) if needs > has else has for has, needs in zip(self._size, needed, strict=True)
            )  # type: ignore[assignment]
            self._room = room_for(*self._size)
        return self._room
