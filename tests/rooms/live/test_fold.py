"""The fold: money to the last 10⁻¹⁸, facts once, and no edge that a state machine doesn't have."""

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.live.contract import End
from runner.live.events import (
    KINDS,
    Ack,
    Adjust,
    Boot,
    Bust,
    CancelAsked,
    Canceled,
    Close,
    Correct,
    ForeignFill,
    ForeignSeen,
    Freeze,
    Gate,
    Kill,
    Mark,
    NotPlaced,
    Reject,
    Resume,
)
from runner.live.fold import _EDGES, SESSION_EDGES, apply, equity
from runner.live.ids import coid_of, integer_after, number_of, prefix_of
from runner.live.invariant import Broken
from runner.live.model import BUY, SELL, SessionState, State, Status
from runner.live.snapshot import text
from tests.live_bench import INSTRUMENTS
from tests.live_journals import fill, intent

Q1 = "q-0000001"
DAY = 21_990


def after(*events):
    state = State(dict(INSTRUMENTS))
    for event in events:
        apply(state, event)
    return state


def ack(number=1, venue_id=None, quantity=10, price=10_000):
    return Ack(f"q-{number:07d}", venue_id or f"v{number}", quantity, price)


LIVES = {
    "unknown": (intent(1),),
    "working": (intent(1), ack()),
    "partial": (intent(1), fill(1, quantity=4)),
    "canceling": (intent(1), ack(), CancelAsked(Q1, "test")),
}
ENDED = {
    "filled": (intent(1), fill(1)),
    "canceled": (intent(1), ack(), Canceled(Q1, End.CANCELED, 0)),
    "expired": (intent(1), ack(), Canceled(Q1, End.EXPIRED, 0)),
    "rejected": (intent(1), Reject(Q1, "bad_order", 0)),
    "not_placed": (intent(1), NotPlaced(Q1, "bounded")),
}


@pytest.mark.parametrize("name", [*LIVES, *ENDED])
def test_orders_are_where_their_events_put_them(name):
    """Each way leads to its state, and only living orders are among the living."""
    state = after(*(LIVES | ENDED)[name])

    order = state.orders[Q1]
    assert order.status.value == {"canceling": "working"}.get(name, name)
    assert (Q1 in state.live) is order.status.is_live is (name in LIVES)
    assert order.remaining == (0 if name in ENDED else 6 if name == "partial" else 10)


ILLEGAL = [
    ("unknown", intent(1)),
    ("unknown", intent(3)),
    ("unknown", replace(intent(2), coid=Q1)),
    ("unknown", intent(2, symbol="NOPE")),
    ("unknown", intent(2, quantity=0)),
    ("unknown", intent(2, side=0)),
    ("unknown", intent(2, price=-1)),
    ("unknown", intent(2, replaces="q-0000009")),
    ("unknown", Canceled(Q1, End.CANCELED, 3)),
    ("unknown", Canceled(Q1, End.FILLED, 0)),
    ("working", ack()),
    ("working", ack(quantity=0)),
    ("working", Reject(Q1, "bad_order", 0)),
    ("working", NotPlaced(Q1, "bounded")),
    ("working", Ack("q-0000009", "v9", 10, 1)),
    ("partial", NotPlaced(Q1, "bounded")),
    ("partial", Reject(Q1, "bad_order", 0)),
    ("partial", Canceled(Q1, End.CANCELED, 3)),
    ("partial", fill(1)),
    ("partial", fill(1, exec_id="x7", quantity=0)),
    ("partial", fill(9)),
    *[(name, event) for name in ENDED for event in (CancelAsked(Q1, ""), Canceled(Q1, End.CANCELED, 0), NotPlaced(Q1, ""))],
    *[(name, ack(venue_id="v7")) for name in ENDED],
    *[(name, intent(2, replaces=Q1)) for name in ENDED],
]


@pytest.mark.parametrize(("name", "event"), ILLEGAL)
def test_illegal_edges_fail_loudly_and_change_nothing(name, event):
    """`Broken`, and the state is as it was, to the last letter."""
    state = after(*(LIVES | ENDED)[name])
    before = text(state)

    with pytest.raises(Broken):
        apply(state, event)

    assert text(state) == before


def test_a_venue_id_belongs_to_one_order():
    """An acknowledgement or a fill under another order's venue id is no edge."""
    state = after(intent(1), ack(), intent(2))

    for event in (ack(2, venue_id="v1"), fill(2, venue_id="v1")):
        with pytest.raises(Broken):
            apply(state, event)


