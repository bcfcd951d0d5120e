"""What can't be told of how the best lane was chosen isn't told."""

from dataclasses import replace

import numpy as np
import pytest
from finished_sweeps import axis, finished

from runner.spec.sweep import Sweep
from runner.sweeps.footing import Footings, Period
from runner.sweeps.pages.account import items_of, sentences_of, verdict_json
from runner.sweeps.pages.apart import rankings_of, told_apart
from runner.sweeps.pages.checks import checks_of
from runner.sweeps.pages.judged import judged
from runner.sweeps.statistics import words_of

DAY = 86_400 * 10**9

ABOUT_CHOOSING = ("Is it more than luck?", "Does choosing carry over?", "Would choosing as one goes have paid?")


def answers(found):
    """Return the answers about choosing."""
    return {check.question: check.answer for check in checks_of(judged(found)) if check.question in ABOUT_CHOOSING}


def test_copies_of_one_lane_say_nothing_of_choosing():
    """Three lanes that trade the same: there was nothing to choose, and no spread to tell luck by."""
    same = np.tile(np.random.default_rng(3).normal(0.0005, 0.01, 240), (3, 1))

    assert answers(finished([axis("name", ["a", "b", "c"], is_choice=True)], returns=same)) == dict.fromkeys(ABOUT_CHOOSING)


def test_one_lane_alone_says_nothing_of_choosing():
    """It was the only one."""
    assert answers(finished([], sessions=240)) == dict.fromkeys(ABOUT_CHOOSING)


def test_lanes_that_leave_the_best_one_out_say_nothing_of_it():
    """The best lane has other sessions than those whose returns can be compared."""
    whole = finished([axis("signal.params.n", [1, 2, 3, 4])], sessions=240)
    best = int(np.argmax(whole.results.metrics["sharpe"]))
    others = np.array([row for row in range(4) if row != best])
    kept = replace(whole.results, returns=whole.results.returns[others])

    assert answers(replace(whole, results=kept, recorded=others)) == dict.fromkeys(ABOUT_CHOOSING)


def test_lanes_that_differ_are_answered():
    """The same questions have an answer where there is something to choose from."""
    found = answers(finished([axis("signal.params.n", [1, 2, 3, 4])], sessions=240))

    assert None not in found.values()


@pytest.mark.parametrize("lanes", [2, 5])
def test_a_word_about_luck_needs_spread(lanes):
    """Lanes that never traded have returns of nothing but zeros."""
    flat, names = np.zeros((lanes, 240)), ("sharpe", "total_return", "max_drawdown", "trades", "years")
    metrics = {name: [0.0] * lanes for name in names}
    found = finished([axis("signal.params.n", list(range(lanes)))], returns=flat, metrics=metrics)

    assert answers(found)["Is it more than luck?"] is None


def held(days, lanes=4, sessions=240):
    """Return a sweep whose lanes held a position for so many days at most."""
    found = finished([axis("signal.params.n", list(range(lanes)))], sessions=sessions)
    metrics = {**found.results.metrics, "trade_days_95": days}
    return judged(replace(found, results=replace(found.results, metrics=metrics)))


def test_what_was_open_when_a_test_began_teaches_nothing():
    """Days before each test are purged for as long as trades of any compared lane last, in walks and in paths."""
    found, short = held([3.0, 30.5, None, 7.0]), held([None] * 4)

    assert found.walk.span_ns == found.verdict.purged_ns == int(30.5 * DAY)
    assert short.walk.span_ns == 0
    assert short.verdict.rolling.periods - found.verdict.rolling.periods == 30
    assert (found.verdict.paths.lowest, found.verdict.paths.highest) != (
        short.verdict.paths.lowest,
        short.verdict.paths.highest,
    )
    assert any("30.5 days don't teach" in sentence for sentence in words_of(found.verdict))
    assert next(item.value for item in items_of(found) if item.name == "walk_purge_days") == pytest.approx(30.5)


def test_what_is_always_open_can_not_be_walked_and_says_why():
    """A lane that never closed has no past whose outcome was known."""
    found = held([3.0, 239.0, 3.0, 3.0])

    check = next(each for each in checks_of(found) if each.question == "Would choosing as one goes have paid?")
    assert (check.answer, found.verdict.anchored, found.verdict.paths) == (None, None, None)
    assert "too short for how long positions are held" in check.words
    assert any("once the 239.0 days are purged that it takes" in sentence for sentence in words_of(found.verdict))


