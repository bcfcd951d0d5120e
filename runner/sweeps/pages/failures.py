"""What went wrong: errors that say the same are one, the commonest first."""

from collections import Counter
from dataclasses import dataclass

from runner.sweeps.pages.finished import Finished
from runner.sweeps.pages.legible import legible

__all__ = ["Failure", "failures_of"]


@dataclass(frozen=True, slots=True)
class Failure:
    """One error and the lanes that ended with it."""

    error: str
    lanes: int
    first: int
    """Row of the first of them."""


def failures_of(finished: Finished) -> list[Failure]:
    """Return the errors of a sweep; of equally common ones the first to come up is first."""
    results = finished.results
    failed = [row for row, status in enumerate(results.status) if status != "DONE"]
    counts = Counter(results.error[row] for row in failed)
    firsts = {results.error[row]: row for row in reversed(failed)}
    found = [Failure(legible(error) or "no reason given", lanes, firsts[error]) for error, lanes in counts.items()]
    return sorted(found, key=lambda failure: (-failure.lanes, failure.first))
