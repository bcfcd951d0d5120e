"""`runner unpack FILE [--runs DIR]`: bring in a run that somebody archived, checked before a byte of it counts.

Exit code 2 if the file isn't an archive of a whole run; nothing of it is kept then.
"""

from pathlib import Path

from rich.text import Text

from runner.archive.unpack import unpack
from runner.cli.flags import Flags
from runner.errors import ConfigError, Fault
from runner.report.safe_console import SafeConsole

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Unpack an archive, and print the path of the run directory."""
    flags = Flags("unpack")
    flags.add_argument("--runs", default="runs")
    given, rest = flags.split(words)
    if len(rest) != 1 or rest[0].startswith("-"):
        write = "Write runner unpack FILE, with what runner archive has written."
        raise ConfigError(Fault("unpack", "must be given one file", " ".join(rest), write, "command line"))
    folder = unpack(Path(rest[0]).expanduser(), Path(given.runs).expanduser())
    SafeConsole(highlight=False).print(Text(str(folder)), soft_wrap=True)
    return 0
