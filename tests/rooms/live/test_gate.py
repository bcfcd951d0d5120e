"""The gate's sixteen questions: each at its limit, one step below and one step above, and closed where something isn't known."""

from collections import deque
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from runner.live.events import Ack, Adjust, Boot, ForeignSeen, Freeze, Gate, Intent, Kill, Mark
from runner.live.fold import apply
from runner.live.gate import CHECKS, Wanted
from runner.live.gate import Gate as RiskGate
from runner.live.model import BUY, SELL, Quote, Recent, SessionState, State
from tests.live_bench import INSTRUMENTS, SECOND, dollars, limits

NOW = 500 * SECOND
VENUE_NOW = 1_900_000_000 * SECOND
DAY = 21_990


def open_state(*events, session=SessionState.LIVE):
    """Return a state that trades, after these events."""
    state = State(dict(INSTRUMENTS))
    apply(state, Boot(0, "config", "code"))
    apply(state, Adjust("opening", (), (("USD", dollars(100_000)),), VENUE_NOW, is_opening=True))
    apply(state, Gate(SessionState.RECONCILING, ""))
    apply(state, Gate(session, ""))
    for event in events:
        apply(state, event)
    return state


def held(lots, symbol="XYZ"):
    return Adjust("held", ((symbol, lots),), (), 0)


def resting(number, side, lots, price, symbol="XYZ"):
    """Return the intent of an order whose fate nobody knows."""
    return Intent(
        coid=f"q-{number}",
        number=number,
        symbol=symbol,
        side=side,
        quantity=lots,
        price=price,
        rests=True,
        sent_at_ns=VENUE_NOW - 3_600 * SECOND,
        signal=number,
        day=DAY,
        bid=1,
        ask=2,
        quote_age_ns=0,
    )


def quotes(xyz=(9_990, 10_010), abc=(990, 1_010), age=0, **more):
    return {
        "XYZ": Quote("XYZ", *xyz, NOW - age, **more),
        "ABC": Quote("ABC", *abc, NOW - age, **more),
    }


def verdict(wanted, state=None, seen=None, venue=VENUE_NOW, day=DAY, **told):
    """Return the code of the refusal, None if the order may leave."""
    gate = RiskGate(limits(**told), "USD")
    denied = gate.check(wanted, state or open_state(), quotes() if seen is None else seen, (NOW, venue, day))
    return denied and denied.code


def buy(lots=10, price=10_000, symbol="XYZ", **more):
    return Wanted(symbol, BUY, lots, price, **more)


def sell(lots=10, price=10_000, symbol="XYZ", **more):
    return Wanted(symbol, SELL, lots, price, **more)


def test_there_are_sixteen_questions_each_with_a_code_of_its_own():
    """The list is the one of the rules, and every code leads to a question."""
    assert set(CHECKS) == {
        "GATE",
        "ALLOWLIST",
        "TICK_LOT",
        "MAX_QTY",
        "MAX_NOTIONAL",
        "MAX_POSITION",
        "MAX_GROSS",
        "MAX_OPEN_VALUE",
        "PRICE_COLLAR",
        "STALE_DATA",
        "BOOK_INVALID",
        "DUPLICATE",
        "SELF_TRADE",
        "MSG_RATE",
        "ORDERS_PER_DAY",
        "DAILY_LOSS",
    }
    assert all(callable(getattr(RiskGate, name)) for name in CHECKS.values())


def test_without_limits_an_order_on_a_fresh_quote_passes():
    """What is written as unlimited is."""
    assert verdict(buy(10**9)) is None


@pytest.mark.parametrize(("lots", "code"), [(99, None), (100, None), (101, "MAX_QTY")])
def test_e1_largest_quantity(lots, code):
    """The limit itself passes; one lot more doesn't."""
    assert verdict(buy(lots), order_units=Decimal(100)) == code


@pytest.mark.parametrize(("lots", "code"), [(401, None), (402, "MAX_QTY")])
def test_e1_largest_quantity_in_lots_of_a_fraction(lots, code):
    """A limit in units that is no whole number of lots is rounded down: 100.3 units are 401 lots of a quarter."""
    assert verdict(buy(lots, 1_000, "ABC"), order_units=Decimal("100.3")) == code


