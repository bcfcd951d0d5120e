import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runner.report.downsample import kept_points

SERIES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400).map(np.array)


@given(SERIES, st.integers(4, 60))
def test_extremes_and_ends_stay(values, limit):
    """The first, last, lowest and highest values are drawn, in order, within the limit."""
    kept = kept_points(values, limit=limit)

    assert kept.size <= limit
    assert np.all(np.diff(kept) > 0)
    assert (kept[0], kept[-1]) == (0, values.size - 1)
    assert (values[kept].min(), values[kept].max()) == (values.min(), values.max())


def test_a_short_series_is_kept_whole():
    """Nothing is left out as long as everything fits."""
    assert kept_points(np.array([3.0, 1.0, 2.0, 5.0]), limit=4).tolist() == [0, 1, 2, 3]


def test_every_stretch_keeps_its_own_extremes():
    """A single spike in either direction survives in the stretch it belongs to."""
    values = np.zeros(1_000)
    spikes = [111, 222, 333, 777, 888]
    values[spikes] = [1.0, -1.0, 0.5, 2.0, -0.1]

    kept = kept_points(values, limit=42)

    assert set(spikes) <= set(kept.tolist())
