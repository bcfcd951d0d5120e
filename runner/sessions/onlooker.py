"""Who looks on while a session runs: a terminal, or nobody."""

from typing import Protocol

from runner.launch.progress import Progress, Silent
from runner.report.live_status import LiveStatus

__all__ = ["Nobody", "Onlooker"]


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
