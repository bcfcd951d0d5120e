"""Compiled figures of equity against those of numpy's arrays, to the bit."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runner.report import returns as series
from runner.report.kernel import layout, levels
from runner.report.kernel.compiled import compiled_figures

YEAR = 252.0
STEPS = st.lists(st.sampled_from([0.5, 0.9, 0.999, 1.0, 1.0, 1.001, 1.1, 2.0]), min_size=1, max_size=300)


def performed(equity, years):
    equity = np.asarray(equity, dtype=float)
    out = np.full(layout.FIGURES, np.nan)
    compiled_figures().of_levels(equity, years, YEAR, np.empty(equity.size), np.empty(equity.size), out)
    return out


def told(value):
    return None if np.isnan(value) else value.item()


@given(STEPS, st.sampled_from([0.01, 0.5, 3.0]))
@example([1.0] * 40, 1.0)
@example([1.001] * 40, 1.0)
@example([0.9], 1.0)
def test_the_compiled_figures_of_equity_are_those_of_arrays(steps, years):
    """Ratios, drawdowns and their lengths, of equity that stands still, grows steadily, falls, and comes back."""
    equity = 1000.0 * np.cumprod([1.0, *steps])

    out = performed(equity, years)

    returns, (lowest, length) = series.session_returns(equity), series.deepest_drawdown(equity)
    is_long = series.can_be_annualised(years)
    figures = (series.volatility, series.sharpe, series.sortino)
    ratios = [each(returns, sessions_per_year=YEAR) if is_long else None for each in figures]
    assert [told(out[place]) for place in (layout.VOLATILITY, layout.SHARPE, layout.SORTINO)] == ratios
    assert (out[layout.MAX_DRAWDOWN], out[layout.MAX_DRAWDOWN_SESSIONS]) == (lowest, length)
    assert out[layout.LONGEST_DRAWDOWN_SESSIONS] == series.longest_drawdown(equity)
    assert told(out[layout.GROWTH]) == (equity[-1] / equity[0] if is_long else None)
    assert out[layout.TOTAL_RETURN] == equity[-1] / equity[0] - 1


@pytest.mark.parametrize("ruined", [0, 3, 5])
def test_equity_through_zero_has_no_ratios(ruined):
    """Neither from zero nor from less, but ending there is a return; nothing at all starts from zero."""
    equity = [1000.0, 1100.0, 900.0, 1000.0, 950.0, 970.0]
    equity[ruined] = 0.0

    out = performed(equity, 1.0)

    assert (told(out[layout.SHARPE]) is None) == (ruined != 5)
    assert (told(out[layout.TOTAL_RETURN]) is None) == (ruined == 0)


def test_the_shortest_stretch_that_has_figures_a_year_is_that_of_the_reports():
    """The number that compiled functions compare with lies where rounding to six digits becomes 28."""
    least = levels.LEAST_DAYS

    assert round(least, 6) == 28
    assert round(np.nextafter(least, 0.0).item(), 6) < 28
    assert told(performed([1.0, 1.1, 1.0], 28 / levels.DAYS)[layout.GROWTH]) is not None
    assert told(performed([1.0, 1.1, 1.0], 27.9 / levels.DAYS)[layout.GROWTH]) is None
