"""Real files, read the way a user reads them: by an experiment in YAML, through policy and gate, onto tapes.

The files aren't part of the checkout. They are looked for in the folder `RUNNER_SHARED_DATA` names, else in `../shared/data`
beside the checkout; without them these tests are skipped.
"""

import os
from contextlib import chdir
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from runner.compose import compose
from runner.market.run_data import run_data
from runner.prepare import composed_spec

CONFIGS = Path(__file__).parent / "configs"
BESIDE = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def shared():
    """The folder of real files."""
    folder = Path(os.environ.get("RUNNER_SHARED_DATA", BESIDE))
    if not (folder / "raw").is_dir():
        pytest.skip(f"there are no real files in {folder}; RUNNER_SHARED_DATA names another folder")
    return folder


@pytest.fixture(scope="session")
def spec_of(shared):
    """Compose an experiment: `spec_of("halts_march_2020", "timezone.out_of_session=keep")`."""

    def composed(name, *overrides):
        with chdir(shared):
            words = [f"experiment={name}", *overrides]
            spec, faults = composed_spec(compose(words, config_dirs=[CONFIGS], working_directory=shared))
        assert faults == []
        return spec

    return composed


@pytest.fixture(scope="session")
def read(shared, spec_of):
    """Load what an experiment names; the paths in it start in the folder of real files."""

    @cache
    def load_experiment(name, *overrides):
        spec = spec_of(name, *overrides)
        with chdir(shared):
            return run_data(spec, spec.data, now=None)

    return load_experiment


@pytest.fixture(scope="session")
def parquet(shared):
    """Read one of the prepared parquet files, by time: `parquet("daily/us_adjusted", "AAPL")`."""

    def rows(name, symbol):
        frame = pl.read_parquet(shared / f"{name}.parquet").filter(pl.col("symbol") == symbol)
        return frame.sort("timestamp", maintain_order=True)

    return rows
