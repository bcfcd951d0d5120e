"""Costs that rise in named circumstances."""

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from markets import DAY, MINUTE, days, filled, minutes, pipeline_of, tape_of, traded
from pydantic import ValidationError

from runner.compiler import row_function
from runner.engine.native import backtest, replay
from runner.errors import ConfigError
from runner.signal.sheet import Events, Surroundings
from runner.trading.slippage import PRICE
from runner.trading.slippage.fixed_bps import FixedBps
from runner.trading.slippage.regime import Regime
from runner.trading.slippage.square_root import SquareRoot

NAN = np.nan
BASE = FixedBps(bps=10)
TWO = {"wild": {"when": "close > open", "bps": 50}, "news": {"event": "earnings", "within": "2d", "bps": 100}}
EARNINGS = {"earnings": {"path": "earnings.csv"}}


def price(kind, quantity, reference, *given):
    """Return what the compiled row function gives; conditions come first, then events."""
    told = np.array([NAN, NAN, NAN, *given])
    return row_function(kind.price, PRICE)(np.array(kind.numbers()), quantity, reference, told)


@pytest.mark.parametrize(
    ("given", "bps"), [((0, 0), 10), ((1, 0), 50), ((0, 1), 100), ((1, 1), 100), ((NAN, 0), 50), ((0, NAN), 100)]
)
def test_the_worst_of_the_base_and_what_holds_counts_and_what_is_not_known_holds(given, bps):
    """10 bps at all times, 50 while it is wild, 100 after news, and no more than 100 when it is both."""
    kind = Regime(base=BASE, regimes=TWO)

    assert price(kind, 1.0, 100.0, *given) == pytest.approx(100.0 + bps / 100)
    assert price(kind, -1.0, 100.0, *given) == pytest.approx(100.0 - bps / 100)


def test_a_circumstance_never_makes_a_fill_cheaper():
    """5 bps while it is calm don't replace the 10 of the base."""
    kind = Regime(base=BASE, regimes={"calm": {"when": "close < open", "bps": 5}})

    assert price(kind, 1.0, 100.0, 1.0) == pytest.approx(100.1)


def test_a_base_reads_its_own_expressions_first():
    """A base of the square root: 2 % × √(100 / 10,000) are 20 bps; 50 while it is wild; undefined stays undefined."""
    kind = Regime(base=SquareRoot(), regimes=TWO)

    assert list(kind.expressions()) == ["base.volatility", "base.volume", "regimes.wild.when"]
    assert price(kind, 100.0, 100.0, 0.02, 1e4, 0, 0) == pytest.approx(100.2)
    assert price(kind, 100.0, 100.0, 0.02, 1e4, 1, 0) == pytest.approx(100.5)
    assert np.isnan(price(kind, 100.0, 100.0, NAN, 1e4, 1, 0))


@drawn(
    bps=st.lists(st.floats(0, 9_999), max_size=5), holds=st.lists(st.booleans(), min_size=5, max_size=5), buys=st.booleans()
)
def test_any_number_of_circumstances_cost_their_highest(bps, holds, buys):
    """Against Python's own maximum."""
    kind = Regime(base=BASE, regimes={f"c{place}": {"when": "close > open", "bps": cost} for place, cost in enumerate(bps)})
    given = [float(hold) for hold in holds[: len(bps)]]
    side = 1.0 if buys else -1.0

    worst = max([10.0, *(cost for cost, hold in zip(bps, holds, strict=False) if hold)])

    assert price(kind, side, 100.0, *given) == pytest.approx(100.0 + side * worst / 100, rel=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"event": "earnings"}, {"within": "2d"}, {"when": "close > open", "event": "earnings", "within": "2d"}],
)
def test_a_circumstance_is_a_condition_or_a_time_after_events(wrong):
    """One of both, and whole."""
    with pytest.raises(ValidationError, match="either when, or event and within"):
        Regime(base=BASE, regimes={"x": {"bps": 1, **wrong}})


