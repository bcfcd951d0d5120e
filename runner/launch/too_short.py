"""Data that end before the warm-up does."""

from runner.errors import DataError, Fault
from runner.prepare import Prepared

__all__ = ["too_short"]


def too_short(prepared: Prepared, rows: int) -> DataError:
    """Return the error of data in which no symbol ever gets past its warm-up: such a run could only say nothing.

    Args:
        prepared: The run.
        rows: How many rows the longest symbol has.
    """
    told = prepared.spec.report.measured_from
    if told is not None:
        must = f"must not be later than the data, and these must be longer than the warm-up of {prepared.pipeline.warm_up}"
        return DataError(Fault("report.measured_from", must, told, "Write an earlier instant or null, or widen the window."))
    must = f"must have more rows than the warm-up of {prepared.pipeline.warm_up}"
    fix = "Widen window.start and window.end, or shorten the lookbacks of the signal."
    return DataError(Fault("universe.symbols", must, f"{rows} rows of the longest symbol", fix))
