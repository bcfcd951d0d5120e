"""`runner restart RUN_DIRECTORY`: go on with a session whose process ended.

1. Its decisions are made again from what it was told; they must come out the same.
2. What the venue did meanwhile is found out before anything new is sent; limits, latches and positions are as they were.
3. It goes on in the same directory. Exit codes are those of a session.
"""

from pathlib import Path

from rich.text import Text

from runner.cli.flags import Flags
from runner.errors import ConfigError, Fault
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole
from runner.sessions.launch import restart_session

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Go on with a session and return its exit code."""
    _, rest = Flags("restart").split(words)
    if len(rest) != 1 or rest[0].startswith("-"):
        must = "must name one run directory of a session"
        raise ConfigError(Fault("restart", must, " ".join(rest), "Write runner restart DIRECTORY.", "command line"))
    with Bar(SafeConsole(stderr=True)) as bar:
        sat = restart_session(Path(rest[0]), bar)
    SafeConsole().print(Text(str(sat.run.path)), soft_wrap=True)
    return sat.exit_code
