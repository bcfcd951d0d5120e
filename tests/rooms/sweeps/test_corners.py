"""The combinations that a search is judged by before it begins."""

from runner.compose import Configurations
from runner.sweeps.asking import plan_sweep


def places_of(*words):
    """Return the places of the lanes that are looked at beforehand."""
    lanes = plan_sweep(["sweep=optuna", *words], Configurations()).lanes
    return {lane.places for lane in lanes}


def test_of_a_small_space_all_combinations_are_looked_at():
    """Their warm-ups give the instant that all are measured from, as without a search."""
    assert (
        len(places_of("seed=range(8)", "sizing=equity_share,equal_weight", "signal.params.buy_below=interval(0.1, 0.9)"))
        == 32
    )


def test_of_a_large_space_the_ends_are_looked_at_and_each_value_once():
    """Two ends of each axis of numbers with every choice of the others."""
    found = places_of(
        "seed=range(50)", "capital=range(1,51)", "signal.params.lookback=range(1,51)", "sizing=equity_share,equal_weight"
    )

    ends = {(a, b, c, d) for a in (0, 49) for b in (0, 49) for c in (0, 49) for d in (0, 1)}
    assert ends <= found
    assert {place[0] for place in found} == set(range(50))
    assert len(found) == len(ends) + 3 * 48
