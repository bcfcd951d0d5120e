"""Both engines on real files, daily and by the minute: the same orders, fills, positions and equity."""

from contextlib import chdir

import pytest

from runner.engine import native
from runner.engine.backtrader import run as backtrader
from runner.engine.surroundings import surroundings_of
from runner.prepare import prepare_spec
from tests.oracle.same_tables import assert_same_tables

SHORT_TOO = "signal.short={enter: 'smooth > sell_above', exit: 'smooth < buy_below'}"

GTC = "order.time_in_force=gtc"

RUNS = [
    ("us_daily_adjusted", ["window.start='2015-01-01'", "window.end='2017-12-31'"], ()),
    ("us_daily_adjusted", ["window.start='2015-01-01'", "window.end='2017-12-31'"], ("order=limit", GTC, "exits=bracket")),
    ("us_daily_adjusted", ["window.start='2015-01-01'", "window.end='2017-12-31'"], ("order=stop", GTC, "exits=trailing")),
    ("us_minutes_parquet", [], ("signal.params.lookback=15",)),
    ("us_minutes_parquet", [], ("signal.params.lookback=15", "order=limit", GTC, "exits=bracket", "fees=per_share")),
]


@pytest.mark.parametrize(("name", "window", "words"), RUNS, ids=lambda part: "" if isinstance(part, str) else ",".join(part))
def test_both_engines_trade_the_same_on_real_prices(shared, spec_of, read, name, window, words):
    """Whatever real bars look like, both engines make the same of them."""
    market = read(name, *window)
    with chdir(shared):
        spec = spec_of(name, *window, "engine=backtrader", f"+{SHORT_TOO}", *words)
        prepared = prepare_spec(spec)
    given = {"signals": False, "on_progress": lambda _share: None}
    around = surroundings_of(spec, market)

    ours = native.backtest(prepared.pipeline, market.tapes, around, **given)
    theirs = backtrader.backtest(prepared.pipeline, market.tapes, around, **given).tables

    assert ours.fills["ts"].size > 20
    assert_same_tables(ours, theirs, told=name)
