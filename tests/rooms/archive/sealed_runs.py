"""A small finished run directory, for whoever packs and unpacks one."""

from pathlib import Path

import numpy as np

from runner.archive.directory import RunDirectory
from runner.archive.redact import Redactor


def sealed_run(runs: Path, sharpe: float = 1.5) -> Path:
    """Return the folder of a finished run."""
    provenance = {
        "argv": ["runner"],
        "mode": "backtest",
        "data_digests": {"bars.csv": "ab" * 32},
        "code": {"version": "1", "digest": "cd" * 32},
    }
    directory = RunDirectory.create(runs, name="x", spec_hash="ab" * 32, provenance=provenance, redact=Redactor({}))
    directory.write_text("spec.yaml", "name: x\n")
    directory.write_text("plugins/mine.py", "x = 1\n")
    directory.write_text(".hydra/config.yaml", "name: x\n")
    directory.write_json("metrics.json", {"sharpe": sharpe})
    directory.write_table("fills", {"ts": np.array([1, 2]), "price": np.array([1.0, 2.5])})
    directory.finish("DONE", result_digest="r")
    return directory.path
