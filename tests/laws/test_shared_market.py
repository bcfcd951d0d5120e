"""A lane is the run that its pipeline makes alone, whoever it shares the market, its parts and the buffers with."""

from dataclasses import replace

import pytest
from drawn_runs import RULES, markets, sections
from hypothesis import given, settings
from hypothesis import strategies as st
from markets import pipeline_of, traded

from runner.engine import lanes as lanes_module
from runner.engine.lanes import Ground, Track, batches, warm_ups
from runner.engine.native import backtest
from runner.engine.results import measured_from, tables_of
from runner.signal.sheet import Surroundings
from runner.trading.kernel.layout import LONG_AGO
from tests.long import many

TABLES = ("orders", "fills", "equity", "positions", "refusals", "charges")
PARTS = ("sizing", "order", "exits", "fill", "slippage", "fees", "financing", "scenario", "rules")
LAW = settings(max_examples=many(26, 80), deadline=None)


def bits_of(tables):
    return {f"{name}.{key}": column.tobytes() for name in TABLES for key, column in getattr(tables, name).items()}


@st.composite
def sweeps(draw):
    """Draw a market and lanes on it: some differ in everything, most in what their signals say alone."""
    tapes = draw(markets())
    drawn = [draw(sections(tapes)) for _ in range(draw(st.integers(1, 2)))]
    found = []
    for each in drawn:
        first = pipeline_of(tapes, **each)
        found.append(first)
        for _ in range(draw(st.integers(0, 3))):
            rules, n = draw(st.sampled_from(RULES)), draw(st.integers(1, 4))
            said = {key: each["signal"][key] for key in ("params", "nodes")}
            said["params"] = {**said["params"], "n": n}
            other = pipeline_of(tapes, **{**each, "signal": {**said, **rules}})
            found.append(replace(other, **{part: getattr(first, part) for part in PARTS}))
    return tapes, draw(st.permutations(found))


def of_lanes(tapes, pipelines):
    """Return the tables of lanes, run in batches on one track."""
    found = [None] * len(pipelines)
    ground = Ground.of(pipelines[0].clock, tapes, Surroundings())
    track = Track(ground)

    def take(place, driver):
        found[place] = bits_of(tables_of(pipelines[place], driver, {}))

    for laid in batches(pipelines, ground.tape.rows):
        track.run(laid, take)
    return found


@given(sweep=sweeps())
@LAW
def test_a_lane_is_the_run_alone_to_the_bit(sweep):
    """Orders, fills, equity, positions, refusals and charges of each lane are those of a backtest of its pipeline."""
    tapes, pipelines = sweep

    found = of_lanes(tapes, pipelines)

    assert found == [bits_of(traded(backtest, each, tapes)) for each in pipelines]


@given(sweep=sweeps())
@settings(max_examples=25, deadline=None)
def test_how_lanes_are_batched_changes_nothing(sweep):
    """Batches of one lane, with room for one driver, give the same tables as all lanes in one batch."""
    tapes, pipelines = sweep
    whole = of_lanes(tapes, pipelines)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lanes_module, "MOST_VALUES", 1)
        patch.setattr(lanes_module, "MOST_DRIVERS", 1)
        single = of_lanes(tapes, pipelines)

    assert single == whole


@given(sweep=sweeps())
@settings(max_examples=25, deadline=None)
def test_the_warm_up_of_lanes_is_known_before_they_run(sweep):
    """The first instant at which each lane may decide is the one from which its run is measured."""
    tapes, pipelines = sweep
    ground = Ground.of(pipelines[0].clock, tapes, Surroundings())
    track, found = Track(ground), []

    for laid in batches(pipelines, ground.tape.rows):
        track.run(laid, lambda _place, driver: found.append(measured_from(driver.tape, driver.ready, LONG_AGO)))

    assert warm_ups(pipelines, ground) == found
