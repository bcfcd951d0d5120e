"""The market data of a sweep's lanes: read once for all lanes that ask for the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from runner.engine.clocks import check_columns
from runner.engine.lanes import Ground
from runner.engine.onward import Sessions
from runner.engine.surroundings import surroundings_of
from runner.market.load import MarketData
from runner.market.run_data import run_data
from runner.prepare import Prepared
from runner.signal.sheet import Surroundings
from runner.spec.run import RunSpec
from runner.sweeps.trial import data_digest

__all__ = ["SECTIONS", "Market", "Markets", "market_key"]

SECTIONS = ("data", "universe", "window", "timezone", "quality", "events")
"""What says which rows are read."""


def market_key(spec: RunSpec) -> tuple[str, ...]:
    """Return what tells the markets of lanes apart."""
    return tuple(repr(getattr(spec, name)) for name in SECTIONS)


@dataclass(slots=True)
class Market:
    """Rows that lanes have in common."""

    data: MarketData
    digest: str
    """Of every row and event; see `trial.data_digest`."""
    around: Surroundings
    grounds: dict[str, Ground] = field(default_factory=dict)
    """Clock of the decisions → the market laid out for it."""
    dates: dict[str, NDArray[np.int32]] = field(default_factory=dict)
    """Clock of the decisions → session date of each line of equity."""

    def ground(self, clock: str) -> Ground:
        """Return the market laid out for lanes that decide on a clock."""
        if clock not in self.grounds:
            self.grounds[clock] = Ground.of(clock, self.data.tapes, self.around)
        return self.grounds[clock]

    def sessions(self, clock: str, instants: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the session date of each line of equity; all lanes have lines at the same instants."""
        found = self.dates.get(clock)
        if found is None or found.size != instants.size:
            found = self.dates[clock] = Sessions.of(self.ground(clock).tape).at(instants)
        return found

    def measured_dates(self, clock: str, start: int) -> NDArray[np.int32]:
        """Return the session dates that lanes are measured over, ascending, which decide on a clock from an instant on."""
        tape = self.ground(clock).tape
        found: NDArray[np.int32] = np.unique(tape.session[tape.ts >= start])
        return found


@dataclass(slots=True)
class Markets:
    """Every market that lanes of a sweep read."""

    now: int
    """UTC nanoseconds: all lanes judge by one moment which bars are still forming."""
    _found: dict[tuple[str, ...], Market] = field(default_factory=dict)
    _keys: dict[tuple[int, ...], tuple[tuple[object, ...], tuple[str, ...]]] = field(default_factory=dict)
    """Identities of sections → the sections, which keep their identities that way, and the key they come to."""

    def key(self, spec: RunSpec) -> tuple[str, ...]:
        """Return what tells the markets of lanes apart."""
        sections = tuple(getattr(spec, name) for name in SECTIONS)
        same = tuple(map(id, sections))
        known = self._keys.get(same)
        if known is None:
            known = self._keys[same] = sections, market_key(spec)
        return known[1]

    def of(self, prepared: Prepared) -> Market:
        """Return the market of a lane, read when it is first asked for.

        Raises:
            DataError: If the data break a policy, or lack a column that the lane reads.
        """
        key = self.key(prepared.spec)
        found = self._found.get(key)
        if found is None:
            data = run_data(prepared.spec, prepared.source, now=self.now)
            found = self._found[key] = Market(data, data_digest(data), surroundings_of(prepared.spec, data))
        check_columns(prepared.pipeline, found.data.tapes)
        return found

    @property
    def all(self) -> Mapping[tuple[str, ...], Market]:
        """Every market that was read, by its key."""
        return self._found
