"""Runs that are started from the page: each a process of this Python, in the folder that runner ui was started in.

1. `launch` writes the spec that was understood into a new folder `<runs>/.launched/<stamp>-<number>/edited.yaml`, and starts
   `python -m runner` on it. No shell is asked, no word of the command line comes from outside, and the Runner that is
   started is this one, whatever lies in the folder (`_environment`).
2. What it says goes to `output.log` beside it, which `launched` reads back; the path of the run directory is its last line.

A run goes on when runner ui ends: it is a process of its own, and a session isn't stopped by closing a page.
"""

import itertools
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import runner
from runner.archive.directory import new_folder, unwritable
from runner.archive.files import write_text
from runner.errors import ConfigError, Fault, RunError
from runner.plain_text import plain_text
from runner.spec.run import RunSpec
from runner.strict_yaml import write
from runner.ui.edited import NAME

__all__ = ["Launched", "Launcher", "State"]

FOLDER = ".launched"
OUTPUT = "output.log"
MOST_OUTPUT = 100_000
"""Bytes of output that are read back, the latest."""
MOST_AT_ONCE = 4
"""Runs that go on at the same time: a page that is clicked too often must not take the machine down."""


@dataclass(frozen=True, slots=True)
class Launched:
    """One run that was started."""

    number: str
    name: str
    folder: Path
    process: "subprocess.Popen[bytes]"


@dataclass(frozen=True, slots=True)
class State:
    """How far a run is."""

    is_running: bool
    exit_code: int | None
    output: str
    run: str
    """Id of its run directory below the folder of runs; empty as long as it isn't known."""


class Launcher:
    """Starts runs and knows those it started; threads may share it."""

    def __init__(self, runs: Path, working_directory: Path) -> None:
        """Take the folder of runs, and the folder to start in."""
        self._runs = runs
        self._working_directory = working_directory
        self._guard = threading.Lock()
        self._numbers = itertools.count(1)
        self._launched: dict[str, Launched] = {}

    def launch(self, spec: RunSpec) -> Launched:
        """Start a run.

        Raises:
            ConfigError: Too many are running.
            RunError: The folder can't be written.
        """
        with self._guard:
            running = sum(each.process.poll() is None for each in self._launched.values())
            if running >= MOST_AT_ONCE:
                fix = "Wait until one has ended."
                raise ConfigError(Fault("launch", f"must be at most {MOST_AT_ONCE} runs at once", str(running), fix))
            number = str(next(self._numbers))
            folder = self._prepared(spec)
            self._launched[number] = found = Launched(number, spec.name, folder, self._started(folder))
            return found

    def find(self, number: str) -> Launched | None:
        """Return a run that was started here."""
        with self._guard:
            return self._launched.get(number)

    def all(self) -> list[Launched]:
        """Return all of them, the latest first."""
        with self._guard:
            return list(reversed(self._launched.values()))

    def state(self, launched: Launched) -> State:
        """Return how far a run is."""
        code = launched.process.poll()
        output = _tail(launched.folder / OUTPUT)
        lines = output.strip().splitlines()
        return State(code is None, code, output, self._run_in(lines[-1]) if lines and code is not None else "")

    def stop(self, launched: Launched) -> None:
        """Ask a run to end, as Ctrl-C would."""
        if launched.process.poll() is None:
            launched.process.send_signal(signal.SIGINT)

    def _prepared(self, spec: RunSpec) -> Path:
        folder = new_folder(self._runs / FOLDER, f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        values = {**spec.model_dump(mode="json"), "runs": str(self._runs)}
        try:
            write_text(folder / NAME, write(values))
        except OSError as error:
            raise RunError(unwritable(folder, error)) from error
        return folder

    def _started(self, folder: Path) -> "subprocess.Popen[bytes]":
        words = [
            sys.executable,
            "-P",
            "-m",
            "runner",
            "--config-dir",
            str(folder),
            "--config-name",
            NAME.removesuffix(".yaml"),
        ]
        try:
            with (folder / OUTPUT).open("xb") as output:
                return subprocess.Popen(  # noqa: S603 - this Python, and words of ours
                    words,
                    cwd=self._working_directory,
                    env=_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            raise RunError(unwritable(folder, error)) from error

    def _run_in(self, line: str) -> str:
        """Return the id that a path in the last line of output is, empty if it is none below the folder of runs."""
        try:
            inside = (self._working_directory / line).resolve().relative_to((self._working_directory / self._runs).resolve())
        except (ValueError, OSError):
            return ""
        return inside.as_posix() if len(inside.parts) == 2 else ""


def _environment() -> dict[str, str]:
    """Return this process's environment, in which Python finds this Runner before any other."""
    own, told = str(Path(runner.__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (own, told)))}


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(file.tell() - MOST_OUTPUT, 0))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return plain_text(text)
