"""A lane is the run that its words make alone: the same spec, the same hash, the same graph, the same faults."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from runner.compose import Configurations, composing
from runner.errors import RunnerError
from runner.once import Once
from runner.prepare import known_kinds, prepare
from runner.sweeps.asking import lanes_asked

FILES = Configurations(working_directory=Path("/nonexistent"))

AXES = (
    "signal.params.lookback=5,10,20",
    "signal.params.buy_below=range(0.4,0.9,0.25)",
    "+signal.params.extra=1,2",
    "signal.long.enter='smooth < buy_below','mean(pressure, 3) < buy_below'",
    "slippage.bps=0,2.5",
    "slippage=none,fixed_bps,volume_share",
    "sizing.share=0.1,0.3",
    "fees=glob([none,per_*])",
    "risk=none,drawdown_stop",
    "universe.symbols=[AAPL],[AAPL,IBM]",
    "window={start:'2010-01-01'},{start:'2011-01-01',end:'2012-01-01'}",
    "window.start=null,'2011-01-01'",
    "name=null,mine",
    "seed=shuffle(range(3))",
    "capital=1000,50_000.5",
    "order.kind=market,limit",
    "report.html=true,false",
    "experiment=null,one_share",
    "engine.kind=native,backtrader",
    "universe.lives={},{AAPL:{until:'2012-01-01'}}",
    "quality.split='${quality.split}',warn",
)
"""Values, lists, mappings, texts, files of groups, symbol sets, windows; some are faults beside others."""

FIXED = (
    "signal.params.sell_above='${.buy_below}'",
    "capital='${sizing.share}'",
    "timezone.sessions_per_year='${seed}'",
    "universe.symbols.0=IBM",
    "slippage=fixed_bps",
    "report.sensitivity=false",
    "order.offset=20",
)
"""What ties values of one key to others, by an interpolation or by being part of it."""


def key(word):
    return word.partition("=")[0].lstrip("+")


def words():
    """Return drawn command lines: up to three axes, up to two fixed words, each key once."""
    axes = st.lists(st.sampled_from(AXES), min_size=1, max_size=3, unique_by=key)
    fixed = st.lists(st.sampled_from(FIXED), max_size=2, unique_by=key)
    return st.tuples(axes, fixed).flatmap(lambda both: st.permutations([*both[0], *both[1]])).filter(can_be_asked)


def can_be_asked(found):
    """Return whether no key stands twice, and none within another that has several values."""
    keys = [key(word) for word in found]
    return len(set(keys)) == len(keys) and not {"window", "window.start"} <= set(keys)


def outcome(make):
    """Return what a lane comes to: its spec, hash, graph and sources, or the faults that were told."""
    try:
        prepared, found = make()
    except RunnerError as error:
        return error
    graph = prepared.pipeline.graph
    return prepared.spec, found, graph.nodes, graph.clocks, prepared.pipeline.rules, prepared.vocabulary.streams


def told(error):
    """Return what is wrong, without what to write: lanes that fail together are told of once, in the words of the first."""
    return {(fault.where, fault.must, fault.was) for fault in error.faults}


@settings(max_examples=12)
@given(words(), st.randoms(use_true_random=False))
def test_a_lane_is_what_its_words_make_alone(asked, random):
    """Drawn grids: values, files and interpolations in any mixture; a few lanes of each, in any order."""
    once = Once()
    with composing(FILES, known_kinds(once)) as composer:
        lanes = lanes_asked(asked, composer, once).lanes
        for number in random.sample(range(len(lanes)), min(3, len(lanes))):
            lane = lanes[number]

            def in_sweep(lane=lane):
                found = lanes.spec(lane)
                return found.prepared, found.spec_hash

            def alone(lane=lane):
                prepared = prepare(composer.composed(lanes.words(lane)))
                return prepared, prepared.spec.hash

            found, expected = outcome(in_sweep), outcome(alone)
            if isinstance(expected, RunnerError):
                assert told(found) <= told(expected), (found, expected)
                assert found.faults
            else:
                assert found == expected
