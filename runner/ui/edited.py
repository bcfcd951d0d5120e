"""YAML that somebody edits: composed for a start, checked while it is typed, and turned into the spec that is run.

1. `experiments` names what there is to start from; `Editor.text` writes one of them out, with every value.
2. `Editor.checked` reads the text by the strict reader, within its limits, and holds it against the run's schema, the
   signal's language and the market's policies: the same faults as on the command line, each at the line it is about. Files
   that aren't called like data aren't looked into (`typed_paths`).

Nothing in the text is run or resolved: names are looked up, expressions are parsed, an interpolation is a fault. What is
launched in the end is the spec that was understood, written anew, and never the text itself.
"""

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from runner.archive.redact import secret_faults
from runner.compose import Composed, Origin, compose, packaged_conf
from runner.errors import Fault, RunnerError
from runner.prepare import known_kinds, prepare
from runner.spec.run import RunSpec
from runner.strict_yaml import Document, Mark, key_text, read, write
from runner.ui.typed_paths import typed_path_faults

__all__ = ["NAME", "Checked", "Complaint", "Editor", "experiments"]

NAME = "edited.yaml"
"""What faults call the text."""
BESIDE = ("runs", "sweep")
"""Keys that stand in a composed file and aren't part of what a run is."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One fault, and where it stands in the text."""

    line: int | None
    """From 1; None where it is about the whole."""
    where: str
    text: str
    """What must hold, what it was, what to write."""
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a text."""

    spec: RunSpec | None
    """None if there are faults."""
    complaints: tuple[Complaint, ...] = ()


def experiments(working_directory: Path) -> list[str]:
    """Return the names of the experiments there are, sorted."""
    folders = (packaged_conf() / "experiment", working_directory / "conf" / "experiment")
    return sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})


class Editor:
    """Composes and checks in one folder; threads may share it, and wait for one another."""

    def __init__(self, working_directory: Path) -> None:
        """Take the folder whose `conf` and `strategies` count."""
        self._working_directory = working_directory
        # Hydra keeps what it composes in one place for all threads.
        self._guard = threading.Lock()

    def text(self, experiment: str) -> str:
        """Return an experiment as YAML with every value of its; empty text stands for the default run.

        Raises:
            RunnerError: It can't be composed.
            KeyError: There is no such experiment.
        """
        if experiment and experiment not in experiments(self._working_directory):
            raise KeyError(experiment)
        words = [f"experiment={experiment}"] if experiment else []
        with self._guard:
            composed = compose(words, working_directory=self._working_directory, kinds=known_kinds())
        if composed.faults:
            raise RunnerError(composed.faults)
        keys = [key for key in RunSpec.model_fields if key in composed.values]
        return write({key: composed.values[key] for key in keys} | composed.values)

    def checked(self, text: str, begun_with: str = "") -> Checked:
        """Return the spec that a text says, or everything that is wrong with it.

        Args:
            text: The YAML.
            begun_with: What it was before somebody began to type; files that it reads may be looked into.
        """
        document = read(text, NAME)
        values = {key: value for key, value in document.value.items() if key not in BESIDE}
        origins = {key_text(path): Origin(NAME, mark.line, mark.column) for path, mark in document.marks.items()}
        faults = [*document.faults, *_unresolved(document), *_not_here(values)]
        strays = typed_path_faults(values, read(begun_with, NAME).value)
        if strays or not document.is_readable:
            return Checked(None, _complaints([*faults, *strays], document))
        said = frozenset(problem.path for problem in document.problems if problem.path)
        composed = Composed(values, MappingProxyType(origins), faults=tuple(faults), said=said)
        try:
            with self._guard:
                found = prepare(composed)
        except RunnerError as error:
            return Checked(None, _complaints(error.faults, document))
        secrets = secret_faults(found.spec.model_dump(mode="json"), os.environ)
        return Checked(None, _complaints(secrets, document)) if secrets else Checked(found.spec)


def _unresolved(document: Document) -> list[Fault]:
    """Refuse what only Hydra could resolve: it belongs into files of conf/."""
    fix = "Write the value itself: interpolations belong into files of conf/."
    return [
        Fault(key_text(path), "must be a value", value, fix, _place(document.marks.get(path)))
        for path, value in _texts((), document.value)
        if "${" in value
    ]


def _texts(path: tuple[str | int, ...], value: object) -> Iterable[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts((*path, str(key)), inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts((*path, place), inner)


def _not_here(values: dict[str, object]) -> list[Fault]:
    """Refuse to start a session with real money from a page: the terminal asks for it twice."""
    mode = values.get("mode")
    if isinstance(mode, dict) and mode.get("kind") == "live":
        fix = "Write backtest, replay or paper here; a live session is started in a terminal."
        return [Fault("mode.kind", "must not be live on this page", "live", fix)]
    return []


def _place(mark: Mark | None) -> str:
    return "" if mark is None else f"{NAME}:{mark.line}"


def _complaints(faults: Iterable[Fault], document: Document) -> tuple[Complaint, ...]:
    lines = {key_text(path): mark.line for path, mark in document.marks.items()}
    found = [_complaint(fault, lines) for fault in sorted(set(faults))]
    return tuple(sorted(found, key=lambda each: (each.line or 0, each.where)))


def _complaint(fault: Fault, lines: dict[str, int]) -> Complaint:
    told = replace(fault, where="", source="", excerpt="")
    text = str(told).removeprefix(": ")
    return Complaint(_line_of(fault, lines), fault.where, text[:1].upper() + text[1:], fault.excerpt)


def _line_of(fault: Fault, lines: dict[str, int]) -> int | None:
    """Return the line a fault names, or that of its key, or of the nearest mapping above it."""
    for text in (fault.source, fault.where):
        name, _, line = text.rpartition(":")
        if name == NAME and line.isdigit():
            return int(line)
    key = fault.where
    while key:
        if key in lines:
            return lines[key]
        key = key.rpartition(".")[0]
    return None