@pytest.mark.parametrize(("price", "code"), [(10_010, None), (10_011, None), (10_012, "MAX_NOTIONAL")])
def test_e1_largest_value_to_the_tick(price, code):
    """Ten lots at 100.11 are worth 1,001.10: exactly the limit."""
    assert verdict(buy(10, price), order_value=dollars("1001.10")) == code


def test_e1_value_of_a_cheap_sale_is_that_of_the_quote():
    """A sale far below the quote fills at the quote: it is valued there."""
    assert verdict(sell(10, 1), order_value=dollars(1_000)) == "MAX_NOTIONAL"


@pytest.mark.parametrize(("lots", "code"), [(69, None), (70, None), (71, "MAX_POSITION")])
@pytest.mark.parametrize("side", [BUY, SELL])
def test_e1_largest_position_with_all_that_may_fill(lots, code, side):
    """Held 10, on its way 20, allowed 100: seventy more may be ordered, on either side."""
    state = open_state(held(10 * side), resting(1, side, 20, 10_000))

    assert verdict(Wanted("XYZ", side, lots, 10_000), state, position_units=Decimal(100)) == code


@pytest.mark.parametrize(("lots", "code"), [(2, None), (3, "MAX_POSITION")])
def test_e1_largest_value_of_a_position(lots, code):
    """Valued at the highest price that may come: the asking price of 100.10, or a limit above it."""
    assert verdict(buy(lots), position_value=dollars("200.20")) == code


@pytest.mark.parametrize(("lots", "code"), [(249, None), (250, "MAX_POSITION")])
def test_e1_largest_share_of_equity(lots, code):
    """A quarter of 100,000 holds 249 lots at 100.10, and not 250."""
    assert verdict(buy(lots), position_share=Fraction(1, 4)) == code


@pytest.mark.parametrize(("lots", "code"), [(5, None), (6, "MAX_GROSS")])
def test_e1_gross_counts_both_sides_of_all_symbols(lots, code):
    """A short of 8 ABC units at 505 and an open sale count with the order: the limit to the cent."""
    state = open_state(held(-16, "ABC"), resting(1, SELL, 16, 1_000, "ABC"))
    gross = dollars("4040.00") + dollars("500.50")

    assert verdict(buy(lots), state, gross_value=gross) == code


@pytest.mark.parametrize(("lots", "code"), [(50, None), (51, "MAX_GROSS")])
def test_e1_net_leaves_out_what_may_not_fill(lots, code):
    """A short is a help only as it is held: an open sale that may not fill makes no room for a purchase."""
    state = open_state(resting(1, SELL, 100, 10_010))

    assert verdict(buy(lots, 10_000), state, net_value=dollars("5005.00")) == code


@pytest.mark.parametrize(("lots", "code"), [(30, None), (31, "MAX_OPEN_VALUE")])
def test_e1_value_of_all_open_orders(lots, code):
    """Own, unknown and foreign orders at their limits, this one included."""
    state = open_state(resting(1, BUY, 10, 10_000), ForeignSeen("v9", "XYZ", SELL, 10, 10_000))

    assert verdict(buy(lots), state, open_value=dollars(5_000)) == code


def test_e2_an_order_being_cancelled_still_counts():
    """Unknown, working, being cancelled, foreign: whatever may fill is counted until it is proved that it can't."""
    state = open_state(resting(1, BUY, 40, 10_000), resting(2, BUY, 40, 10_000))
    apply(state, Ack("q-2", "v2", 40, 10_000))
    state.orders["q-2"].is_cancel_asked = True

    assert verdict(buy(20), state, position_units=Decimal(100)) is None
    assert verdict(buy(21), state, position_units=Decimal(100)) == "MAX_POSITION"


def test_e2_both_halves_of_a_replacement_count():
    """Until one is proved to have ended the new order counts beside the old one."""
    state = open_state(resting(1, BUY, 60, 10_000))

    assert verdict(buy(41, replaces="q-1"), state, position_units=Decimal(100)) == "MAX_POSITION"


@pytest.mark.parametrize(
    ("price", "code"), [(10_499, None), (10_500, None), (10_501, "PRICE_COLLAR"), (9_500, None), (9_499, "PRICE_COLLAR")]
)
def test_e3_price_collar(price, code):
    """Five in a hundred around a middle of 100.00, to the tick, on both sides."""
    assert verdict(buy(1, price), collar=Fraction(5, 100)) == code


