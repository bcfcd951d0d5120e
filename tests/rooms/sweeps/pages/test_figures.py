"""The numbers that figures draw, against plain loops over the lanes."""

import numpy as np
import pytest
from finished_sweeps import axis, finished
from hypothesis import given
from hypothesis import strategies as st

from runner.spec.sweep import Sweep
from runner.sweeps.pages.cloud import MOST_POINTS, _levels, _sessions
from runner.sweeps.pages.groups import groups_of, quantiles_of
from runner.sweeps.pages.heat_maps import _cells, _pairs
from runner.sweeps.pages.judged import judged
from runner.sweeps.pages.sample import spread
from runner.sweeps.pages.scales import positions_of, scales_of
from runner.sweeps.pages.slices import along
from runner.sweeps.pages.spread import histogram


@pytest.fixture
def found():
    axes = [
        axis("signal.params.a", [20, 5, 10]),
        axis("signal.params.b", ["1h", "5min"]),
        axis("fees", ["x", "y"], is_choice=True),
    ]
    return judged(finished(axes, failed=[3]))


def test_values_are_drawn_by_size_and_words_as_they_were_given():
    """Neighbours are those next to each other by size, in whichever order somebody wrote them."""
    scales = scales_of(
        [axis("a", [20, 5, 10]), axis("b", ["1h", "5min"]), axis("c", ["z", "a"], is_choice=True), axis("d", [True, 1])]
    )

    assert [scale.labels for scale in scales] == [("5", "10", "20"), ("5min", "1h"), ("z", "a"), ("True", "1")]
    assert [scale.is_ordinal for scale in scales] == [True, True, False, False]
    assert positions_of(scales[:1], np.array([[0], [1], [2]])).tolist() == [[2], [0], [1]]


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-9, 9) | st.just(float("nan"))), min_size=1, max_size=40))
def test_quantiles_of_cells_are_those_of_numpy(lanes):
    """Each cell's median, highest and tenth are what NumPy says of its values alone."""
    cell, values = (np.array(column) for column in zip(*lanes, strict=True))

    found = quantiles_of(cell, values.astype(float), 5, (0.1, 0.5, 1.0))

    for number in range(5):
        own = values[(cell == number) & ~np.isnan(values.astype(float))].astype(float)
        expected = np.quantile(own, (0.1, 0.5, 1.0)) if own.size else [np.nan] * 3
        np.testing.assert_allclose(found[:, number], expected, rtol=1e-12, atol=1e-12)


def test_cells_hold_the_median_and_the_best_of_all_lanes_that_share_two_values(found):
    """What a heat map shows of two values doesn't depend on the others."""
    across, up = _pairs(found)[0]

    pair = _cells(found, across, up, 100)

    sharpe = found.ranking.metric
    for row in range(up.size):
        for column in range(across.size):
            own = sharpe[(found.positions[:, 0] == column) & (found.positions[:, 1] == row)]
            own = own[np.isfinite(own)]
            assert (pair.median[row, column], pair.best[row, column]) == pytest.approx((np.median(own), own.max()))


def test_the_best_of_what_is_to_be_low_is_the_lowest():
    """A metric that is minimised has the lowest for its best."""
    axes = [axis("a", [1, 2]), axis("b", [1, 2]), axis("c", [1, 2])]
    metrics = {"turnover": [5.0, 4.0, 3.0, 9.0, 7.0, 6.0, 1.0, 8.0], "total_return": [0.1] * 8}
    found = judged(finished(axes, metrics=metrics, sweep=Sweep(metric="turnover", direction="minimise")))

    pair = _cells(found, *_pairs(found)[0], 100)

    assert found.ranking.best == 6
    assert pair.best.tolist() == [[4.0, 6.0], [3.0, 1.0]]
    assert pair.at == (1, 1)


