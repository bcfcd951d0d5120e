"""`runner tag RUN [TAG …] [--remove TAG]… [--runs DIR]`: words to find a run by, beside what was computed."""

import os
from pathlib import Path

from rich.text import Text

from runner.archive.notes import tagged
from runner.archive.redact import secret_faults
from runner.cli.flags import Flags
from runner.cli.which import run_directories
from runner.errors import ConfigError, Fault
from runner.report.safe_console import SafeConsole

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Add tags and remove others, and print those that the run has."""
    flags = Flags("tag")
    flags.add_argument("--remove", action="append", default=[])
    flags.add_argument("--runs", default="runs")
    given, rest = flags.split(words)
    if not rest or rest[0].startswith("-"):
        write = "Write runner tag RUN TAG, e.g. runner tag last candidate."
        raise ConfigError(Fault("tag", "must be given a run first", " ".join(rest), write, "command line"))
    secrets = secret_faults({"TAG": rest[1:]}, os.environ)
    if secrets:
        raise ConfigError(secrets)
    folder = run_directories(rest[:1], Path(given.runs))[0]
    found = tagged(folder, rest[1:], given.remove)
    SafeConsole(highlight=False).print(Text(" ".join(f"#{tag}" for tag in found.tags) or "no tags"), soft_wrap=True)
    return 0
