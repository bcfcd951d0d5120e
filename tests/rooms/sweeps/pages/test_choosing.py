"""What can't be told of how the best lane was chosen isn't told."""

from dataclasses import replace

import numpy as np
import pytest
from finished_sweeps import axis, finished

from runner.sweeps.pages.checks import checks_of
from runner.sweeps.pages.judged import judged

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
