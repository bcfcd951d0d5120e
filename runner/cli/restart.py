"""`runner restart RUN_DIRECTORY`: go on with a session whose process ended.

1. Its decisions are made again from what it was told; they must come out the same.
2. What the venue did meanwhile is found out before anything new is sent; limits, latches and positions are as they were.
3. It goes on in the same directory. Exit codes are those of a session.
"""

from pathlib import Path

from runner.cli.flags import Flags
from runner.cli.run import show_results
from runner.errors import ConfigError, Fault
from runner.report.safe_console import SafeConsole
from runner.report.session_screen import SessionScreen
from runner.sessions.launch import restart_session

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Go on with a session and return its exit code."""
    _, rest = Flags("restart").split(words)
    if len(rest) != 1 or rest[0].startswith("-"):
        must = "must name one run directory of a session"
        raise ConfigError(Fault("restart", must, " ".join(rest), "Write runner restart DIRECTORY.", "command line"))
    with SessionScreen(SafeConsole(stderr=True)) as screen:
        sat = restart_session(Path(rest[0]), screen)
    show_results(sat.run)
    return sat.exit_code
