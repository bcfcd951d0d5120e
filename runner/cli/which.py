"""Which run a word of the command line means: a path, or an id of `runner list`, or the end of one that only one run has."""

from collections.abc import Sequence
from pathlib import Path

from runner.archive.index import Entry, index
from runner.archive.record import MANIFEST, SWEEP_FACTS
from runner.errors import ConfigError, Fault, RunError, did_you_mean

__all__ = ["LAST", "run_directories", "run_directory"]

LAST = "last"
LEAST = 4
"""Signs by which a run is asked for at least."""
MOST_SHOWN = 10


def run_directory(verb: str, words: Sequence[str], runs: Path) -> Path:
    """Return the directory that the one word of a verb means.

    Raises:
        ConfigError: If it isn't one word.
        RunError: If no run, or more than one, is meant.
    """
    if len(words) != 1 or words[0].startswith("-"):
        fix = f"Write runner {verb} RUN, with a path, an id of runner list, or last."
        raise ConfigError(Fault(verb, "must be given one run", " ".join(words), fix, "command line"))
    return run_directories(words, runs)[0]


def run_directories(words: Sequence[str], runs: Path) -> list[Path]:
    """Return the directories that words mean; raises RunError, with a fault for each that means none or several."""
    runs = runs.expanduser()
    known: list[Entry] | None = None
    found, faults = [], []
    for word in words:
        path = Path(word).expanduser()
        if any((path / name).is_file() for name in (MANIFEST, SWEEP_FACTS)):
            found.append(path)
            continue
        known = index(runs) if known is None else known
        meant = _meant(word, known)
        if len(meant) == 1:
            found.append(meant[0].path(runs))
        else:
            faults.append(_fault(word, meant, known, runs))
    if faults:
        raise RunError(faults)
    return found


def _meant(word: str, known: Sequence[Entry]) -> list[Entry]:
    if word == LAST:
        return list(known[:1])
    exact = [entry for entry in known if entry.id == word]
    return exact or [entry for entry in known if len(word) >= LEAST and word in entry.id.rpartition("/")[2]]


def _fault(word: str, meant: Sequence[Entry], known: Sequence[Entry], runs: Path) -> Fault:
    if meant:
        shown = ", ".join(entry.id for entry in meant[:MOST_SHOWN])
        fix = f"Write more of it: {shown}{', …' if len(meant) > MOST_SHOWN else ''}."
        return Fault("RUN", "must mean one run", f"{word}, which {len(meant):,} have in their ids", fix, "command line")
    fix = did_you_mean(word, [entry.id for entry in known[:MOST_SHOWN]])
    return Fault("RUN", f"must be a run directory, or an id of a run in {runs}", word, fix, "command line")