@pytest.mark.parametrize("name", ENDED)
def test_a_fill_after_the_end_moves_the_position_and_not_the_state(name):
    """Money moved: it is counted, the order stays ended, and the lateness is told."""
    state = after(*ENDED[name])
    status, held = state.orders[Q1].status, state.position("XYZ")

    apply(state, fill(1, exec_id="late", quantity=3))

    assert (state.position("XYZ"), state.late_fills) == (held + 3, 1)
    assert state.orders[Q1].status is status
    assert Q1 not in state.live


def test_an_overfill_ends_the_order_with_all_of_it():
    """Eleven of ten: filled, and eleven are held."""
    state = after(intent(1), fill(1, quantity=11))

    assert (state.orders[Q1].status, state.orders[Q1].filled, state.position("XYZ")) == (Status.FILLED, 11, 11)


def test_no_intent_follows_a_latch_or_a_freeze():
    """What nothing may be sent for has no intent either."""
    for state in (after(Kill("test")), after(Freeze("XYZ", "test"))):
        with pytest.raises(Broken):
            apply(state, intent(1))
        apply(state, Resume("looked"))
        apply(state, intent(1))


@pytest.mark.parametrize("start", list(SessionState))
@pytest.mark.parametrize("to", list(SessionState))
def test_sessions_go_only_where_they_may(start, to):
    """Every pair of states: an edge, or `Broken`; and a latched session never opens."""
    for killed in (None, "test"):
        state = after()
        state.session, state.killed = start, killed
        is_allowed = to in SESSION_EDGES[start] and not (killed and to in {SessionState.LIVE, SessionState.DEGRADED})
        if is_allowed:
            apply(state, Gate(to, ""))
            assert state.session is to
        else:
            with pytest.raises(Broken):
                apply(state, Gate(to, ""))


def test_a_session_begins_anywhere_and_closes_from_stopping_alone():
    """Any state may be the place of a crash; an ordered end has one way."""
    for start in SessionState:
        state = after()
        state.session = start
        if start is SessionState.STOPPING:
            apply(state, Close("", 0))
        else:
            with pytest.raises(Broken):
                apply(state, Close("", 0))
        apply(state, Boot(0, "", ""))
        assert state.session is SessionState.BOOT


TRADE = st.tuples(st.sampled_from([BUY, SELL]), st.integers(1, 50), st.integers(1, 10**21), st.integers(-(10**17), 10**17))


@given(st.lists(TRADE, max_size=30), st.integers(1, 10**21))
def test_money_adds_up_exactly_whatever_is_traded(trades, mark):
    """S9: cash and worth are capital, gains of closed and of open positions, less fees, to the last unit.

    The oracle counts cash and positions from the trades alone, and gains by what was paid on average, in fractions.
    """
    state = after(Adjust("opening", (), (("USD", 10**24),), 0, is_opening=True))
    cash, held, cost, gains, fees = 10**24, 0, Fraction(0), Fraction(0), 0
    for number, (side, lots, each, fee) in enumerate(trades, start=1):
        apply(state, intent(number, side=side, quantity=lots))
        apply(state, fill(number, quantity=lots, each=each, fee=fee))
        cash, fees = cash - side * lots * each - fee, fees + fee
        closing = min(abs(held), lots) if held * side < 0 else 0
        if closing:
            share = cost * closing / abs(held)
            gains, cost = gains - side * closing * each - share, cost - share
        cost += side * (lots - closing) * each
        held += side * lots
    account, position = state.accounts["USD"], state.positions.get("XYZ")
    apply(state, Mark(0, DAY, (("XYZ", mark),), 0))

    assert (account.cash, state.position("XYZ"), account.fees) == (cash, held, fees)
    assert equity(state, "USD") == cash + held * mark
    unrealized = held * mark - (position.cost if position else 0)
    assert cash + held * mark == account.transfers + account.realized + unrealized - account.fees
    assert abs(account.realized - gains) <= len(trades)  # what is closed takes its share rounded down, once per trade
    assert account.invested == (position.cost if position else 0)


def test_a_position_that_is_closed_costs_nothing():
    """Bought and sold in uneven parts: no unit of cost is left behind."""
    state = after(intent(1, quantity=3), fill(1, quantity=3, each=10**18 + 1))
    for number in (2, 3, 4):
        apply(state, intent(number, side=SELL, quantity=1))
        apply(state, fill(number, quantity=1, each=10**18))

    assert (state.positions["XYZ"].lots, state.positions["XYZ"].cost) == (0, 0)
    assert state.accounts["USD"].realized == -3


def test_a_bust_is_booked_back_once():
    """Taken back: position and cash as if it had never been, but for the fee; and never again."""
    state = after(intent(1), fill(1, quantity=4, fee=5), Bust("x1"))

    assert (state.position("XYZ"), state.accounts["USD"].cash) == (0, -5)
    with pytest.raises(Broken):
        apply(state, Bust("x1"))
    with pytest.raises(Broken):
        apply(state, fill(1, quantity=4))


