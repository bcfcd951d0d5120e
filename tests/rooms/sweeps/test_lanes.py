"""Lanes: what is composed, what is shared, what is told, and of which lanes."""

import json
from pathlib import Path

import pytest

from runner.compose import Configurations
from runner.errors import ConfigError
from runner.spec.sweep import Sweep
from runner.sweeps.asking import plan_sweep
from runner.sweeps.outlook import outlook_of


def planned(*words, folder="/nonexistent"):
    """Return the sweep of a command line."""
    return plan_sweep(words, Configurations(working_directory=Path(folder)))


def told(*words, folder="/nonexistent"):
    """Return what is said of a sweep that can't be."""
    with pytest.raises(ConfigError) as error:
        planned(*words, folder=folder)
    return str(error.value)


def experiment(folder, text):
    """Write an experiment called mine."""
    path = Path(folder) / "conf" / "experiment"
    path.mkdir(parents=True)
    (path / "mine.yaml").write_text(f"# @package _global_\n{text}")


def test_files_are_composed_once_per_combination_of_choices_and_sections_once_for_all_lanes():
    """A hundred lanes over two files compose twice, and lanes with the same signal have the same graph."""
    found = planned("slippage=none,fixed_bps", "signal.params.lookback=range(5,10)", "seed=range(10)")

    lanes = [found.lanes.spec(lane) for lane in found.lanes]
    assert len(found.lanes) == 100
    assert len(found.lanes.beds.known) == 2
    assert len({id(each.spec.signal) for each in lanes}) == 5
    assert len({id(each.prepared.pipeline.graph) for each in lanes}) == 5
    assert len({each.spec_hash for each in lanes}) == 100


def test_an_axis_that_an_interpolation_reads_composes_for_each_of_its_values():
    """What refers to a swept key follows it; the other axis is still put into place."""
    found = planned(
        "signal.params.buy_below=0.5,0.6", "signal.params.sell_above='${signal.params.buy_below}'", "seed=range(5)"
    )

    params = [found.lanes.spec(lane).spec.signal.params for lane in found.lanes]
    assert {(each["buy_below"], each["sell_above"]) for each in params} == {(0.5, 0.5), (0.6, 0.6)}
    assert len(found.lanes.beds.known) == 2


def test_a_lane_says_what_a_single_run_would_be_given():
    """Its number, its places, its own words; all words keep the order they were typed in."""
    found = planned("capital=5000", "signal.params.lookback=5,10", "mode=backtest", "slippage=none,fixed_bps")

    lane = found.lanes[2]

    assert (lane.number, lane.places) == (2, (1, 0))
    assert lane.overrides == ("signal.params.lookback=10", "slippage=none")
    assert found.lanes.words(lane) == ("capital=5000", "signal.params.lookback=10", "mode=backtest", "slippage=none")


def test_a_value_that_fails_in_every_lane_stops_the_sweep_with_all_faults_each_once():
    """Two bad values of two axes: each is said once, with its lanes, however many there are."""
    message = told("signal.params.lookback=range(0,20)", "slippage.bps=1,-1,2", "capital=1,0")

    assert message.startswith("The configuration is not valid (3 faults)")
    assert message.count("must be above 0, was 0.") == 1
    assert "in every lane with signal.params.lookback=0" in message
    assert "in every lane with slippage.bps=-1" in message
    assert "in every lane with capital=0" in message


def test_a_fault_of_all_lanes_is_said_once():
    """A fixed word that is wrong is no news of each lane."""
    message = told("signal.params.lookback=1,2,3", "capital=-1")

    assert message.count("capital") == 1
    assert "in all 3 lanes" in message


