"""The configuration files of the market: every parameter is written out and means its default."""

from pathlib import Path

import pytest
import yaml

from runner.market.quality import quality_faults
from runner.market.sources.csv import Csv
from runner.market.sources.parquet import Parquet
from runner.market.sources.sample import SYMBOLS, Sample
from runner.spec.quality import Quality
from runner.spec.universe import Universe

CONF = Path(__file__).parents[3] / "conf"


def values(name):
    return yaml.safe_load((CONF / f"{name}.yaml").read_text())


@pytest.mark.parametrize("kind", [Sample, Parquet, Csv])
def test_a_source_s_file_writes_every_default(kind):
    """Every parameter of the kind is there with its default; a path has none, so it must be given."""
    written = values(f"data/{kind.model_fields['kind'].default}")

    required = {"path": "???"} if "path" in kind.model_fields else {}
    assert written == kind(**required).model_dump(mode="json")


@pytest.mark.parametrize(("name", "symbols"), [("sample", SYMBOLS), ("apple", ("AAPL",))])
def test_the_universes_are_those_of_the_sample(name, symbols):
    """Each universe can be read from the default source."""
    universe = Universe.model_validate(values(f"universe/{name}"))

    assert universe.symbols == symbols
    assert Sample().check(universe) == []


@pytest.mark.parametrize("name", ["sample", "apple"])
def test_a_universe_s_file_writes_every_field(name):
    """Lives and policies are there with their defaults, so that the command line can change them."""
    written = values(f"universe/{name}")

    assert written == Universe(symbols=tuple(written["symbols"])).model_dump(mode="json")


def test_standard_is_the_default_written_out_and_strict_refuses_what_looks_wrong_too():
    """Every policy and threshold is there."""
    assert values("quality/standard") == Quality().model_dump(mode="json")
    assert values("quality/strict") == Quality(outlier="error", spread="error").model_dump(mode="json")


def test_tolerant_refuses_nothing():
    """Every policy is written out, none of them is an error, and the thresholds are those of strict."""
    written = values("quality/tolerant")

    assert set(written) == set(Quality.model_fields)
    assert "error" not in written.values()
    assert quality_faults(Quality.model_validate(written)) == []
    assert {name: value for name, value in written.items() if isinstance(value, float | int)} == {
        name: value for name, value in values("quality/strict").items() if isinstance(value, float | int)
    }