def test_a_bust_lowers_what_was_filled():
    """A living order has that much left again; one that had ended stays ended."""
    partial = after(intent(1), fill(1, quantity=4), fill(1, quantity=3, exec_id="x2"), Bust("x1"))
    filled = after(intent(1), fill(1), Bust("x1"))

    assert (partial.orders[Q1].filled, partial.orders[Q1].remaining) == (3, 7)
    assert (filled.orders[Q1].filled, filled.orders[Q1].status) == (0, Status.FILLED)


def test_a_correction_is_as_if_it_had_been_told_so_at_once():
    """Position, cash, fees and what was filled are those of the new numbers."""
    told = after(intent(1), fill(1, quantity=4, each=10**20, fee=9), Correct("x1", 10, 10**19, 7, "USD"))
    right = after(intent(1), fill(1, quantity=10, each=10**19, fee=7))

    assert told.accounts["USD"].cash == right.accounts["USD"].cash
    assert told.position("XYZ") == right.position("XYZ") == 10
    assert told.orders[Q1].status is Status.FILLED
    assert told.executions == right.executions
    for wrong in (Correct("x9", 1, 1, 1, "USD"), Correct("x1", 0, 1, 1, "USD")):
        with pytest.raises(Broken):
            apply(told, wrong)


def test_what_is_foreign_counts():
    """A foreign execution moves position and cash, a foreign order is open until it is gone."""
    told = ForeignFill("x1", "v9", "ABC", SELL, 4, 10**18, 7, "USD", 0)
    state = after(told, ForeignSeen("v9", "ABC", SELL, 6, 1_000))

    assert (state.position("ABC"), state.accounts["USD"].cash) == (-4, 4 * 10**18 - 7)
    assert state.foreign["v9"].remaining == 6
    with pytest.raises(Broken):
        apply(state, told)
    apply(state, ForeignSeen("v9", "ABC", SELL, 0, 1_000))
    assert state.foreign == {}


def test_a_new_day_begins_with_the_last_equity_and_forgets_the_loss():
    """The day before ends at its last mark; a day that is over never comes back."""
    opening = Adjust("opening", (), (("USD", 100),), 0, is_opening=True)
    state = after(opening, Mark(0, DAY, (), 0), Mark(0, DAY, (), 0, stops=True))
    state.accounts["USD"].cash = state.accounts["USD"].transfers = 90
    apply(state, Mark(0, DAY, (), 0))
    assert (state.has_lost_too_much, state.previous_close, state.day_open) == (True, 100, 100)

    apply(state, Mark(0, DAY + 1, (), 0))
    assert (state.has_lost_too_much, state.previous_close, state.day_open) == (False, 90, 90)
    apply(state, Mark(0, DAY, (), 0))

    assert state.day == DAY + 1


def test_only_what_is_known_is_marked_and_an_unknown_worth_is_none():
    """A held symbol without a mark: nobody knows the equity."""
    state = after(intent(1), fill(1))

    assert equity(state, "USD") is None
    with pytest.raises(Broken):
        apply(state, Mark(0, DAY, (("NOPE", 1),), 0))


def test_every_kind_of_event_has_an_edge():
    """A line that the fold doesn't know would be lost in a restart."""
    assert set(_EDGES) == set(KINDS.values())


@given(st.text(max_size=20), st.text(max_size=20), st.integers(1, 9_999_999))
def test_ids_are_short_ours_and_read_back(account, run, number):
    """At most sixteen letters that every venue takes; the number comes back from them, and only for the same run."""
    prefix = prefix_of(account, run)
    coid = coid_of(prefix, number)

    assert len(coid) <= 16
    assert coid.isascii()
    assert set(coid) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert number_of(prefix, coid) == number
    assert number_of(prefix_of(account + "x", run), coid) is None


@pytest.mark.parametrize("coid", [None, "", "x", "q-1", "qaaaaaa-0000001x", "qaaaaaa-٠٠٠٠٠٠١", " qaaaaaa-0000001"])
def test_what_is_not_our_id_has_no_number(coid):
    """Near misses and other alphabets are foreign."""
    assert number_of("qaaaaaa", coid) is None


def test_d25_numbers_of_orders_never_go_back():
    """The venue's counter fell behind ours: ours goes on; it is ahead: we follow."""
    assert integer_after(last=100, venue_next=96) == 101
    assert integer_after(last=100, venue_next=150) == 150
    state = after(intent(1, integer_id=5))
    with pytest.raises(Broken):
        apply(state, intent(2, integer_id=5))


def test_invariants_survive_optimisation():
    """They are no `assert`: `python -O` would take those away."""
    code = "from runner.live.invariant import invariant\ninvariant(False, 'x')"
    done = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True, check=False)

    assert "Broken: x" in done.stderr
