"""Real bars, quotes and trades of one stock in one run: bars decide, by what the others said until then."""

from contextlib import chdir
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import runner

CONFIGS = Path(__file__).parent / "combined"


@pytest.fixture(scope="module")
def runs(shared, tmp_path_factory):
    """Two days of IBM, as a backtest and as a replay."""
    folder = tmp_path_factory.mktemp("runs")
    words = ["experiment=ibm_three_streams", "report=full"]
    with chdir(shared):
        return [
            runner.run(overrides=[*words, f"mode={mode}"], config_dirs=[CONFIGS], runs=folder)
            for mode in ("backtest", "replay")
        ]


def test_a_replay_of_all_three_gives_the_backtest(runs):
    """A hundred and fifty thousand rows, one instant at a time, come to the same orders, fills and values, to the bit."""
    backtest, replay = runs

    assert backtest.result_digest == replay.result_digest
    assert backtest.signals.equals(replay.signals)
    assert len(backtest.fills) > 100


def test_a_bar_sees_the_latest_quote_by_its_close(runs, shared):
    """Against polars' join by time on the file itself; crossed quotes were left out."""
    nodes = pl.read_parquet(runs[0].path / "signals.parquet").select("ts", "quick", "early")
    quotes = pl.read_parquet(shared / "ticks" / "ibm_nbbo_2013_10_07_08.parquet").filter(
        pl.col("bid_price_0") <= pl.col("ask_price_0")
    )
    middle = quotes.select(
        pl.col("timestamp").cast(pl.Datetime("ns", "UTC")).alias("ts"),
        ((pl.col("bid_price_0") + pl.col("ask_price_0")) / 2).alias("middle"),
    )

    joined = nodes.join_asof(middle, on="ts")

    assert nodes["quick"].is_not_nan().sum() > 700
    np.testing.assert_array_equal(joined["quick"].to_numpy(), joined["middle"].to_numpy())
    opens = nodes["ts"].dt.date().cast(pl.Datetime("ns", "UTC")) + pl.duration(hours=13, minutes=30)
    assert nodes["early"].to_list() == (nodes["ts"] - pl.select(opens).to_series()).dt.total_seconds().to_list()


def test_a_bucket_of_trades_is_known_at_the_first_trade_after_it(runs, shared):
    """Sums of five minutes against polars' windows: a bar at a bucket's very end can't know yet that it is over."""
    found = pl.read_parquet(runs[0].path / "signals.parquet").select("ts", "turnover")
    trades = pl.read_parquet(shared / "ticks" / "ibm_trades_2013_10_07_08.parquet").select(
        pl.col("timestamp").cast(pl.Datetime("ns", "UTC")).alias("ts"), (pl.col("price") * pl.col("size")).alias("value")
    )
    hours = pl.col("ts").dt.time().is_between(pl.time(13, 30), pl.time(20, 0))
    inside = trades.filter(hours)
    sums = inside.sort("ts", maintain_order=True).group_by_dynamic("ts", every="5m", closed="right", label="right")
    buckets = sums.agg(pl.col("value").sum().alias("expected"))
    known = inside.select(pl.col("ts").alias("known")).unique().sort("known")
    buckets = buckets.join_asof(known, left_on="ts", right_on="known", strategy="forward", allow_exact_matches=False)

    joined = found.join_asof(buckets.drop("ts").drop_nulls().sort("known"), left_on="ts", right_on="known")

    at = joined.filter(pl.col("turnover").is_not_nan())
    assert at.height > 700
    np.testing.assert_allclose(at["turnover"], at["expected"], rtol=1e-9)