@pytest.mark.parametrize(
    "seen",
    [
        {},
        quotes(xyz=(None, 10_010)),
        quotes(xyz=(9_990, None)),
        quotes(xyz=(None, None)),
        quotes(xyz=(0, 10_010)),
        quotes(xyz=(10_010, 10_010)),
        quotes(xyz=(10_011, 10_010)),
        quotes(is_valid=False),
    ],
)
def test_e4_no_reference_price_no_order(seen):
    """Empty, crossed, locked, with a gap, or none at all: nothing leaves, whatever else is allowed."""
    assert verdict(buy(), seen=seen) in {"STALE_DATA", "BOOK_INVALID"}


@pytest.mark.parametrize("wrong", [0, -1, 1.0, True, float("nan"), None, "10"])
def test_e4_numbers_that_are_not_whole_are_no_order(wrong):
    """Lots and ticks are whole numbers above zero: a float is refused even where it has no fraction."""
    assert verdict(replace(buy(), quantity=wrong)) == "TICK_LOT"
    assert verdict(replace(buy(), price=wrong)) == "TICK_LOT"
    assert verdict(replace(buy(), side=2)) == "TICK_LOT"


@pytest.mark.parametrize("symbol", ["NOPE", "", None, 7])
def test_an_instrument_that_is_not_on_the_list_is_refused(symbol):
    """The list is of those that may be traded; what isn't a name is on no list."""
    assert verdict(replace(buy(), symbol=symbol)) == "ALLOWLIST"
    assert verdict(buy(10, 1_000, "ABC"), symbols=frozenset({"XYZ"})) == "ALLOWLIST"


@pytest.mark.parametrize(("ago", "code"), [(SECOND - 1, "DUPLICATE"), (SECOND, None)])
def test_e5_repetition_within_the_window(ago, code):
    """The same order a moment after itself is a mistake; at the window's end it is an order."""
    state = open_state()
    state.recent.append(Recent(VENUE_NOW - ago, "XYZ", BUY, 10, 10_000))

    assert verdict(buy(), state, duplicate_ns=SECOND) == code
    assert verdict(buy(11), state, duplicate_ns=SECOND) is None
    assert verdict(sell(), state, duplicate_ns=SECOND) is None


@pytest.mark.parametrize(("sent", "code"), [(4, None), (5, "MSG_RATE")])
@pytest.mark.parametrize("per_symbol", [False, True])
def test_e6_rate_of_orders(sent, code, per_symbol):
    """Five within ten seconds: the sixth waits until the first leaves the window."""
    state = open_state()
    state.recent = deque(Recent(VENUE_NOW - (10 - n) * SECOND + 1, "XYZ", BUY, n, 10_000) for n in range(sent))
    told = {"rate_orders": 5, "rate_ns": 10 * SECOND, "rate_per_symbol": per_symbol}

    assert verdict(buy(), state, **told) == code
    assert verdict(buy(), state, venue=VENUE_NOW + SECOND, **told) is None
    assert verdict(buy(10, 1_000, "ABC"), state, **told) == (None if per_symbol else code)


@pytest.mark.parametrize(("today", "code"), [(9, None), (10, "ORDERS_PER_DAY")])
def test_e6_orders_of_a_day(today, code):
    """The eleventh order of ten is refused, and the next day begins at none."""
    state = open_state()
    state.day, state.orders_today = DAY, today

    assert verdict(buy(), state, day_orders=10) == code
    assert verdict(buy(), state, day=DAY + 1, day_orders=10) is None


@pytest.mark.parametrize(("price", "code"), [(10_004, None), (10_005, "SELF_TRADE"), (10_006, "SELF_TRADE")])
def test_e7_no_order_meets_one_of_ours(price, code):
    """A purchase at or above a sale of ours, known or not, doesn't leave."""
    assert verdict(buy(1, price), open_state(resting(1, SELL, 5, 10_005))) == code


@pytest.mark.parametrize(("age", "code"), [(SECOND, None), (SECOND + 1, "STALE_DATA"), (-1, "STALE_DATA")])
def test_e8_age_of_the_quote(age, code):
    """A quote of the limit's age passes; an older one doesn't, nor one from the future."""
    assert verdict(buy(), seen=quotes(age=age), max_age_ns=SECOND) == code