def test_a_lane_that_fails_in_combination_is_a_row_and_the_others_run():
    """A price to wait for is no fault of a limit order, and a market order without one is sound."""
    found = planned("order=limit,market", "order.price=close,null")

    assert {number: str(error) for number, error in found.checked.failed.items()} == {
        2: "The configuration is not valid (1 fault)\n  order.price: must be left out of market orders, which take the next "
        'price, was "close". Write order=limit or order=stop to wait for a price, or leave it out.  [command line]'
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["a=1,2", "a=3"],
            "a: must stand once on the command line where it has several values. Put all values into one word",
        ),
        (["seed=1,2", "seed=3,4"], "seed: must stand once on the command line"),
        (["hydra.job.name=a,b"], "hydra.job.name: must not be varied: it says how runs are started"),
        (["hydra/launcher=basic,other"], "hydra/launcher: must not be varied"),
        (["runs=a,b"], "runs: must not be varied: it is no part of what a run is. Give it one value."),
        (["sweep=local,mine"], "sweep: must not be varied"),
        (["name=a,b"], "name: must not be varied: it decides what is written of a run, not what the run does"),
        (["report=standard,full"], "report: must not be varied: it decides what is written of a run"),
        (["report.equity_every=1d,5d"], "report.equity_every: must not be varied: it decides what is written of a run"),
        (["signal.params.lookback=5,5.0"], "signal.params.lookback: must have each value once, was 5.0, which is 5 again."),
        (["slippage.bps=2,3,2.0"], "slippage.bps: must have each value once, was 2.0, which is 2 again."),
        (["capital=5000,5e3"], "capital: must have each value once, was 5000.0, which is 5000 again."),
        (
            ["seed=1,2", "signal.params.lookback=5,5.0,6"],
            "signal.params.lookback: must have each value once, was 5.0, which is 5 again.",
        ),
        (["sweep.metric=sharpe,calmar"], "sweep.metric: must not be varied"),
        (["universe.symbols=[AAPL],[IBM]", "universe.symbols.0=A,B"], "must not be varied beside universe.symbols"),
        (["signal.params.lokback=1,2"], "signal.params.lokback: must be a key of signal.params, was lokback. Did you mean"),
        (
            ["lookback=1,2"],
            "lookback: must be a key of the configuration, was lookback. Did you mean signal.params.lookback?",
        ),
        (["slippage=none,fixd_bps"], "slippage: must name a file of slippage/, was fixd_bps. Did you mean fixed_bps?"),
        (["mode=live,backtest"], "mode.kind: must be backtest or replay in a sweep, was live."),
        (["seed=1,2", "sweep.metric=shrap"], "sweep.metric: must be a metric, was shrap. Did you mean sharpe?"),
        (["seed=1,2", "sweep.direction=up"], "sweep.direction: must be one of the known words"),
        (["seed=1,2", "sweep.where='sed > 1'"], "sweep.where: must name an axis or a value of the configuration, was sed."),
        (["seed=1,2", "sweep.where='seed > 5'"], "sweep.where: must leave at least one lane"),
        (
            ["seed=1,2", "sweep.where='kind == 1'"],
            "sweep.where: must have one meaning, was kind. Write the whole key: data.kind",
        ),
        (
            ["slippage=none,fixed_bps", "sweep.where='slippage.bps > 1'"],
            "must be one value at slippage.bps, was nothing there",
        ),
    ],
)
def test_what_cannot_be_swept_is_said(words, message):
    """Keys twice, keys that are no part of a run, keys within keys, names that mean nothing."""
    assert message in told(*words)


def test_two_files_that_say_the_same_are_one_lane_twice(tmp_path):
    """They differ in a name and what is written of them: no further try, whatever they are called."""
    path = tmp_path / "conf" / "experiment"
    path.mkdir(parents=True)
    for name in ("one", "other"):
        (path / f"{name}.yaml").write_text(f"# @package _global_\nname: {name}\nsignal: {{params: {{lookback: 7}}}}\n")

    assert "experiment: must have each value once, was other, which is one again." in told(
        "experiment=one,other", folder=tmp_path
    )
    message = told("experiment=one,other", "seed=1,2", "sweep.zip=[experiment,capital]", "capital=5,5.0", folder=tmp_path)
    assert (
        "sweep: must have each lane once, was lane 3 (experiment=other seed=1 capital=5.0), which is lane 1 again."
        in message
    )


def test_hydra_s_own_sweeper_makes_runs_which_may_have_names():
    """There a lane is a run directory, and not a trial that counts."""
    assert len(planned("hydra/sweeper=basic", "name=a,b").lanes) == 2


