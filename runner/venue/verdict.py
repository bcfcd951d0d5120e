"""What must be true at the end, when nothing goes wrong any more and the session has stopped.

    L1  it traded again once the faults were over and, where it had halted, the operator had resumed it; it stopped when it
        was asked to; and no order's fate is unknown
    L2  positions, cash and open orders are the exchange's, exactly
    L3  the journal folds into what the session had in memory, from its beginning and from its last snapshot
    L5  no task is left, no exception unseen, no queue beyond its bound

L4, the same decisions from the recorded market data, is a law of the engine and is tested with it; what the simulation adds
is that every decision is in the journal with the quote it was made on.
"""

from typing import Protocol

from runner.live.journal import Quarantined, restore
from runner.live.model import SessionState, State
from runner.live.snapshot import text
from runner.venue.auditor import MONEY_PER_ATOM, Auditor
from runner.venue.disk import Platter, SimDisk
from runner.venue.exchange import Exchange
from runner.venue.faults import Fault, FaultPlan
from runner.venue.process import Life, SimAlarm
from runner.venue.rules import CURRENCY, VenueRules
from runner.venue.seat import instruments
from runner.venue.world import World

__all__ = ["judge"]

IN_ORDER = 0
HALTED = 4


class Ended(Protocol):
    """What is looked at: a simulation that has ended."""

    world: World
    exchange: Exchange
    platter: Platter
    plan: FaultPlan
    auditor: Auditor
    alarm: SimAlarm
    rules: VenueRules
    state_at_end: SessionState | None
    is_killed_late: bool

    @property
    def last_state(self) -> State | None:
        """Return what the last session knew."""


def judge(ended: Ended, exit_code: int | None) -> None:
    """Tell the auditor of everything that isn't as it must be at the end."""
    state = ended.last_state
    if state is None:
        ended.auditor.fail("L1", "no session ever began")
        return
    _judge_ending(ended, state, exit_code)
    _judge_truth(ended, state)
    _judge_journal(ended, state)
    ended.world.note(f"state {text(state)}")


def _judge_ending(ended: Ended, state: State, exit_code: int | None) -> None:
    fail = ended.auditor.fail
    if exit_code != IN_ORDER and not (ended.is_killed_late and exit_code == HALTED):
        fail("L1", f"it ended with {exit_code}, latched by {state.killed!r}, when nothing was wrong any more")
    if ended.state_at_end is not SessionState.LIVE:
        fail("L1", f"it was {ended.state_at_end} when the faults had long been over")
    for coid, order in state.live.items():
        fail("L1", f"{coid} is still {order.status}")
    if state.frozen and ended.rules.window_ns is not None:
        fail("L1", f"{sorted(state.frozen)} is frozen at a venue where proof is possible")


def _judge_truth(ended: Ended, state: State) -> None:
    fail, exchange = ended.auditor.fail, ended.exchange
    for order in exchange.open_orders():
        if order.client_id is not None and order.client_id not in state.live:
            fail("L2", f"{order.client_id} is open at the venue and nobody knows")
    for symbol, lots in exchange.positions.items():
        if state.position(symbol) != lots:
            fail("L2", f"position of {symbol} is {state.position(symbol)}, at the venue {lots}")
    cash = state.accounts[CURRENCY].cash if CURRENCY in state.accounts else None
    if cash != exchange.cash * MONEY_PER_ATOM:
        fail("L2", f"cash is {cash}, at the venue {exchange.cash * MONEY_PER_ATOM}")


def _judge_journal(ended: Ended, state: State) -> None:
    if ended.plan.struck[Fault.DISK_FULL] or ended.plan.struck[Fault.DISK_ERROR]:
        return  # what a disk refused is in memory alone
    disk = SimDisk(ended.world, Life(ended.world, -1), ended.platter, ended.plan)
    for is_full in (False, True):
        try:
            folded = restore(disk, instruments(), is_full=is_full)[0]
        except Quarantined as problem:
            ended.auditor.fail("L3", f"the journal can't be read again: {problem}")
            return
        if text(folded) != text(state):
            ended.auditor.fail("L3", "the journal doesn't fold into what the session knew")
