"""Positions and cash against the venue's, exactly; a difference is told only when it can't be a delay.

    ask for all positions and balances, between venue times a and b
    wait until every execution up to b is shown, and sweep
    ours at b  =  ours now − what was executed after b

An instrument with an execution between `a − visibility` and `b` may have been read on either side of it: then this reading
says nothing about it. What remains has to agree to the last lot and the last 10⁻¹⁸.
"""

from dataclasses import dataclass

from runner.live.book import Move
from runner.live.money import Money
from runner.live.orders import Doors
from runner.live.pages import all_pages
from runner.live.profile import MS
from runner.live.resolver import Resolver

__all__ = ["MARGIN_NS", "Comparison", "Reading", "compare", "read_account"]


MARGIN_NS = 50 * MS
"""For what the clock's error grows by meanwhile."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The account at the venue, between two venue times."""

    from_ns: int
    to_ns: int
    positions: dict[str, int]
    cash: dict[str, Money]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison found."""

    differences: tuple[str, ...]
    """One line for each number that differs and could be told."""
    open: tuple[str, ...]
    """Symbols and currencies that this reading said nothing about."""
    positions: tuple[tuple[str, int], ...] = ()
    """Lots that the venue has more than we do, of the symbols that differ."""
    cash: tuple[tuple[str, Money], ...] = ()


async def read_account(doors: Doors) -> Reading | None:
    """Return positions and cash at the venue; None if a page of them is missing or says one thing twice."""
    clock, contract = doors.venue_clock, doors.contract
    from_ns = clock.now_ns() - clock.error_ns()
    holdings = await all_pages(doors.line, contract.positions, contract.read_positions)
    balances = await all_pages(doors.line, contract.balances, contract.read_balances)
    if holdings is None or balances is None:
        return None
    positions = {each.symbol: each.lots for each in holdings}
    cash = {each.currency: each.amount for each in balances}
    if len(positions) < len(holdings) or len(cash) < len(balances):
        return None
    return Reading(from_ns, clock.now_ns() + clock.error_ns(), positions, cash)


async def compare(doors: Doors, resolver: Resolver) -> Comparison | None:
    """Return how our books differ from the venue's; None if the venue didn't say enough."""
    epoch = doors.venue_clock.epoch
    reading = await read_account(doors)
    if reading is None:
        return None
    await doors.ports.clock.sleep(doors.setup.profile.visible_ns + 2 * doors.venue_clock.error_ns() + MARGIN_NS)
    if not await resolver.sweep_fills() or resolver.swept_to_ns < reading.to_ns:
        return None
    if doors.venue_clock.epoch != epoch or not doors.venue_clock.is_known:
        return None
    return difference(doors, reading)


def difference(doors: Doors, reading: Reading) -> Comparison:
    """Return how our books at the time of a reading differ from it, once every execution up to then is known."""
    state, moves = doors.state, doors.book.moves.values()
    unsure_from_ns = reading.from_ns - doors.setup.profile.visible_ns
    unsure = [move for move in moves if unsure_from_ns <= move.at_ns <= reading.to_ns]
    later = [move for move in moves if move.at_ns > reading.to_ns]
    differences, undecided, lots, cash = [], [], [], []
    for symbol in sorted(state.instruments.keys() | reading.positions.keys()):
        ours = state.position(symbol) - sum(move.lots for move in later if move.symbol == symbol)
        theirs = reading.positions.get(symbol, 0)
        if any(move.symbol == symbol for move in unsure):
            undecided.append(symbol)
        elif ours != theirs:
            differences.append(f"{symbol}: {ours} lots here, {theirs} at the venue")
            lots.append((symbol, theirs - ours))
    for currency in sorted(state.accounts.keys() | reading.cash.keys()):
        account = state.accounts.get(currency)
        ours = (account.cash if account else 0) - sum(_paid(doors, move, currency) for move in later)
        theirs = reading.cash.get(currency, 0)
        if any(currency in {move.currency, doors.setup.currency} for move in unsure):
            undecided.append(currency)
        elif ours != theirs:
            differences.append(f"{currency}: {ours} here, {theirs} at the venue (10⁻¹⁸)")
            cash.append((currency, theirs - ours))
    return Comparison(tuple(differences), tuple(undecided), tuple(lots), tuple(cash))


def _paid(doors: Doors, move: Move, currency: str) -> Money:
    """Return what an execution did to the cash of one currency."""
    value = move.amount if doors.state.instruments[move.symbol].currency == currency else 0
    return value - (move.fee if move.currency == currency else 0)
