"""Evaluated decisions driven again under other fill clocks and costs."""

import numpy as np
import pytest
from markets import SHORT_SCRIPT, days, minutes, pipeline_of, tape_of, traded

from runner.engine.native import backtest, evaluated
from runner.engine.sensitivity import SCALES, alternatives, fill_kinds
from runner.signal.sheet import Surroundings
from runner.spec.financing import Financing
from runner.trading.fees.per_share import PerShare
from runner.trading.fill.book_walk import BookWalk
from runner.trading.fill.next_close import NextClose
from runner.trading.fill.next_event import NextEvent
from runner.trading.fill.next_open import NextOpen
from runner.trading.fill.same_close import SameClose
from runner.trading.fill.touch import Touch
from runner.trading.slippage.fixed_bps import FixedBps

KNOWN = [SameClose(), Touch(), NextOpen(), NextEvent(), NextClose(), BookWalk()]
PRICES = [(10, 12, 9, 11, 1), (20, 24, 18, 22, 0), (30, 33, 27, 31, 2), (40, 44, 36, 42, 0)]
"""Bought after the first bar, sold after the third."""


def driven(tapes, known=KNOWN, **sections):
    """Return (fill, multiple) → the alternative, and the tables of the run itself."""
    pipeline = pipeline_of(tapes, **sections)
    found = evaluated(pipeline, tapes, Surroundings(), [])
    kinds, _ = fill_kinds(pipeline, tapes, known)
    others = alternatives(pipeline, tapes, found, kinds, on_progress=lambda _: None)
    return {(each.fill.kind, each.cost_scale): each for each in others}, traded(backtest, pipeline, tapes)


def bars(*prices):
    return {"bars": tape_of("bars", {"A": minutes(*(prices or PRICES))})}


def prices(each):
    return each.fills["price"].tolist()


def test_the_runs_own_clock_and_costs_give_the_run_itself():
    """At once its costs, the drive of the run's own clock has the run's equity and fills to the bit."""
    found, run = driven(bars(), slippage=FixedBps(bps=7.0), fees=PerShare(rate=0.01))

    own = found["next_open", 1.0]

    assert all(np.array_equal(own.equity[name], run.equity[name]) for name in run.equity)
    assert prices(own) == run.fills["price"].tolist()
    assert own.fills["quantity"].tolist() == [10.0, -10.0]
    assert own.fills["ts"].tolist() == run.fills["ts"].tolist()


def test_each_clock_fills_at_its_own_prices():
    """Opens of 20 and 40, closes of 22 and 42, and the closes that decided, 11 and 31."""
    found, _ = driven(bars())

    assert {fill: prices(each) for (fill, scale), each in found.items() if scale == 1.0} == {
        "next_open": [20.0, 40.0],
        "next_close": [22.0, 42.0],
        "same_close": [11.0, 31.0],
    }


@pytest.mark.parametrize("scale", SCALES)
def test_costs_are_multiplied(scale):
    """A hundredth of slippage and a fee of 0.1 a share, so many times over: 20.2 and 39.6 at once."""
    found, _ = driven(bars(), slippage=FixedBps(bps=100.0), fees=PerShare(rate=0.1, minimum=0))

    each = found["next_open", scale]

    bought, sold = 20 * (1 + 0.01 * scale), 40 * (1 - 0.01 * scale)
    assert prices(each) == pytest.approx([bought, sold])
    assert each.equity["equity"][-1] == pytest.approx(1_000 + 10 * (sold - bought) - 2 * scale)


@pytest.mark.parametrize("scale", SCALES)
def test_financing_is_a_cost_as_well(scale):
    """Ten short at a hundred for 365 days at a borrowing rate of a tenth: 100, so many times over."""
    daily = days((100, 100, 100, 100, 1), (100, 100, 100, 100, 0), (100, 100, 100, 100, 0), on=[0, 1, 366])
    tapes = {"bars": tape_of("bars", {"A": daily})}

    found, _ = driven(tapes, signal=SHORT_SCRIPT, financing=Financing(borrow=0.1))

    assert found["next_open", scale].equity["equity"][-1] == pytest.approx(1_000 - 100 * scale)


def test_every_clock_has_the_same_instants_of_equity():
    """What one clock's rows of equity belong to, every other's do: they share their sessions."""
    found, run = driven(bars())

    assert all(np.array_equal(each.equity["ts"], run.equity["ts"]) for each in found.values())
    assert all(np.array_equal(each.equity["measured"], run.equity["measured"]) for each in found.values())


def test_what_the_data_do_not_allow_is_left_out_with_the_reason():
    """Bars have no quotes and no book; the run's own comes first, what flatters last."""
    tapes = bars()

    kinds, left_out = fill_kinds(pipeline_of(tapes, fill=NextClose()), tapes, KNOWN)

    assert [kind.kind for kind in kinds] == ["next_close", "next_open", "same_close"]
    assert set(left_out) == {"book_walk", "next_event", "touch"}
    assert left_out["touch"].startswith("fill.kind must be given quotes or depth in the data, was touch")


def test_clocks_at_which_no_price_is_waited_for_are_left_out_of_a_run_with_stops():
    """A stop loss waits for its price, which closes alone don't tell."""
    tapes = bars()

    kinds, left_out = fill_kinds(pipeline_of(tapes, exits={"stop_loss": 0.1}), tapes, KNOWN)

    assert [kind.kind for kind in kinds] == ["next_open"]
    assert left_out["next_close"] == "exits.stop_loss can't wait for a price under fill next_close, was 0.1"


def test_a_clock_that_would_look_ahead_is_left_out():
    """Decisions on quotes can't fill at the open of bars that overlap; the quotes' own clocks remain."""
    quotes = [(0.5, 10, 11, 1, 1), (1.5, 10, 11, 1, 1), (2.5, 10, 11, 1, 1)]
    overlapping = [(0, 2, 1, 1, 1, 1, 1), (1, 3, 1, 1, 1, 1, 1)]
    tapes = {"quotes": tape_of("quotes", {"A": quotes}), "bars": tape_of("bars", {"A": overlapping})}
    signal = {"long": {"enter": "bid_price > 1", "exit": "bid_price < 1"}}

    kinds, left_out = fill_kinds(pipeline_of(tapes, signal=signal, fill=Touch()), tapes, KNOWN)

    assert [kind.kind for kind in kinds] == ["touch", "next_close", "next_event"]
    assert "must not have a bar that opens before the previous one is known" in left_out["next_open"]


def test_parameters_of_the_runs_own_kind_are_kept():
    """The run's own clock isn't replaced by the one of that name without parameters."""
    tapes = bars()
    own = NextOpen()

    kinds, _ = fill_kinds(pipeline_of(tapes, fill=own), tapes, KNOWN)

    assert kinds[0] is own
    assert sum(kind.kind == "next_open" for kind in kinds) == 1


def test_progress_reaches_the_end_once():
    """The drives share the work evenly, one after another."""
    tapes, told = bars(), []
    pipeline = pipeline_of(tapes)
    found = evaluated(pipeline, tapes, Surroundings(), [])

    list(alternatives(pipeline, tapes, found, [NextOpen(), NextClose()], on_progress=told.append))

    assert told == sorted(told)
    assert told[-1] == 1.0