def footed(of_lane, periods, **more):
    """Return a sweep of two axes whose lanes stand on footings."""
    axes = [axis("slippage.bps", [0, 5]), axis("signal.params.n", [1, 2, 3])]
    return finished(axes, sessions=240, footings=Footings(np.array(of_lane), *periods), **more)


LONG, SHORT = Period("2020-01-01", "2020-12-31", 240), Period("2020-06-01", "2020-12-31", 120)


def test_a_lane_is_not_better_for_assuming_less():
    """With and without slippage: the best lane is the best of those that pay it, and the others stand apart."""
    metrics = {"sharpe": [3.0, 2.0, 1.0, 0.5, 1.5, 0.2], "total_return": [0.3, 0.2, 0.1, 0.05, 0.15, 0.02]}
    found = judged(footed([0, 0, 0, 1, 1, 1], [(LONG, LONG), (0, 0)], metrics=metrics))

    assert found.ranking.order.tolist() == [4, 3, 5, 0, 1, 2]
    assert found.ranking.best == 4
    assert (found.lanes, found.verdict.lanes, sorted(found.compared.tolist())) == (3, 3, [3, 4, 5])
    assert rankings_of(found)[0] == "bps 5, measured 2020-01-01 to 2020-12-31, 240 sessions"
    assert told_apart(found) == (
        "Lanes are ranked in 2 rankings, since they assume different costs or fills, and no lane is better for assuming less;"
        " the first, of the assumptions by which lanes earned least, is judged."
    )


def test_lanes_over_other_sessions_are_ranked_by_themselves():
    """The longest record is judged, whatever a shorter one shows; two records of equal length aren't one."""
    metrics = {"sharpe": [3.0, 2.0, 1.0, 0.5, 1.5, 0.2], "total_return": [0.3, 0.2, 0.1, 0.05, 0.15, 0.02]}
    found = judged(footed([0, 0, 0, 1, 1, 1], [(SHORT, LONG), (0, 1)], metrics=metrics))
    equal = judged(footed([0, 0, 0, 1, 1, 1], [(LONG, LONG), (0, 1)], metrics=metrics))

    assert (found.ranking.best, equal.ranking.best) == (4, 0)
    assert "since they are measured over 2 different periods; the first, of the longest period, is judged." in told_apart(
        found
    )
    assert sorted(equal.compared.tolist()) == [0, 1, 2]


def test_lanes_on_one_footing_are_ranked_as_ever():
    """One footing, or none told: one ranking, no words about it."""
    metrics = {"sharpe": [3.0, 2.0, 1.0, 0.5, 1.5, 0.2], "total_return": [0.3, 0.2, 0.1, 0.05, 0.15, 0.02]}
    one = judged(footed([0] * 6, [(LONG,), (0,)], metrics=metrics))

    assert one.ranking.order.tolist() == [0, 1, 4, 2, 3, 5]
    assert (told_apart(one), one.apart, one.lanes) == ("", (), 6)


@pytest.mark.parametrize(("metric", "direction"), [("calmar", "maximise"), ("sharpe", "minimise"), ("trades", "maximise")])
def test_a_test_that_goes_by_another_figure_than_lanes_says_so(metric, direction):
    """Where it is shown, in the full sentences and in verdict.json."""
    metrics = {name: [0.5, 0.1, 0.4, 0.3] for name in ("sharpe", "total_return", "calmar", "trades")}
    found = finished([axis("signal.params.n", [1, 2, 3, 4])], sessions=240, metrics=metrics)

    other = judged(replace(found, sweep=Sweep(metric=metric, direction=direction)))

    said = [check for check in checks_of(other) if "Lanes are ranked by" in check.words]
    assert [check.question for check in said] == [
        "Does choosing carry over?",
        "Does any lane beat doing nothing?",
        "Would choosing as one goes have paid?",
    ]
    assert any("this goes by the Sharpe ratio in halves, walks and paths" in each for each in sentences_of(other))
    assert verdict_json(other)["chosen_by"] == "sharpe"
    assert not any("Lanes are ranked by" in check.words for check in checks_of(judged(found)))
