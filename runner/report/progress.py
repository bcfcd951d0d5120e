"""A progress bar on the error stream, for anything that takes longer than a second."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["Bar"]

PATIENCE = 1.0
"""Seconds before a bar appears; what is done sooner needs none."""


class Bar:
    """Shows the stage a run is at. Use as a context; the bar disappears at its end."""

    def __init__(self, console: Console) -> None:
        """Prepare a bar that appears on a console if it is a terminal."""
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True
        )
        self._visible = console.is_terminal
        self._task = self._bar.add_task("", total=None)
        self._began = time.monotonic()
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._shown:
            self._bar.stop()

    def stage(self, name: str) -> None:
        """Begin a stage whose share of work isn't known yet."""
        self._bar.update(self._task, description=name, total=None, completed=0)
        self._show()

    def done(self, share: float) -> None:
        """Say which share of the stage is done, 0 to 1."""
        self._bar.update(self._task, total=1.0, completed=share)
        self._show()

    def _show(self) -> None:
        if self._visible and not self._shown and time.monotonic() - self._began > PATIENCE:
            self._bar.start()
            self._shown = True
