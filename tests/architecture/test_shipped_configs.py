"""Every option of every group is a configuration that works: it composes, it validates, and it runs.

An option is chosen on the command line of an otherwise default run. What it needs besides (a file, an instrument, a length
of bars) is given here and nowhere hidden; what this version can't do yet must say so itself.
"""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

import runner
from tests.architecture.shipped import every_option, root_says

SHORT = ["window.start='2012-06-01'", "window.end='2012-12-31'"]
"""Long enough for the warm-up of the reference strategy, on sample prices."""

NOT_YET = {("mode", "paper"), ("mode", "live")}
"""Options whose words are right and which this version can't run."""

OWN_FILES = {
    ("data", "csv"): [],
    ("data", "parquet"): [],
    ("timezone", "us_minute"): ["data=parquet"],
    ("timezone", "utc_minute"): ["data=parquet"],
}
"""Options that read prices of the user's own → what else to choose."""


def daily():
    """Return forty session dates."""
    return pl.date_range(date(2021, 3, 1), date(2021, 4, 9), eager=True)


def minutes(zone):
    """Return forty minutes of one morning, as stamps in a zone."""
    start = datetime(2021, 3, 1, 14, 31, tzinfo=UTC)
    stamps = pl.Series([start + timedelta(minutes=step) for step in range(40)]).cast(pl.Datetime("us", "UTC"))
    return stamps.dt.convert_time_zone(zone)


STAMPS = {("timezone", "us_minute"): lambda: minutes("America/New_York"), ("timezone", "utc_minute"): lambda: minutes("UTC")}


def own_prices(group, option, folder):
    """Write bars in the format and with the stamps an option is for; return the words that make a run read them."""
    stamps = STAMPS.get((group, option), daily)()
    close = pl.Series([100.0 + (7 * step) % 11 for step in range(len(stamps))])
    frame = pl.DataFrame(
        {"symbol": ["AAPL"] * len(stamps), "timestamp": stamps, "open": close - 1, "high": close + 2}
        | {"low": close - 3, "close": close, "volume": close * 10}
    )
    path = folder / "bars"
    frame.write_csv(path.with_suffix(".csv"))
    frame.write_parquet(path.with_suffix(".parquet"))
    suffix = ".csv" if option == "csv" else ".parquet"
    return ["universe.symbols=[AAPL]", f"data.path={path.with_suffix(suffix)}"]


def words(group, option, folder):
    """Return the overrides that choose an option and give it what it needs."""
    chosen = [f"{group}={option}"]
    if (group, option) in OWN_FILES:
        return [*chosen, *OWN_FILES[group, option], *own_prices(group, option, folder)]
    return [*chosen, *SHORT]


@pytest.mark.parametrize(("group", "option"), [each for each in every_option() if each not in NOT_YET])
def test_every_option_makes_a_run(group, option, tmp_path):
    """The option composes, validates, trades a short window and leaves a finished run directory."""
    run = runner.run(overrides=words(group, option, tmp_path), runs=tmp_path / "runs")

    assert run.status == "DONE"
    assert len(run.equity) > 0


@pytest.mark.parametrize(("group", "option"), sorted(NOT_YET))
def test_what_is_not_there_yet_says_so(group, option, tmp_path):
    """An option for later is refused in words, before anything is written."""
    with pytest.raises(runner.NotYetError, match="version"):
        runner.run(overrides=words(group, option, tmp_path), runs=tmp_path / "runs")

    assert not (tmp_path / "runs").exists()


def test_the_default_run_needs_nothing(tmp_path):
    """Without a word on the command line the shipped configuration runs on real prices, all of them, and trades."""
    run = runner.run(runs=tmp_path)

    assert run.status == "DONE"
    assert len(run.fills) > 100
    chosen = next(item["signal"] for item in root_says()["defaults"] if "signal" in item)
    assert run.path.parent == tmp_path / chosen
