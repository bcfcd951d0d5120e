"""`runner compare A B … [--html FILE] [--runs DIR]`: what was asked for differently, what that touches, what came of it."""

from pathlib import Path

from rich.text import Text

from runner.archive.files import write_text
from runner.cli.flags import Flags
from runner.cli.which import run_directories
from runner.errors import ConfigError, Fault, FileError
from runner.launch.compare import Comparison, compare
from runner.launch.rebuild import kept_values
from runner.report.measures import label_of, shown
from runner.report.overlay import Side, overlay_page
from runner.report.runs_table import sides_table
from runner.report.safe_console import SafeConsole

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Print the comparison, and write the page with the equity of all runs where one is asked for."""
    flags = Flags("compare")
    flags.add_argument("--html", type=Path)
    flags.add_argument("--runs", default="runs")
    given, rest = flags.split(words)
    strays = [word for word in rest if word.startswith("-")]
    if strays:
        raise ConfigError(
            Fault("compare", "must be given runs", " ".join(strays), "Write runner compare A B.", "command line")
        )
    found = compare(run_directories(rest, Path(given.runs)))
    console = SafeConsole(highlight=False)
    names = [name.replace("/", "\n") for name in found.names]
    changes = [(change.key, *change.values, change.effect) for change in found.asked.changes]
    if changes:
        # Values and what they touch need the room: the hash goes below the stamp.
        narrow = [name.replace("Z-", "Z\n") for name in names]
        console.print(sides_table("Asked for", narrow, changes, last="Touches"))
    console.print(sides_table("Figure", names, [(label, *values) for label, values in _figures(found).items()]))
    for note in _notes(found):
        console.print(Text(note), soft_wrap=True)
    if given.html is not None:
        _write(given.html, found, changes)
        console.print(Text(str(given.html)), soft_wrap=True)
    return 0


def _figures(found: Comparison) -> dict[str, list[str]]:
    """Return label → values as people read them."""
    each = [run.metrics for run in found.runs]
    return {_label(name): [_value(metrics, name) for metrics in each] for name in found.metrics}


def _label(name: str) -> str:
    try:
        return label_of(name)
    except KeyError:
        return name.replace("_", " ").capitalize()  # a date, or a figure of another version


def _value(metrics: dict[str, float | int | str | None], name: str) -> str:
    try:
        return shown(metrics, name)
    except KeyError:
        return str(metrics.get(name))


def _notes(found: Comparison) -> list[str]:
    result = "All came to the same, to the last bit." if found.is_same else "They came to different results."
    return [found.asked.told, result]


def _write(path: Path, found: Comparison, changes: list[tuple[str, ...]]) -> None:
    sides = [
        Side(name, equity, float(kept_values(run.path)["capital"]))
        for name, equity, run in zip(found.names, found.equity, found.runs, strict=True)
    ]
    page = overlay_page(sides, changes=changes, metrics=_figures(found), notes=_notes(found))
    try:
        write_text(path, page, is_private=False)
    except OSError as error:
        write = "Name a file in a folder that is there and that you may write to."
        raise FileError(Fault(str(path), "must be a file that can be written", error.strerror or "", write)) from error
