"""How the lanes of a sweep are cut into batches."""

import pytest

from runner.sweeps.running import most_lanes


@pytest.mark.parametrize(
    ("rows", "lanes"), [(0, 512), (2_520, 512), (4_096, 512), (10_000, 209), (16_384, 128), (40_000, 128), (10**9, 128)]
)
def test_a_batch_has_more_lanes_where_a_lane_is_short(rows, lanes):
    """Two million rows, but a file is written for no fewer than 128 lanes, and no more than 512 are lost with a process."""
    assert most_lanes(rows) == lanes
