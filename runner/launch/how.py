"""How a run was asked for."""

from dataclasses import dataclass, field
from pathlib import Path

from runner.compose import Composed
from runner.launch.progress import Progress, Silent

__all__ = ["Launch"]


@dataclass(frozen=True, slots=True)
class Launch:
    """How a run was asked for, for its provenance."""

    argv: tuple[str, ...] = ()
    """The command line, or empty when called from Python."""
    composed: Composed | None = None
    """The composed configuration; None for a spec made in Python."""
    runs: Path = Path("runs")
    """Folder that run directories go to."""
    progress: Progress = field(default_factory=Silent)
    """Is told how far the run is."""
    now: int | None = None
    """UTC nanoseconds after which bars of files count as still forming; None is the moment they are read."""
    trial: str | None = None
    """The trial of a sweep that is run again, for its manifest."""
    rerun_of: str | None = None
    """The run that is run again, for its manifest: its id and result digest."""
