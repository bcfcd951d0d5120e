"""One run: its figures, verdicts and curve, its files, and what leads on from here."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from runner.archive.index import Entry
from runner.archive.parquet import read_table
from runner.report.figures.equity import equity_figure
from runner.report.figures.figure import timeline
from runner.report.figures.shading import Shading
from runner.report.markup import drawing, section, table, verbatim
from runner.report.measures import GROUPS, HEADLINE, label_of, shown
from runner.report.metrics import Metrics
from runner.report.scorecard.row import FAIL, NOT_APPLICABLE, PASSED, WARN, Row, Scorecard
from runner.report.scorecard_page import scorecard_section
from runner.report.wording import plain
from runner.ui.frame import framed, link
from runner.ui.message import Response
from runner.ui.pages.runs import state

__all__ = ["curve_of", "json_of", "run_page", "scorecard_in", "text_of"]

MOST_BYTES = 20_000_000
"""Of a file that is read for a page."""
MOST_TEXT = 200_000
"""Signs of a file that a page shows."""
VERDICTS = {PASSED, WARN, FAIL, NOT_APPLICABLE}


def run_page(entry: Entry, folder: Path, *, has_session: bool) -> Response:
    """Return the page of a run; whatever isn't there yet, or can't be read, is left out or said."""
    metrics: Metrics = dict(entry.metrics)
    card = scorecard_in(folder)
    return framed(
        entry.id,
        f"<h1>{escape(entry.id)}</h1>",
        f'<p class="about">{state(entry.status)} · {escape(_about(entry))}</p>',
        *([f'<p class="halted">{escape(entry.error)}</p>'] if entry.error else []),
        _actions(entry, folder, has_session=has_session),
        _tiles(metrics) if metrics else "",
        _said("Remarks", entry.remarks),
        _said("Notes", entry.notes),
        scorecard_section(card) if card else "",
        _curve(folder),
        _figures(metrics) if metrics else "",
        _provenance(json_of(folder / "manifest.json")),
        _text("Spec", "The whole run, every default written out.", text_of(folder / "spec.yaml")),
        _text("Log", "What the run wrote while it ran.", text_of(folder / "run.log")),
    )


def json_of(path: Path) -> dict[str, Any]:
    """Return a JSON mapping; empty if there is none."""
    text = text_of(path, most=MOST_BYTES)
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def text_of(path: Path, *, most: int = MOST_TEXT) -> str:
    """Return the text of a file, at most its first signs; empty if there is none. Links lead elsewhere and are no files."""
    try:
        if path.is_symlink() or not path.is_file():
            return ""
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(most)
    except OSError:
        return ""


def scorecard_in(folder: Path) -> Scorecard:
    """Return the five verdicts of a run; nothing where they aren't there or aren't verdicts."""
    found = json_of(folder / "scorecard.json")
    try:
        rows = [
            Row(name, str(row["question"]), row["verdict"], tuple(map(str, row["evidence"]))) for name, row in found.items()
        ]
        return tuple(row for row in rows if row.verdict in VERDICTS)
    except (TypeError, KeyError):
        return ()


def curve_of(folder: Path) -> Any:
    """Return a run's equity table; None if there is none that can be read."""
    path = folder / "equity.parquet"
    if path.is_symlink() or not path.is_file():
        return None
    try:
        found = read_table(path)
    except Exception:  # noqa: BLE001 - polars has no one error for a file that is no table
        return None
    return found if {"ts", "equity", "measured"} <= set(found) and found["ts"].size else None


def _about(entry: Entry) -> str:
    parts = [entry.mode, entry.engine and f"engine {entry.engine}", entry.created[:19].replace("T", " ") + " UTC"]
    return " · ".join([*filter(None, parts), *(f"#{tag}" for tag in entry.tags)])


def _actions(entry: Entry, folder: Path, *, has_session: bool) -> str:
    found = []
    if (folder / "report.html").is_file():
        found.append(link("/report", "Full report", id=entry.id))
    if (folder / "spec.yaml").is_file():
        found.append(link("/launch", "Edit and run again", run=entry.id))
    if has_session:
        found.append(link("/session", "Watch the session", id=entry.id))
    return f'<div class="actions">{"".join(found)}</div>'


def _tiles(metrics: Metrics) -> str:
    tiles = "".join(f"<div><dt>{escape(label_of(key))}</dt><dd>{escape(shown(metrics, key))}</dd></div>" for key in HEADLINE)
    return f'<dl class="headline">{tiles}</dl>'


def _said(heading: str, lines: tuple[str, ...]) -> str:
    if not lines:
        return ""
    return section(heading, f'<ul class="remarks">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>')


def _curve(folder: Path) -> str:
    equity = curve_of(folder)
    time = None if equity is None else timeline(equity)
    if time is None:
        return ""
    return section("Curve", drawing(equity_figure(equity, time, capital=float(equity["equity"][0]), shading=Shading())))


def _figures(metrics: Metrics) -> str:
    rows = [(measure.label, shown(metrics, measure.key), measure.meaning) for _, group in GROUPS for measure in group]
    return section("Figures", table("All figures and what they mean", ("Figure", "Value", "Meaning"), rows, numeric=[1]))


def _provenance(manifest: Mapping[str, Any]) -> str:
    names = ("spec_hash", "result_digest", "seed", "data_as_of", "created", "finished")
    rows = [(name, plain(str(manifest[name]))) for name in names if manifest.get(name) is not None]
    code, project = manifest.get("code"), manifest.get("project")
    if isinstance(code, dict):
        rows.append(("runner", f"{code.get('version')} {code.get('digest')}"))
    if isinstance(project, dict) and project.get("sha"):
        rows.append(("git", f"{project['sha']}{' and changes of its own' if project.get('dirty') else ''}"))
    return section("Provenance", table("What gives the same result again", ("Item", "Value"), rows)) if rows else ""


def _text(heading: str, about: str, text: str) -> str:
    if not text:
        return ""
    more = "<p>Only the beginning is shown.</p>" if len(text) >= MOST_TEXT else ""
    return section(
        heading,
        f"<p>{escape(about)}</p>",
        verbatim(heading, text),
        more,
    )
