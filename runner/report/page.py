"""What the report page is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape
from runner.report.metrics import Metrics
from runner.report.sensitivity import Sensitivity
from runner.report.session_end import SessionEnd
from runner.spec.run import RunSpec
from runner.tables import Tables

__all__ = ["ReportInput"]


@dataclass(frozen=True, slots=True)
class ReportInput:
    """One run as the report shows it. Nothing in it is trusted: all text is escaped where it is written."""

    name: str
    """The run's name, the page's heading."""
    spec: RunSpec
    """What was run."""
    spec_yaml: str
    """The resolved spec as YAML text, shown as it is."""
    metrics: Metrics
    """The metrics, by name; None is undefined."""
    quality: Mapping[str, Any]
    """The quality report: any JSON values; a list of mappings of the same keys becomes a table."""
    manifest: Mapping[str, Any]
    """The manifest: any JSON values; `status` and `result_digest` are shown first."""
    tables: Tables
    """What the run produced."""
    tape: Tape
    """The bars it ran on."""
    symbols: tuple[str, ...]
    """The symbols to show, in the order of the universe."""
    sensitivity: Sensitivity | None = None
    """What the result depends on; None where that wasn't asked."""
    sessions: NDArray[np.int32] | None = None
    """[rows of equity] session date of each row; None takes the UTC date."""
    session: SessionEnd | None = None
    """How a live session went; None of everything else."""
