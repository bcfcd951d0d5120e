"""What comes back from a run, just done or read from its directory."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.archive.directory import FORMATS
from runner.archive.files import json_of
from runner.archive.parquet import read_table
from runner.errors import Fault, RunError
from runner.tables import Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Run", "load"]


class Run:
    """A finished run: its directory, metrics, manifest and tables."""

    def __init__(self, path: Path, manifest: Mapping[str, Any]) -> None:
        """Take over a directory whose manifest was read; use `load`."""
        self.path = path
        """The run directory."""
        self.manifest = manifest
        """Status and provenance: `manifest.json`."""

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r}, status={self.status!r})"

    @property
    def status(self) -> str:
        """`RUNNING`, `DONE`, `FAILED` or `INTERRUPTED`."""
        return str(self.manifest["status"])

    @property
    def spec_hash(self) -> str:
        """SHA-256 of what was run."""
        return str(self.manifest["spec_hash"])

    @property
    def result_digest(self) -> str | None:
        """SHA-256 of what came out; None unless the run is done."""
        digest: str | None = self.manifest["result_digest"]
        return digest

    @property
    def metrics(self) -> dict[str, float | int | str | None]:
        """`metrics.json`: flat; undefined figures are None."""
        return self._json("metrics.json")

    @property
    def quality(self) -> dict[str, Any]:
        """`quality.json`: what the quality gate saw and did."""
        return self._json("quality.json")

    @property
    def sensitivity(self) -> dict[str, Any]:
        """`sensitivity.json`: other fill clocks and costs, years, markets, symbols; a backtest's, unless switched off."""
        return self._json("sensitivity.json")

    @property
    def scorecard(self) -> dict[str, Any]:
        """`scorecard.json`: the five classic mistakes, each with question, verdict and the evidence from this run."""
        return self._json("scorecard.json")

    @property
    def has_scorecard(self) -> bool:
        """Whether the run was held against the five mistakes: earlier versions didn't."""
        return (self.path / "scorecard.json").is_file()

    @property
    def has_sensitivity(self) -> bool:
        """Whether the run says what its result depends on."""
        return (self.path / "sensitivity.json").is_file()

    @property
    def orders(self) -> "pd.DataFrame":
        """One row per order."""
        return self.frame("orders")

    @property
    def fills(self) -> "pd.DataFrame":
        """One row per fill."""
        return self.frame("fills")

    @property
    def equity(self) -> "pd.DataFrame":
        """One row per instant at which a bar is known."""
        return self.frame("equity")

    @property
    def positions(self) -> "pd.DataFrame":
        """One row per change of a position."""
        return self.frame("positions")

    @property
    def refusals(self) -> "pd.DataFrame":
        """One row per order that a risk rule made smaller or stopped."""
        return self.frame("refusals")

    @property
    def charges(self) -> "pd.DataFrame":
        """One row per charge for holding: borrowed shares, and with an empty symbol borrowed money."""
        return self.frame("charges")

    @property
    def signals(self) -> "pd.DataFrame":
        """One row per bar with every node's value; needs `report.signals=true`."""
        return self.frame("signals")

    def frame(self, name: str) -> "pd.DataFrame":
        """Read a table as a pandas frame with zone-aware UTC stamps."""
        from runner.frames import frame_of  # noqa: PLC0415 - pandas costs half a second, paid by those who ask for it

        return frame_of(self.table(name))

    def table(self, name: str) -> Table:
        """Read a table as numpy columns.

        Raises:
            RunError: If the run has no such table.
        """
        path = self.path / f"{name}.parquet"
        if not path.is_file():
            fix = "Run again with report=full." if name == "signals" else f"The run's status is {self.status}."
            raise RunError(Fault(str(path), "must be there", "missing", fix))
        return read_table(path)

    def _json(self, name: str) -> dict[str, Any]:
        path = self.path / name
        if not path.is_file():
            raise RunError(Fault(str(path), "must be there", "missing", f"The run's status is {self.status}."))
        found: dict[str, Any] = json_of(path)
        return found


def load(path: str | Path) -> Run:
    """Read a run directory.

    Raises:
        RunError: If it isn't one, or was written by a later version.
    """
    folder = Path(path)
    file = folder / "manifest.json"
    if not file.is_file():
        raise RunError(Fault(str(folder), "must be a run directory", "no manifest.json in it", "Give a folder below runs/."))
    try:
        manifest = json_of(file)
    except ValueError as error:
        raise RunError(Fault(str(file), "must be JSON", str(error), "The file was changed after the run.")) from error
    if not isinstance(manifest, dict) or manifest.get("format") not in FORMATS:
        was = f"format {manifest.get('format')!r}" if isinstance(manifest, dict) else type(manifest).__name__
        raise RunError(
            Fault(
                str(file),
                f"must be of format {' or '.join(map(str, FORMATS))}",
                was,
                "Read it with the Runner that wrote it.",
            )
        )
    return Run(folder, manifest)
