"""Effective number of independent trials: cases with a known answer, and a solver that shares nothing with ours."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from runner.sweeps.statistics import effective_trials as effective
from runner.sweeps.statistics.effective_trials import effective_trials


def orthogonal(rows, lanes):
    """Return lanes without any correlation at all."""
    return np.linalg.qr(np.random.default_rng(3).normal(size=(rows, lanes + 1)))[0][:, 1:]


def by_nnls(returns):
    """Return the number by scipy's Lawson and Hanson: p = q / Σq minimises pᵀZp where q ≥ 0 minimises |Lq − b|, Lᵀb = 1."""
    similarity = np.corrcoef(returns.T) ** 2
    values, vectors = np.linalg.eigh(similarity)
    root = vectors * np.sqrt(np.maximum(values, 1e-12))
    q = nnls(root.T, np.linalg.lstsq(root, np.ones(len(root)), rcond=None)[0])[0]
    p = q / q.sum()
    chance = 1.0 / (len(returns) - 1)
    return min((1.0 - chance) / (p @ similarity @ p - chance), len(p))


def families(*, rows, sizes, noise):
    """Return lanes in families: each a bet of its own with a little noise."""
    generator = np.random.default_rng(5)
    bets = generator.normal(size=(rows, len(sizes)))
    lanes = [bets[:, [bet]] + noise * generator.normal(size=(rows, size)) for bet, size in enumerate(sizes)]
    return 0.01 * np.concatenate(lanes, axis=1)


def test_lanes_without_correlation_count_fully():
    """Ten lanes that share nothing are ten trials."""
    lanes = orthogonal(400, 10) - orthogonal(400, 10).mean(axis=0)

    assert effective_trials(lanes).number == pytest.approx(10.0, rel=0.01)


def test_copies_scaled_shifted_and_mirrored_are_one_trial():
    """The same bet with other stakes is the same bet."""
    one = np.random.default_rng(1).normal(size=100)

    found = effective_trials(np.stack([one, 3 * one, one + 0.5, -one], axis=1))

    assert (found.number, found.lanes, found.is_at_least) == (pytest.approx(1.0, abs=1e-9), 4, False)


def test_families_count_once_whatever_their_size():
    """Five bets, one of them tried in three hundred ways: five trials and not one."""
    found = effective_trials(families(rows=2_000, sizes=[300, 1, 2, 20, 1], noise=0.01))

    assert found.number == pytest.approx(5.0, rel=0.03)
    assert found.lanes == 324


def test_lanes_that_all_share_one_half():
    """n lanes with correlation ρ to each other are n / (1 + (n − 1) ρ²) trials, by the symmetry of the weights."""
    generator = np.random.default_rng(9)
    returns = np.sqrt(0.5) * (generator.normal(size=(40_000, 1)) + generator.normal(size=(40_000, 12)))

    assert effective_trials(returns).number == pytest.approx(12 / (1 + 11 * 0.25), rel=0.02)


@pytest.mark.parametrize(("rows", "lanes"), [(60, 25), (300, 40), (120, 90)])
def test_an_independent_solver_finds_the_same(waves, rows, lanes):
    """The weights are those of scipy's non-negative least squares, within the distance at which the search ends."""
    returns = waves(rows, lanes) @ np.triu(np.ones((lanes, lanes)))[:, ::2]

    assert effective_trials(returns).number == pytest.approx(by_nnls(returns), rel=2 * effective.CLOSE)


def test_noise_counts_fully_though_rows_are_few():
    """A hundred lanes of noise over sixty rows have correlations by chance, and are still about a hundred trials."""
    noise = np.random.default_rng(2).normal(size=(60, 100))

    assert effective_trials(noise).number == pytest.approx(100.0, rel=0.02)


def test_a_search_that_ends_at_its_limits_says_so(monkeypatch):
    """Where more lanes would have to be weighed than may be, the number is a floor, and below the true one."""
    monkeypatch.setattr(effective, "MOST_TAKEN", 20)
    noise = np.random.default_rng(2).normal(size=(500, 60))

    found = effective_trials(noise)

    assert found.is_at_least
    assert 15.0 < found.number < 60.0


def test_no_lane_is_taken_twice():
    """A lane that is weighed already isn't weighed again, also where it looks less like the others than they do."""
    lanes = effective._moving(np.random.default_rng(2).normal(size=(50, 6)))
    taken = np.array([0, 2])

    added = effective._apart(lanes, np.zeros(6), taken, 1.0)

    assert sorted(added.tolist()) == [1, 3, 4, 5]


def test_lanes_that_never_move_are_no_trials():
    """A lane that never traded, and one that earned the same in each period, tell nothing."""
    moving = np.random.default_rng(4).normal(size=100)
    still = np.full(100, 0.001)

    assert effective_trials(np.stack([still, moving, 0 * still], axis=1)).number == 1.0
    assert effective_trials(still[:, None]) == effective.EffectiveTrials(0.0, is_at_least=False, lanes=0)
    assert effective_trials(np.empty((0, 3))).number == 0.0
    assert effective_trials(np.array([[0.1, 0.2], [0.3, 0.1]])).number == 1.0


def test_a_hole_is_refused():
    """A correlation with a return that isn't there would be made up."""
    with pytest.raises(ValueError, match="returns must be finite"):
        effective_trials(np.array([[0.1, np.nan], [0.2, 0.3], [0.1, 0.1]]))


@st.composite
def sweeps(draw):
    """Draw lanes that mix a few bets, over few rows."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows, bets, lanes = draw(st.integers(10, 80)), draw(st.integers(1, 6)), draw(st.integers(2, 15))
    mixed = generator.normal(size=(rows, bets)) @ generator.normal(size=(bets, lanes)) ** draw(st.sampled_from([1, 3]))
    return 0.01 * (mixed + draw(st.sampled_from([0.0, 0.1, 1.0])) * generator.normal(size=(rows, lanes)))


@given(returns=sweeps(), which=st.integers(0, 10**6), copies=st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_copies_of_a_lane_add_no_trials(returns, which, copies):
    """However often a lane is tried again, the number stays where it is (within the end of the search)."""
    lane = returns[:, [which % returns.shape[1]]]

    before, after = effective_trials(returns), effective_trials(np.concatenate([returns, *[lane] * copies], axis=1))

    assert after.number == pytest.approx(before.number, rel=3 * effective.CLOSE)
    assert after.lanes == before.lanes + copies


@given(returns=sweeps(), seed=st.integers(0, 10**6), scale=st.sampled_from([0.25, 8.0]))
@settings(max_examples=60, deadline=None)
def test_order_and_stakes_change_no_number(returns, seed, scale):
    """Lanes in another order and with other stakes are the same trials; fewer lanes are never more."""
    order = np.random.default_rng(seed).permutation(returns.shape[1])

    found = effective_trials(returns)

    assert effective_trials(scale * returns[:, order]).number == pytest.approx(found.number, rel=3 * effective.CLOSE)
    assert effective_trials(returns[:, 1:]).number <= found.number * (1 + 3 * effective.CLOSE)
