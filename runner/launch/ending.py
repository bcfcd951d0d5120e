"""The manifest of a run or session that ends by an error."""

from runner.archive.directory import RunDirectory
from runner.errors import RunnerError

__all__ = ["finish_badly"]


def finish_badly(directory: RunDirectory, error: BaseException) -> None:
    """Write into the manifest how the run or session ended; the error itself goes on to the caller."""
    if directory.is_finished:
        return
    status = "INTERRUPTED" if isinstance(error, KeyboardInterrupt) else "FAILED"
    text = str(error) if isinstance(error, RunnerError | KeyboardInterrupt) else f"{type(error).__name__}: {error}"
    try:
        directory.finish(status, error=text or "interrupted")
    except OSError as second:
        error.add_note(f"The manifest of {directory.path} could not be written either: {second}")
