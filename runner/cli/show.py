"""`runner show RUN [--runs DIR]`: what a run is, what came of it, what was said of it, and where its results stand."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.text import Text

from runner.archive.index import Entry, entry_of
from runner.archive.notes import notes_of
from runner.archive.record import manifest_of
from runner.archive.run import load
from runner.archive.seal import files_below, seal_digest
from runner.archive.unpacked import is_unpacked
from runner.cli.flags import Flags
from runner.cli.which import run_directory
from runner.report.runs_table import facts_table
from runner.report.safe_console import SafeConsole
from runner.report.terminal import results_table

__all__ = ["run"]

MOST_FILES = 40


def run(words: list[str]) -> int:
    """Print one run, its path last."""
    flags = Flags("show")
    flags.add_argument("--runs", default="runs")
    given, rest = flags.split(words)
    folder = run_directory("show", rest, Path(given.runs))
    manifest = manifest_of(folder)
    console = SafeConsole(highlight=False)
    own = folder.resolve()
    entry = entry_of(own.parent.parent, f"{own.parent.name}/{own.name}")
    console.print(facts_table(_facts(folder, manifest, entry)))
    if manifest.get("status") == "DONE" and (folder / "metrics.json").is_file():
        console.print(results_table(load(folder).metrics, str(manifest["name"]), width=console.width))
    for remark in manifest.get("remarks") or ():
        console.print(Text(f"! {remark}", style="yellow"), soft_wrap=True)
    files = [f"{name} ({path.lstat().st_size:,} bytes)" for name, path in sorted(files_below(folder))]
    more = [f"and {len(files) - MOST_FILES:,} more"] if len(files) > MOST_FILES else []
    for line in (*files[:MOST_FILES], *more):
        console.print(Text(f"  {line}", style="dim"), soft_wrap=True)
    console.print(Text(str(folder)), soft_wrap=True)
    return 0


def _facts(folder: Path, manifest: Mapping[str, Any], entry: Entry | None) -> dict[str, str]:
    said = notes_of(folder)
    code: Mapping[str, Any] = manifest.get("code") or {}
    changed = [*(manifest.get("overrides") or ()), *(manifest.get("fixed") or ())]
    found = {
        "status": _status(manifest),
        "began": str(manifest.get("created") or manifest.get("started") or ""),
        "finished": str(manifest.get("finished") or ""),
        "kind": "" if entry is None else " ".join(part for part in (entry.mode, entry.engine, entry.kind) if part),
        "asked for": " ".join(map(str, manifest.get("argv") or ())),
        "overrides": " ".join(map(str, changed)),
        "lanes": "" if entry is None or entry.lanes is None else f"{entry.lanes:,}",
        "verdict": "" if entry is None else entry.headline,
        "spec": str(manifest.get("spec_hash") or ""),
        "result": str(manifest.get("result_digest") or ""),
        "seal": seal_digest(folder) or "none",
        "data": ", ".join(f"{name} {digest[:16]}…" for name, digest in (manifest.get("data_digests") or {}).items()),
        "code": f"{code.get('version')}, {str(code.get('digest'))[:16]}…" if code else "",
        "own files": ", ".join(manifest.get("plugins") or ()),
        "rerun of": str(manifest.get("rerun_of") or ""),
        "trial": str(manifest.get("trial") or ""),
        "came from": "an archive" if is_unpacked(folder) else "",
        "error": str(manifest.get("error") or ""),
        "tags": " ".join(f"#{tag}" for tag in said.tags),
    }
    notes = {f"note {number}": f"{note.at[:16]} {note.text}" for number, note in enumerate(said.notes, 1)}
    return {name: value for name, value in {**found, **notes}.items() if value}


def _status(manifest: Mapping[str, Any]) -> str:
    status = str(manifest.get("status"))
    if status == "RUNNING" and isinstance(manifest.get("pid"), int) and not _is_alive(manifest["pid"]):
        more = "; runner restart goes on with it" if manifest.get("mode") in {"paper", "live"} else ""
        return f"RUNNING, but its process is gone: it was killed, or runs on another machine{more}"
    return status


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True
