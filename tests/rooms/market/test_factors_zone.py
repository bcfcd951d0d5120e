"""The zone in which factors count days, from a configuration to a tape."""

from datetime import UTC, datetime

import polars as pl
import pytest

from runner.errors import ConfigError, DataError
from runner.kinds import FolderKinds
from runner.market.load import load
from runner.market.sources.combined import Combined
from runner.market.sources.parquet import Parquet
from runner.spec.quality import Quality
from runner.spec.timezone import Session, Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

TOKYO = Timezone(zone="Asia/Tokyo", stamp="session", session=Session(open="09:00", close="15:00"))
MIDNIGHTS = [datetime(2024, 3, day, 15, tzinfo=UTC) for day in (4, 5, 6)]
"""Midnights of the 5th, 6th and 7th in Tokyo: the evenings before in UTC."""


@pytest.fixture
def files(tmp_path):
    """Write bars at 400 until the 5th and at 200 from the 6th on, and the 2:1 split between them; return the source's keys."""
    closes = [400.0, 200.0, 200.0]
    prices = dict.fromkeys(("open", "high", "low", "close"), closes)
    frame = pl.DataFrame({"symbol": ["A"] * 3, "timestamp": MIDNIGHTS, **prices, "volume": [100.0, 200.0, 200.0]})
    frame.write_parquet(tmp_path / "bars.parquet")
    (tmp_path / "factors.csv").write_text("20240305,1,0.5\n20501231,1,1\n")
    return {
        "path": str(tmp_path / "bars.parquet"),
        "adjust": "factors",
        "factors": str(tmp_path / "factors.csv"),
    }


def closes_of(source, timezone=TOKYO):
    universe = Universe(symbols=("A",))
    data = load(source, universe=universe, window=Window(), timezone=timezone, quality=Quality())
    return data.tape.columns["close"].tolist()


def combined(files, **part):
    return Combined.model_validate(
        {"kind": "combined", "parts": {"stock": {"kind": "parquet", **files, **part}}}, context=FolderKinds()
    )


def test_a_zone_that_is_not_written_is_that_of_the_stamps(files):
    """Of a part it is the part's own policy; by the clock of UTC the split would come a day late."""
    own = {"timezone": TOKYO.model_dump(mode="json")}
    berlin = Timezone(zone="Europe/Berlin", stamp="open", interval="1h")

    assert closes_of(Parquet(**files)) == [200.0, 200.0, 200.0]
    assert closes_of(combined(files)) == [200.0, 200.0, 200.0]
    assert closes_of(combined(files, **own), berlin) == [200.0, 200.0, 200.0]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_dates_counted_by_two_clocks_are_refused(files, zone):
    """A daily stamp names one date, and the factors are those of that date."""
    must = f"data.factors_zone: must be null, or timezone.zone (Asia/Tokyo), with stamp: session, was {zone}. Write"

    with pytest.raises(ConfigError) as caught:
        closes_of(Parquet(**files, factors_zone=zone))
    with pytest.raises(ConfigError) as of_part:
        closes_of(combined(files, factors_zone=zone))

    assert must in str(caught.value)
    assert must.replace("data.", "data.parts.stock.") in str(of_part.value)


def test_another_name_of_the_same_clock_is_no_other_zone(files):
    """Japan is Asia/Tokyo."""
    assert closes_of(Parquet(**files, factors_zone="Japan")) == [200.0, 200.0, 200.0]


def test_a_step_in_adjusted_prices_is_not_answered_with_adjusting_them(files):
    """The split is a session early in the factors, so that adjusting makes the step."""
    with pytest.raises(DataError) as caught:
        closes_of(Parquet(**{**files, "factors": early(files["factors"])}))

    (fault,) = caught.value.faults
    assert fault.where == "quality.split"
    assert "were they adjusted already, are dates counted in another zone (data.factors_zone)" in fault.write


def early(path):
    """Return the path of factors whose split is a day before the prices'."""
    text = "20240304,1,0.5\n20501231,1,1\n"
    other = path.replace("factors.csv", "early.csv")
    with open(other, "w", encoding="ascii") as file:  # noqa: PTH123 - a path in text is what a source is given
        file.write(text)
    return other