def test_a_base_has_no_circumstances_of_its_own():
    """One list of them says all."""
    with pytest.raises(ValidationError, match="without circumstances of its own"):
        Regime(base=Regime(base=BASE))


def around(*at):
    """Return earnings of the one symbol at some minutes."""
    ts = np.array([int(minute * MINUTE) for minute in at], np.int64)
    return Surroundings(events={"earnings": Events(np.array([0, ts.size]), ts)})


def told(engine, tapes, surroundings, **sections):
    pipeline = pipeline_of(tapes, slippage=Regime(base=FixedBps(bps=0), regimes=TWO), events=EARNINGS, **sections)
    return engine(pipeline, tapes, surroundings, signals=False, on_progress=lambda _share: None)


BARS = {"bars": tape_of("bars", {"A": days((10, 10, 10, 10, 1), (10, 10, 10, 10, 2), (20, 20, 20, 20, 0))})}
"""Bought at the open of the second day, sold at that of the third."""
OPENS = [DAY + 570, 2 * DAY + 570]


@pytest.mark.parametrize(
    ("at", "prices"),
    [
        ([DAY - 60], [10.1, 19.8]),  # after the decision, before the open that fills it
        ([OPENS[0]], [10.1, 19.8]),  # at the very instant of the fill
        ([OPENS[0] + 1], [10.0, 19.8]),  # a minute too late for the first fill
        ([OPENS[1] - 2 * DAY], [10.1, 19.8]),  # two days before the second fill, to the instant
        ([OPENS[1] - 2 * DAY - 1], [10.1, 20.0]),
        ([OPENS[1] + 1], [10.0, 20.0]),
        ([], [10.0, 20.0]),
    ],
)
@pytest.mark.parametrize("engine", [backtest, replay])
def test_events_up_to_the_fill_count_also_those_after_the_decision(engine, at, prices):
    """100 bps for two days from an event on, by the instant of the fill itself; a replay does the same."""
    tables = told(engine, BARS, around(*at))

    assert tables.fills["price"].tolist() == pytest.approx(prices)


@pytest.mark.parametrize(("at", "expected"), [(1.5, 11.11), (2.5, 11.0)])
def test_an_event_inside_the_bar_counts_for_a_stop_that_fills_inside_it(at, expected):
    """A stop at 11 is passed in the second bar, known at minute 2: an event before that costs 100 bps of 11."""
    bars = minutes((10, 10, 10, 10, 1), (10, 12, 10, 10, 0), (10, 10, 10, 10, 0))
    order = {"kind": "stop", "offset": 1000.0}

    tables = told(backtest, {"bars": tape_of("bars", {"A": bars})}, around(at), order=order)

    assert tables.fills["price"].tolist() == pytest.approx([expected])


def test_a_condition_is_that_of_the_last_row_before_the_fill():
    """The first bar rose, so the fill at the second's open costs 50 bps; that one fell, so the next costs nothing."""
    bars = minutes((9, 10, 9, 10, 1), (10, 10, 8, 8, 2), (8, 8, 8, 8, 0))
    tapes = {"bars": tape_of("bars", {"A": bars})}

    tables = told(backtest, tapes, around())

    assert [each[3] for each in filled(tables)] == pytest.approx([10.05, 8.0])


def test_events_that_no_file_has_are_a_fault():
    """With the nearest name there is."""
    kind = Regime(base=BASE, regimes={"news": {"event": "earning", "within": "2d", "bps": 1}})

    with pytest.raises(
        ConfigError, match=r"slippage.regimes.news.event: must name a file of events, was earning. Did you mean"
    ):
        pipeline_of(BARS, slippage=kind, events=EARNINGS)


def test_a_condition_that_is_none_is_a_fault_of_its_key():
    """It is compiled as the signal is."""
    kind = Regime(base=BASE, regimes={"x": {"when": "close + 1", "bps": 1}})

    with pytest.raises(ConfigError, match=r"slippage.regimes.x.when: must be a condition, was a number"):
        traded(backtest, pipeline_of(BARS, slippage=kind), BARS)