def test_axes_that_advance_together_are_no_pair():
    """Zipped axes fill a diagonal, which is no map."""
    axes = [axis("a", [1, 2, 3]), axis("b", [1, 2, 3])]
    whole = finished(axes)
    diagonal = np.flatnonzero(whole.places[:, 0] == whole.places[:, 1])
    some = finished(axes[:1], returns=whole.results.returns[diagonal])
    zipped = type(some)(**{name: getattr(some, name) for name in ("name", "results", "instants", "sweep", "trials", "periods_per_year")}, axes=tuple(axes), places=whole.places[diagonal])  # fmt: skip

    assert len(_pairs(judged(whole))) == 1
    assert _pairs(judged(zipped)) == []


def test_a_slice_goes_along_one_axis_with_all_others_as_those_of_the_best(found):
    """The plateau's line holds the lanes that differ from the best in one value, and no other."""
    best = found.ranking.best

    at, values = along(found, found.scales[0], best)

    expected = sorted(
        (found.positions[row, 0], found.ranking.metric[row])
        for row in range(12)
        if (found.positions[row, 1:] == found.positions[best, 1:]).all() and row != 3
    )
    assert list(zip(at, values, strict=True)) == expected


def test_the_cloud_is_the_equity_of_each_lane_at_the_sessions_that_are_drawn(found):
    """Stretches between drawn sessions are compounded, not passed over."""
    returns = np.random.default_rng(2).normal(0, 0.02, (3 * MOST_POINTS + 7, 4))
    at = _sessions(len(returns))

    levels = _levels(returns, at)

    np.testing.assert_allclose(levels, np.cumprod(1.0 + returns, axis=0)[at], rtol=1e-12)
    assert (at[0], at[-1]) == (0, len(returns) - 1)


def test_walks_are_stitched_from_the_lanes_that_were_chosen(found):
    """Each session of the walk is that of the lane that had the best Sharpe ratio in the training before its window."""
    walked = next(walk for walk in found.walks if walk.name == "anchored")
    returns, plan = found.finished.results.returns, found.walk
    instants = found.finished.instants

    level, expected = 1.0, []
    for place, first in enumerate(walked.starts):
        after = walked.starts[place + 1] if place + 1 < walked.starts.size else walked.rows.size
        start = instants[0] + plan.train_ns + plan.embargo_ns + place * plan.test_ns
        taught = instants < start - plan.embargo_ns
        ratios = [each[taught].mean() / each[taught].std(ddof=1) if np.isfinite(each).all() else -9 for each in returns]
        assert walked.lanes[place] == int(np.argmax(ratios))
        for row in walked.rows[first:after]:
            level *= 1.0 + returns[walked.lanes[place], row]
            expected.append(level)

    np.testing.assert_allclose(walked.equity, expected, rtol=1e-12)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_a_histogram_counts_every_value_once(values):
    """No lane falls out of the distribution, and none is in it twice."""
    found = histogram(np.array(values))

    assert found.counts.sum() == len(values)
    assert found.edges[0] <= min(values)
    assert found.edges[-1] >= max(values)


@given(st.integers(1, 5_000), st.integers(1, 300))
def test_a_sample_is_spread_and_holds_no_lane_twice(lanes, most):
    """Each stretch of equal length gives one lane."""
    found = spread(np.arange(lanes), most)

    assert found.size == min(lanes, most)
    assert (np.diff(found) > 0).all()
    if lanes > most:
        edges = [stretch * lanes // most for stretch in range(most + 1)]
        assert all(first <= each < after for each, first, after in zip(found, edges, edges[1:], strict=False))


def test_a_sample_meets_every_value_of_the_last_axis():
    """A sample in step with the grid would meet one value of the axis that turns fastest, and no other."""
    found = spread(np.arange(50_000), 1_000)

    met = np.bincount(found % 50, minlength=50)

    assert met.min() >= 10


def test_long_axes_go_by_groups_of_neighbours():
    """Groups are as equal as they can be and named by their ends."""
    scale = scales_of([axis("a", range(10))])[0]

    groups = groups_of(scale, 4)

    assert groups.labels == ("0–2", "3–4", "5–7", "8–9")
    assert groups.of_position.tolist() == [0, 0, 0, 1, 1, 2, 2, 2, 3, 3]
