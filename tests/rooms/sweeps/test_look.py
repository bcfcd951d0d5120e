"""What lanes are looked at by: those that look alike take the same rows to warm up, and one is looked at for all."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runner.compose import Configurations
from runner.engine.lanes import warm_ups
from runner.sweeps import survey
from runner.sweeps.asking import plan_sweep
from runner.sweeps.look import Look, Looks
from runner.sweeps.survey import surveyed

NOW = 2 * 10**18
MARKET = ("universe=apple", "window.start=2012-01-03")
YEAR = "window.end=2012-12-31"
NODES = (
    "++signal.nodes.slow='mean(lag(close, signal_lag), 3) + ema(close, 30)'",
    "++signal.params.signal_lag=1,40",
    "signal.params.lookback=5,20",
    "signal.params.buy_below=0.4,0.5",
    "++signal.nodes.held='max(close, \"30d\")'",
    "signal.long.enter='smooth < buy_below and slow > 0','smooth < buy_below and held > close','smooth < buy_below'",
)


def planned(*words):
    """Return the sweep of a command line."""
    return plan_sweep((*MARKET, *words), Configurations(working_directory=Path("/nonexistent")))


def test_lanes_that_look_alike_are_ready_at_the_same_row_and_are_looked_at_once(monkeypatch):
    """Against the warm-up of every lane by itself; windows of rows, of time, and nodes that no rule reads."""
    looked = []
    monkeypatch.setattr(survey, "warm_ups", lambda all_, ground: looked.extend(all_) or warm_ups(all_, ground))
    sweep = planned(YEAR, *NODES)
    found = surveyed(sweep, now=NOW)

    market = next(iter(found.markets.all.values()))
    first = {
        lane.number: warm_ups([sweep.lanes.spec(lane).prepared.pipeline], market.ground("bars"))[0]
        for lane in sweep.lanes
        if lane.number not in sweep.checked.failed
    }
    alike = defaultdict(set)
    for number, at in first.items():
        alike[sweep.lanes.seen(number)[0]].add(at)
    assert len(first) == 2 * 2 * 2 * 3
    assert all(len(firsts) == 1 for firsts in alike.values())
    assert len(alike) == len(looked) == 2 * 2 * 3
    assert {lane.start for lane in found.lanes} == {max(first.values())}


def test_lanes_that_read_other_data_or_assume_other_costs_look_different():
    """Each of these says something of its own."""
    sweep = planned("slippage=none,fixed_bps", "window.end=2012-12-31,2012-11-30", "engine=native,backtrader", "seed=1,2")

    looks = {sweep.lanes.seen(number)[0] for number in range(len(sweep.lanes))}

    assert len(looks) == len(sweep.lanes) / 2


def test_a_lane_that_cannot_run_says_why_itself():
    """Lanes that look alike and are too long for their data fail one by one, in their own words."""
    found = surveyed(planned(YEAR, "signal.params.lookback=5,900", "signal.params.buy_below=0.4,0.5"), now=NOW)

    assert sorted(found.failed) == [2, 3]
    assert all("warm-up of 899 rows" in error for error in found.failed.values())
    assert [lane.number for lane in found.lanes] == [0, 1]


@pytest.mark.parametrize("numbers", [(0, 1, 2), (5_000, 3, 1_024)])
def test_what_is_kept_of_a_lane_is_what_it_was_given(numbers):
    """Whatever its number, in whichever order; of lanes that weren't made nothing is known."""
    looks = Looks()
    rng = np.random.default_rng(1)
    seen = Look((), "bars", None, shares=True, is_windowed=False, not_before=0, assumed="", plugins=(), reads=())
    given = {number: (replace(seen, not_before=number % 2), rng.bytes(32).hex()) for number in numbers}
    for number, (look, strategy) in given.items():
        looks.keep(number, look, strategy)

    assert {number: looks.of(number) for number in numbers} == given
    assert looks.of(max(numbers) + 7) is None
    assert looks.of(2_000) is None