def test_e8_age_of_what_is_held():
    """With `held_fresh` the old quote of another position holds an order back."""
    state = open_state(held(4, "ABC"))
    seen = quotes() | {"ABC": Quote("ABC", 990, 1_010, NOW - 2 * SECOND)}

    assert verdict(buy(), state, seen, max_age_ns=SECOND, held_fresh=True) == "STALE_DATA"
    assert verdict(buy(), state, seen, max_age_ns=SECOND, held_fresh=False) is None


def marked(start, now):
    """Return a state whose day began with so much equity and is now at that."""
    state = open_state(Mark(VENUE_NOW, DAY, (), 0))
    state.previous_close = state.day_open = dollars(start)
    state.accounts["USD"].cash = dollars(now)
    return state


@pytest.mark.parametrize(("now", "code"), [("97000.01", None), ("97000.00", "DAILY_LOSS"), ("96999.99", "DAILY_LOSS")])
@pytest.mark.parametrize("told", [{"loss_share": Fraction(3, 100)}, {"loss_value": dollars(3_000)}])
def test_e9_loss_of_the_day(now, code, told):
    """Three in a hundred of 100,000, to the cent: at the cap nothing is opened."""
    assert verdict(buy(), marked(100_000, now), **told) == code


def test_e9_loss_that_is_not_known_is_no_permission():
    """Without the day's first mark, or without a quote of what is held, nothing is opened; exits are."""
    state = open_state(held(10))

    assert verdict(buy(), state, loss_value=dollars(1)) == "DAILY_LOSS"
    assert verdict(sell(), state, loss_value=dollars(1)) is None


def test_e9_loss_made_good_still_counts_for_the_day():
    """The cap was reached once today: the day is over for whatever opens."""
    state = marked(100_000, 100_000)
    state.has_lost_too_much, state.day = True, DAY

    assert verdict(buy(), state, loss_value=dollars(3_000)) == "DAILY_LOSS"
    assert verdict(buy(), state, day=DAY + 1, loss_value=dollars(3_000)) is None


TIGHT = {
    "position_units": Decimal(1),
    "position_value": 1,
    "position_share": Fraction(1, 10**9),
    "gross_value": 1,
    "gross_share": Fraction(1, 10**9),
    "net_value": 1,
    "open_value": 1,
    "loss_value": 1,
    "day_orders": 0,
}


def test_e15_reductions_pass_the_limits_on_exposure():
    """However tight the limits, a position can be closed."""
    state = open_state(held(10))

    assert verdict(sell(10), state, **TIGHT) is None
    assert verdict(sell(11), state, **TIGHT) is not None


def test_e15_a_reduction_is_one_whatever_fills_before_it():
    """With a sale of six on its way, a sale of five more of ten might turn the position round."""
    state = open_state(held(10), resting(1, SELL, 6, 10_010))

    assert verdict(sell(4), state, **TIGHT) is None
    assert verdict(sell(5), state, **TIGHT) is not None


@pytest.mark.parametrize("session", [SessionState.RECONCILING, SessionState.HALTED, SessionState.STOPPING])
def test_only_an_open_session_lets_orders_out(session):
    """Before, after and while halted nothing leaves, not even a reduction."""
    state = open_state(held(10))
    state.session = session

    assert verdict(buy(), state) == "GATE"
    assert verdict(sell(), state) == "GATE"


def test_e15_a_degraded_session_lets_reductions_out():
    """Degraded: exits, with a fresh reference."""
    state = open_state(held(10), session=SessionState.DEGRADED)

    assert verdict(buy(), state) == "GATE"
    assert verdict(sell(), state) is None
    assert verdict(sell(), state, quotes(age=10), max_age_ns=9) == "STALE_DATA"


def test_a_latched_session_and_a_frozen_instrument_let_nothing_out():
    """The latch counts for everything, a freeze for its instrument."""
    assert verdict(sell(), open_state(held(10), Kill("test"))) == "GATE"
    frozen = open_state(Freeze("XYZ", "test"))
    assert verdict(buy(), frozen) == "GATE"
    assert verdict(buy(10, 1_000, "ABC"), frozen) is None


def test_e16_no_order_can_carry_an_override():
    """What is wanted has no field that a limit could be talked out of with, and the limits can't be changed."""
    assert set(Wanted.__slots__) == {"symbol", "side", "quantity", "price", "rests", "signal", "replaces"}
    with pytest.raises(AttributeError):
        RiskGate(limits(), "USD").limits.order_units = None