def test_a_declared_axis_with_one_value_keeps_its_name(tmp_path):
    """The condition of the file speaks of axes; what the command line settles is still what it was called."""
    experiment(
        tmp_path,
        "sweep:\n  axes: {slippage: [none, fixed_bps], signal.params.lookback: [5, 10]}\n"
        "  where: \"slippage == 'none' or lookback > 5\"\n",
    )

    def lookbacks(*words):
        found = planned("experiment=mine", *words, folder=tmp_path)
        return [found.lanes.spec(lane).spec.signal.params["lookback"] for lane in found.lanes]

    assert lookbacks("slippage=none") == [5, 10]
    assert lookbacks("slippage=fixed_bps") == [10]
    assert "sweep.where: must hold of a run whose axes have one value each" in told(
        "experiment=mine", "slippage=fixed_bps", "signal.params.lookback=5", folder=tmp_path
    )


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    """Slips in words, axes, files, values, the section itself, its zip and its condition: each in one message."""
    experiment(tmp_path, "sweep:\n  axes: {order.offset: []}\n")
    words = [
        "signal.params.lokback=5,10",
        "slippage=none,fixd",
        "seed=1,1",
        "capital=-1",
        "nonsense",
        "runs=a,b",
        "fees=5,,6",
    ]
    more = ["experiment=mine", "sweep.metrik=x", "sweep.zip=[a]", "sweep.where='sed > 1'"]

    with pytest.raises(ConfigError) as error:
        planned(*words, *more, folder=tmp_path)

    assert [fault.where for fault in error.value.faults] == [
        "capital",
        "fees",
        "nonsense",
        "runs",
        "seed",
        "signal.params.lokback",
        "slippage",
        "sweep.axes.order.offset",
        "sweep.metrik",
        "sweep.where",
        "sweep.zip",
    ]


def test_a_fault_of_a_grid_that_is_too_large_is_said_without_going_through_it():
    """A trillion combinations: their number, and what is wrong with the first of them."""
    message = told("seed=range(10000)", "capital=range(10000)", "signal.params.lookback=range(10000)")

    assert message.startswith("The configuration is not valid (3 faults)\n  capital: must be above 0, was 0.")
    assert "lookback must be a whole number from 1 to 1000000, was 0." in message
    assert "sweep: must have at most 10,000,000 combinations, was 1,000,000,000,000." in message


def test_a_word_with_a_fault_leaves_names_of_the_others_their_meaning():
    """A zip may name an axis that is left out for its values, and a condition is about the lanes of sound words."""
    message = told("seed=1,1", "signal.params.lookback=5,10", "sweep.zip=[seed,lookback]", "sweep.where='seed > 0'")

    assert message.startswith("The configuration is not valid (1 fault)\n  seed: must have each value once")


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("lookback < slow", [(5, 10), (5, 20), (10, 20)]),
        ("signal.params.lookback >= slow", [(10, 10)]),
        ("slow - lookback > capital / 10000", [(5, 20)]),
        ("lookback == slow or sell_above > 99", [(10, 10)]),
    ],
)
def test_a_condition_leaves_lanes_out(where, kept):
    """Names are axes by their last word or key, or values of the configuration; numbers go on without gaps."""
    found = planned("signal.params.lookback=5,10", "+signal.params.slow=10,20", f"sweep.where='{where}'")

    params = [found.lanes.spec(lane).spec.signal.params for lane in found.lanes]
    assert [(each["lookback"], each["slow"]) for each in params] == kept
    assert [lane.number for lane in found.lanes] == list(range(len(kept)))


def test_a_condition_asks_only_what_a_lane_has():
    """The files of an axis differ in their keys: a condition may ask first."""
    found = planned("slippage=none,fixed_bps", "seed=1,2", "sweep.where='slippage == \"none\" or slippage.bps < seed + 1'")

    assert [lane.overrides for lane in found.lanes] == [
        ("slippage=none", "seed=1"),
        ("slippage=none", "seed=2"),
        ("slippage=fixed_bps", "seed=2"),
    ]


DECLARED = """
name: mine
sweep:
  axes:
    signal.params.lookback: [5, 10]
    signal: {params: {buy_below: "range(0.5, 1.5, 0.5)"}}
    slippage: [none, fixed_bps]
  zip: [lookback, slippage]
"""


