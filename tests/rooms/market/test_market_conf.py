"""The configuration files of the market: every parameter is written out and means its default."""

from pathlib import Path

import pytest
import yaml

from runner.market.load import config_faults
from runner.market.sources.csv import Csv
from runner.market.sources.parquet import Parquet
from runner.market.sources.sample import SYMBOLS, Sample
from runner.spec.quality import Quality
from runner.spec.timezone import Session, Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

CONF = Path(__file__).parents[3] / "conf"
US = Timezone(zone="America/New_York", stamp="session", session=Session(open="09:30", close="16:00"))
STRICT = Quality(
    missing="error", unsorted="error", duplicate="error", conflict="error", inconsistent="error", nonpositive="error"
)


def values(name):
    return yaml.safe_load((CONF / f"{name}.yaml").read_text())


@pytest.mark.parametrize("kind", [Sample, Parquet, Csv])
def test_a_source_s_file_writes_every_default(kind):
    """Every parameter of the kind is there with its default; a path has none, so it must be given."""
    written = values(f"data/{kind.model_fields['kind'].default}")

    required = {"path": "???"} if "path" in kind.model_fields else {}
    assert written == kind(**required).model_dump(mode="json")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("us_daily", US),
        ("us_minute", Timezone(zone="America/New_York", stamp="open", interval="1min")),
        ("utc_minute", Timezone(zone="UTC", stamp="open", interval="1min", sessions_per_year=365)),
    ],
)
def test_a_time_zone_file_means_what_it_is_called(name, expected):
    """Every field is written, and the policy has no faults."""
    written = values(f"timezone/{name}")
    policy = Timezone.model_validate(written)

    assert set(written) == set(Timezone.model_fields)
    assert policy == expected
    assert config_faults(universe=Universe(symbols=("A",)), window=Window(), timezone=policy, quality=Quality()) == []


@pytest.mark.parametrize(("name", "symbols"), [("sample", SYMBOLS), ("apple", ("AAPL",))])
def test_the_universes_are_those_of_the_sample(name, symbols):
    """Each universe can be read from the default source."""
    universe = Universe.model_validate(values(f"universe/{name}"))

    assert universe.symbols == symbols
    assert Sample().check(universe) == []


def test_strict_refuses_everything():
    """Every policy is written out as an error."""
    written = values("quality/strict")

    assert set(written) == set(Quality.model_fields)
    assert Quality.model_validate(written) == STRICT
