"""Who is told how far a run is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from runner.archive.shield import shielded

__all__ = ["Progress", "Silent", "telling"]


class Progress(Protocol):
    """Is told how far a run is."""

    def stage(self, name: str) -> None:
        """Begin a stage."""

    def done(self, share: float) -> None:
        """Say which share of the stage is done, 0 to 1."""


class Silent:
    """Tells nobody."""

    def stage(self, name: str) -> None:
        """Ignore it."""

    def done(self, share: float) -> None:
        """Ignore it."""


@contextmanager
def telling(progress: Progress) -> Iterator[Callable[[float], None]]:
    """Give a callback that tells how far the work is; a request to stop waits until it is called."""
    with shielded() as deliver:

        def on_progress(share: float) -> None:
            deliver()
            progress.done(share)

        yield on_progress