def test_a_file_declares_axes_with_dots_or_as_mappings(tmp_path):
    """Lists, and texts as after -m; zipped axes advance together."""
    experiment(tmp_path, DECLARED)

    found = planned("experiment=mine", folder=tmp_path)

    assert [lane.overrides[:3:2] + lane.overrides[1:2] for lane in found.lanes] == [
        ("signal.params.lookback=5", "slippage=none", "signal.params.buy_below=0.5"),
        ("signal.params.lookback=5", "slippage=none", "signal.params.buy_below=1.0"),
        ("signal.params.lookback=10", "slippage=fixed_bps", "signal.params.buy_below=0.5"),
        ("signal.params.lookback=10", "slippage=fixed_bps", "signal.params.buy_below=1.0"),
    ]
    assert {axis.source for axis in found.lanes.asked.axes} == {f"conf/experiment/mine.yaml:{line}" for line in (6, 7, 8)}


def test_what_the_command_line_says_of_an_axis_wins(tmp_path):
    """One value takes the axis out, several take its place: so a lane of a declared sweep is run alone by its own words."""
    experiment(tmp_path, DECLARED)

    found = planned("experiment=mine", "slippage=none", "signal.params.lookback=7,8,9", folder=tmp_path)
    whole = planned("experiment=mine", folder=tmp_path)
    alone = planned("experiment=mine", *whole.lanes[3].overrides, folder=tmp_path)

    assert [axis.key for axis in found.lanes.asked.axes] == ["signal.params.buy_below", "signal.params.lookback"]
    assert len(found.lanes) == 6
    assert len(alone.lanes) == 1
    assert alone.lanes.spec(alone.lanes[0]).spec_hash == whole.lanes.spec(whole.lanes[3]).spec_hash


def test_what_is_wrong_with_a_declared_sweep_is_said_with_its_line(tmp_path):
    """An axis without values, one of the whole run's own keys, and a slip in the section."""
    experiment(tmp_path, 'sweep:\n  axes:\n    seed: []\n    runs: [a, b]\n    capital: "5"\n')
    message = told("experiment=mine", folder=tmp_path)

    assert message == (
        "The configuration is not valid (3 faults)\n"
        "  runs: must not be varied: it is no part of what a run is. Give it one value.  [conf/experiment/mine.yaml:5]\n"
        "  sweep.axes.capital: must list several values, was 5. Write [5] for an axis of one value, or several as after -m."
        "  [conf/experiment/mine.yaml:6]\n"
        '  sweep.axes.seed: must list at least one value, was []. Write a list, or a text such as "range(5, 50, 5)".'
        "  [conf/experiment/mine.yaml:4]"
    )


def test_files_that_an_axis_chooses_cannot_declare_what_the_lanes_are(tmp_path):
    """One experiment of two speaks of a sweep: nobody knows which lanes are meant."""
    experiment(tmp_path, "sweep: {where: seed > 0}\n")

    assert "sweep: must be said by a file that all lanes have" in told(
        "experiment=one_share,mine", "seed=1,2", folder=tmp_path
    )


def test_the_sweep_is_no_part_of_a_lane():
    """Other words on the sweep leave the spec and its hash alone."""
    plain = planned("seed=1,2")
    other = planned("seed=1,2", "sweep.metric=calmar", "sweep.direction=minimise")

    assert [plain.lanes.spec(lane).spec_hash for lane in plain.lanes] == [
        other.lanes.spec(lane).spec_hash for lane in other.lanes
    ]
    assert "sweep" not in json.dumps(plain.lanes.spec(plain.lanes[0]).spec.model_dump(mode="json"))
    assert plain.sweep == Sweep()
    assert other.sweep == Sweep(metric="calmar", direction="minimise")


def test_nodes_are_counted_once_over_all_lanes():
    """Three lookbacks by four thresholds: one bar pressure, three means, twelve rules of which four differ per lookback."""
    found = planned("signal.params.lookback=5,10,20", "signal.params.buy_below=range(0.2,0.6,0.1)")

    outlook = outlook_of(found.lanes, found.checked.failed)

    columns, pressure, means, enters, exits = 4, 1, 3, 3 * 4, 3
    assert outlook.nodes == columns + pressure + means + enters + exits
    assert outlook.nodes_alone == 12 * (columns + 1 + 1 + 1 + 1)
    assert (outlook.lanes, outlook.markets) == (12, 1)
