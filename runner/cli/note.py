"""`runner note RUN TEXT [--runs DIR]`: say something of a run, beside what was computed."""

import os
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from runner.archive.notes import noted
from runner.archive.redact import secret_faults
from runner.cli.flags import Flags
from runner.cli.which import run_directories
from runner.errors import ConfigError, Fault
from runner.report.safe_console import SafeConsole

__all__ = ["run"]

WORDS = 2


def run(words: list[str]) -> int:
    """Add a note, and print all that the run has."""
    flags = Flags("note")
    flags.add_argument("--runs", default="runs")
    given, rest = flags.split(words)
    if len(rest) != WORDS or rest[0].startswith("-"):
        write = 'Write runner note RUN "TEXT", the text in quotes.'
        raise ConfigError(Fault("note", "must be given a run and one text", " ".join(rest), write, "command line"))
    secrets = secret_faults({"TEXT": rest[1]}, os.environ)
    if secrets:
        raise ConfigError(secrets)
    folder = run_directories(rest[:1], Path(given.runs))[0]
    said = noted(folder, rest[1], at=datetime.now(UTC).isoformat(timespec="seconds"))
    console = SafeConsole(highlight=False)
    for note in said.notes:
        console.print(Text(f"{note.at} {note.text}"), soft_wrap=True)
    return 0
