"""A sweep that was run, read back from its folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.archive.files import json_of
from runner.archive.parquet import read_table
from runner.errors import Fault, RunError
from runner.sweeps.folder import FORMATS, NAME
from runner.sweeps.trials_table import NAME as TRIALS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Sweep", "load_sweep"]


class Sweep:
    """A sweep's folder."""

    def __init__(self, path: Path, facts: dict[str, Any]) -> None:
        """Take what `load_sweep` read."""
        self.path = path
        self.facts = facts
        """`sweep.json`: what was asked for, which data and code, how it ended."""

    def __repr__(self) -> str:
        return f"<Sweep {self.path.name} {self.status}, {self.facts['lanes']:,} lanes>"

    @property
    def status(self) -> str:
        """`RUNNING`, `DONE`, `FAILED` or `INTERRUPTED`."""
        return str(self.facts["status"])

    @property
    def trials(self) -> "pd.DataFrame":
        """A row per lane: its values on the axes, trial, status, error, digest and metrics."""
        from runner.frames import frame_of  # noqa: PLC0415 - pandas costs half a second, paid by those who ask for it

        return frame_of(read_table(self.path / TRIALS))

    @property
    def verdict(self) -> dict[str, Any]:
        """What to believe of the best lane, as `verdict.json` has it."""
        found: dict[str, Any] = json_of(self.path / "verdict.json")
        return found


def load_sweep(path: str | Path) -> Sweep:
    """Read a sweep's folder.

    Raises:
        RunError: If it is none, or of a version that isn't known.
    """
    folder = Path(path)
    file = folder / NAME
    try:
        facts = json_of(file)
    except (OSError, ValueError) as error:
        must, fix = "must be a sweep's folder", "Give the path that a sweep printed last."
        raise RunError(Fault(str(folder), must, str(error), fix)) from error
    if facts.get("format") not in FORMATS:
        fix = "Read it with the version of Runner that wrote it."
        raise RunError(
            Fault(str(file), f"must be of format {' or '.join(map(str, FORMATS))}", str(facts.get("format")), fix)
        )
    return Sweep(folder, facts)
