"""Who looks on while a session runs: a terminal, or nobody."""

from collections.abc import Callable
from typing import Protocol

from runner.launch.progress import Progress, Silent
from runner.report.live_status import LiveStatus

__all__ = ["Nobody", "Onlooker", "Spared"]


class Onlooker(Progress, Protocol):
    """Is told how far a session's preparation is, and then once a second how it is."""

    shows_alarms: bool
    """Whether the log of what it is shown reaches a person, so that alarms needn't be printed beside it."""

    def show(self, status: LiveStatus) -> None:
        """Show a session as it is now; its log grows at the end."""


class Nobody(Silent):
    """Looks away."""

    shows_alarms = False

    def show(self, status: LiveStatus) -> None:
        """Ignore it."""


class Spared:
    """An onlooker that can't hurt who is looked at: once it fails, nobody looks on any more.

    A terminal that was closed, or a pipe that nobody reads from, fails with whatever the library makes of it, an exit of the
    whole process among it; orders at a venue would be left to themselves.
    """

    def __init__(self, onlooker: Onlooker) -> None:
        """Spare the session this one."""
        self.shows_alarms = onlooker.shows_alarms
        self._onlooker = onlooker

    def stage(self, name: str) -> None:
        """Begin a stage."""
        self._try(lambda: self._onlooker.stage(name))

    def done(self, share: float) -> None:
        """Say which share of the stage is done."""
        self._try(lambda: self._onlooker.done(share))

    def show(self, status: LiveStatus) -> None:
        """Show a session as it is now."""
        self._try(lambda: self._onlooker.show(status))

    def _try(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except (Exception, SystemExit):  # noqa: BLE001 - see the class: whatever it is, the session goes on
            self._onlooker = Nobody()
