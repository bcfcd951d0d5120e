"""The run directory: created exclusively, told to be running, then done, failed or interrupted.

    runs/<name>/<UTC stamp>-<spec hash 8>/
      .hydra/            config, overrides and Hydra's own settings, as the ecosystem expects
      spec.yaml          the resolved run, every default written
      manifest.json      status and provenance, replaced atomically
      run.log            one JSON object per line
      *.parquet, metrics.json, quality.json, scorecard.json, report.html, project.diff
      seal.json          size and SHA-256 of each of them, written when the run has ended
      notes.json         what people said of it afterwards

Two launches never share a directory: the last step of its creation either makes the folder or finds it taken, and then the
next free number is appended. Nobody but the owner may look into the folder. The seal is written before the last
manifest, so a run that is `DONE` is sealed.
"""

import itertools
import json
import os
import shutil
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from runner.archive.files import own_folder, take_away_halves, write_text
from runner.archive.parquet import write_table
from runner.archive.redact import Redactor
from runner.archive.seal import write_seal
from runner.archive.shield import shielded
from runner.errors import Fault, RunError
from runner.tables import Table

__all__ = ["FORMAT", "FORMATS", "RunDirectory", "new_folder", "unwritable"]

FORMAT = 2
"""Version of the directory's layout. 2: sealed, and says by when its data were read."""
FORMATS = (1, 2)
"""Versions that can be read; a reader refuses one it doesn't know."""


class RunDirectory:
    """One run's folder while the run is written."""

    def __init__(self, path: Path, manifest: dict[str, Any], redact: Redactor) -> None:
        """Take over a folder that was just created; use `create`."""
        self.path = path
        self._manifest = manifest
        self._redact = redact
        self._started = time.monotonic()
        self._log = _own_log(path / "run.log")

    @classmethod
    def create(
        cls, runs: Path, *, name: str, spec_hash: str, provenance: Mapping[str, Any], redact: Redactor
    ) -> "RunDirectory":
        """Create the folder and its first manifest with status `RUNNING`.

        Raises:
            RunError: If the runs folder can't be written.
        """
        now = datetime.now(UTC)
        path = new_folder(runs / name, f"{now:%Y%m%dT%H%M%SZ}-{spec_hash[:8]}")
        manifest = {
            "format": FORMAT,
            "status": "RUNNING",
            "name": name,
            "created": now.isoformat(timespec="milliseconds"),
            "finished": None,
            "pid": os.getpid(),
            "spec_hash": spec_hash,
            "result_digest": None,
            "remarks": [],
            **provenance,
            "error": None,
        }
        directory = cls(path, manifest, redact)
        try:
            directory.update()
            directory.log("created", name=name, spec_hash=spec_hash)
        except BaseException as error:
            directory._log.close()
            shutil.rmtree(path, ignore_errors=True)  # nothing is in it yet but what was just made
            if isinstance(error, OSError):
                raise RunError(unwritable(path, error)) from error
            raise
        return directory

    @classmethod
    def again(cls, path: Path, manifest: Mapping[str, Any], redact: Redactor) -> "RunDirectory":
        """Go on with the folder of a session whose process ended; its manifest says `RUNNING` again."""
        take_away_halves(path)
        directory = cls(path, {**manifest, "pid": os.getpid()}, redact)
        directory.update(status="RUNNING", finished=None, error=None)
        directory.log("again")
        return directory

    def update(self, **values: Any) -> None:
        """Set manifest entries and replace the file."""
        manifest = {**self._manifest, **values}
        self.write_json("manifest.json", manifest)
        self._manifest = manifest

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest as last written."""
        return self._manifest

    def write_text(self, name: str, text: str) -> None:
        """Write a text file, secrets replaced; the name may hold one folder."""
        path = self.path / name
        if path.parent != self.path:
            own_folder(path.parent, exist_ok=True)
        write_text(path, self._redact(text))

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file for people: indented, sorted as given; NaN is a bug."""
        self.write_text(name, _json(value))

    def write_table(self, name: str, table: Table) -> None:
        """Write `<name>.parquet`."""
        write_table(self.path / f"{name}.parquet", table)

    def log(self, event: str, **fields: Any) -> None:
        """Append one line to `run.log`: instant, seconds since the start, event, fields."""
        line = {
            "ts": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "seconds": round(time.monotonic() - self._started, 3),
            "event": event,
            **fields,
        }
        self._log.write(self._redact(json.dumps(line, ensure_ascii=False)) + "\n")
        self._log.flush()

    def finish(self, status: str, **values: Any) -> None:
        """Write the last manifest: `DONE`, `FAILED` or `INTERRUPTED`. Requests to stop wait until it is written."""
        with shielded():
            self.log("finished", status=status)
            last = {"status": status, "finished": datetime.now(UTC).isoformat(timespec="milliseconds"), **values}
            manifest = self._redact(_json({**self._manifest, **last}))
            write_seal(self.path, {"manifest.json": manifest.encode()})
            self.update(**last)
            self._log.close()

    @property
    def is_finished(self) -> bool:
        """Whether the last manifest is written."""
        return self._log.closed


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def _own_log(path: Path) -> TextIO:
    """Open a log that nobody else may read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    os.fchmod(handle, 0o600)
    return os.fdopen(handle, "a", encoding="utf-8")


def unwritable(path: Path, error: OSError) -> Fault:
    """Return the fault of a folder that can't be written."""
    fix = "Make room, or write runs=FOLDER with a folder you may write to."
    return Fault("runs", "must be a folder that can be written", f"{path} ({error.strerror or error})", fix)


def new_folder(parent: Path, stem: str) -> Path:
    """Make a new folder: `stem`, or `stem-2` and so on if taken; mkdir is the one step atomic between processes.

    Raises:
        RunError: If the parent can't be written.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            path = parent / (stem if number == 1 else f"{stem}-{number}")
            try:
                own_folder(path)
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise RunError(unwritable(parent, error)) from error
    raise AssertionError("counting never ends")
