"""What a simulated exchange promises: its instruments, how it treats ids and time, how much it lets through.

Three venues stand for those there are. They differ in what a client order id is worth:

- `open_only`: an id is refused only while an order of that id is open; once it is filled, the same id makes a second order;
- `strict`: an id is refused for ever;
- `never`: nobody looks at ids. This one has no validity window either, so that a lost order can't be proven lost.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from runner.venue.world import MS, SECOND

__all__ = ["ATOM", "COLLAR", "CURRENCY", "INSTRUMENTS", "VENUES", "IdScope", "Instrument", "VenueRules"]

ATOM = Decimal("0.00000001")
"""The smallest amount of money the exchange knows; cash and fees are whole numbers of it."""


class IdScope(StrEnum):
    """Among which orders a client order id must be unique."""

    OPEN_ONLY = "open_only"
    STRICT = "strict"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One symbol."""

    symbol: str
    tick: Decimal
    """Smallest step of the price."""
    lot: Decimal
    """Smallest step of the quantity."""
    opens_at: int
    """First mid price, in ticks."""

    @property
    def atoms_per_lot_tick(self) -> int:
        """Return the money of one lot at one tick, in atoms."""
        atoms = self.tick * self.lot / ATOM
        return int(atoms)


@dataclass(frozen=True, slots=True)
class VenueRules:
    """How one exchange behaves when nothing is wrong."""

    name: str
    ids: IdScope
    window_ns: int | None
    """How old a request's stamp may be when it arrives; None if the exchange takes requests of any age."""
    most_lag: int
    """Nanoseconds until what happened is visible to queries, at most."""
    page: int
    """Most items of one page."""
    orders_per_10s: int
    """Placements and replacements the account may send in ten seconds before it hears 429."""
    requests_per_10s: int
    """Requests of any kind, likewise."""
    fee_bps: int


CURRENCY = "USD"
"""What everything is quoted and paid in."""

INSTRUMENTS = (
    Instrument("ALPHA", Decimal("0.01"), Decimal(1), 10_000),
    Instrument("BRAVO", Decimal("0.5"), Decimal("0.25"), 60_000),
    Instrument("CHARLIE", Decimal("0.0001"), Decimal(2), 12_500),
)
"""What is traded: a share, a coin of many digits, and something cheap."""

COLLAR = Fraction(1, 200)
"""How far from the middle a simulated session may place a limit."""

VENUES = {
    rules.name: rules
    for rules in (
        VenueRules("open_only", IdScope.OPEN_ONLY, 5 * SECOND, 1 * SECOND, 3, 60, 260, 10),
        VenueRules("strict", IdScope.STRICT, 3 * SECOND, 500 * MS, 5, 32, 180, 0),
        VenueRules("never", IdScope.NEVER, None, 250 * MS, 4, 60, 300, 5),
    )
}
"""Name → the exchange of that name."""
