"""The operators that Runner comes with as examples of one's own: they keep every law, and compute what they say."""

import numpy as np
import pandas as pd
import pytest

from runner.plugins import PluginOperators, default_folders
from runner.signal.laws import broken_laws
from runner.signal.registry import operators
from tests.architecture.source_tree import ROOT
from tests.evaluated import values

EXAMPLES = PluginOperators(operators(), default_folders(ROOT / "strategies"))
NAMES = sorted(set(EXAMPLES) - set(operators()))


@pytest.mark.parametrize("name", NAMES)
def test_every_example_keeps_the_laws(name):
    """Batch is live, no look-ahead, nothing left behind by what is undefined or huge: as of every operator."""
    assert [str(broken) for broken in broken_laws(EXAMPLES[name], np.random.default_rng(4))] == []


def test_there_are_examples_of_both_kinds():
    """A row's and a window's."""
    assert {type(EXAMPLES[name].body).__name__ for name in NAMES} >= {"Row", "WindowRule"}


def test_money_flow_agrees_with_rolling_sums_of_pandas():
    """Chaikin's money flow from two rolling sums, over offset prices with bars without a range."""
    rng = np.random.default_rng(0)
    close = 1e6 + rng.normal(size=2_000).cumsum()
    high, low, volume = close + rng.random(2_000), close - rng.random(2_000), 100 * rng.random(2_000)
    high[::50] = low[::50] = close[::50]
    span = pd.Series(np.where(high > low, high - low, 1.0))
    share = (2 * pd.Series(close) - high - low).where(high > low, 0.0) / span

    expected = (share * volume).rolling(21).sum() / pd.Series(volume).rolling(21).sum()
    found = values(EXAMPLES["money_flow"], high, low, close, volume, p=(21,))

    assert np.isnan(found[:20]).all()
    np.testing.assert_allclose(found[20:], expected[20:], rtol=0, atol=1e-9)


def test_swing_turns_where_it_is_worked_out_by_hand():
    """Up an eighth from 100, down an eighth from the peak of 120, up one from the low of 96; a gap is passed over."""
    x = [100, 112, 112.5, 120, 106, 105, np.nan, 96, 107, 108, 111]

    found = values(EXAMPLES["swing"], x, p=(0.125,))

    expected = [0, 0, 1, 1, 1, -1, np.nan, -1, -1, 1, 1]
    np.testing.assert_array_equal(found, expected)
