"""What holds a ledger from outside: how many lines it once had, and the hash of the last of them.

A chain of hashes tells of every line that was changed, but not of lines missing at its end: a ledger that was cut, emptied
or removed is a sound one with fewer trials, and the luck of many trials would be taken for that of a few. So its head is
written down twice elsewhere: in a file of `runs/.anchors`, whenever lines are added, and in `sweep.json` of each sweep that
used it, under its seal. The ledger is forced to disk before its anchor is, so that no failing power makes an anchor that the
ledger doesn't hold.

Whoever means to forget has to remove the anchor as well, and `runner verify` of any older sweep will still tell.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runner.archive.files import own_folder, write_bytes_for_good
from runner.archive.locks import locked_folder
from runner.errors import Fault, RunError
from runner.sweeps.ledger import Ledger

__all__ = ["Head", "anchor_of", "anchored", "check_anchor", "head_of", "lost_heads"]

LEDGER = "ledger.jsonl"
FOLDER, ANCHORS = ".trials", ".anchors"


@dataclass(frozen=True, slots=True)
class Head:
    """How far a ledger was."""

    lines: int
    hash: str
    """Of its last line; empty where there is none."""
    trials: int
    """Trials that these lines count."""


def head_of(ledger: Ledger) -> Head:
    """Return how far a ledger is, as it was read."""
    return Head(len(ledger.lines), ledger.lines[-1].hash if ledger.lines else "", ledger.trials)


def anchored(folder: Path, ledger: Ledger) -> None:
    """Write a ledger's head down, unless one that is further is there.

    Raises OSError if that can't be written.
    """
    ledger.force()
    head = head_of(ledger)
    own_folder(_path(folder).parent, exist_ok=True)
    with locked_folder(_path(folder).parent):
        before = _read(_path(folder))
        if before is None or before.lines < head.lines:
            write_bytes_for_good(_path(folder), (json.dumps(asdict(head)) + "\n").encode())


def anchor_of(folder: Path) -> Head | None:
    """Return how far a ledger was when it was last written down, None if it never was; see `_read` for what is raised.

    To be read before the ledger: other processes add lines, and write that down, at any time.
    """
    return _read(_path(folder))


def check_anchor(folder: Path, ledger: Ledger, head: Head | None) -> None:
    """Hold a ledger, as it was read, against its anchor, as that was read before.

    Raises:
        RunError: If it has lost lines that it once had.
    """
    if head is None or _holds(ledger, head):
        return
    must = f"must hold the {head.lines:,} lines that {_path(folder)} speaks of"
    was = f"{len(ledger.lines):,} lines" if len(ledger.lines) < head.lines else "others"
    write = (
        f"Put it back from a copy. To count anew remove {_path(folder)} as well: the deflated Sharpe ratio then forgets "
        f"{head.trials:,} trials."
    )
    raise RunError(Fault(str(ledger.path), must, was, write))


def lost_heads(runs: Path, facts: Mapping[str, Any]) -> Iterator[tuple[str, Head, int]]:
    """Yield the ledgers that have lost lines since a sweep used them: data digest, how far it was, lines it has.

    Args:
        runs: The folder that the sweep's runs went to.
        facts: `sweep.json`.

    Raises:
        RunError: If a ledger isn't sound.
    """
    for each in facts.get("ledgers") or ():
        digest, head = str(each["data"]), Head(int(each["lines"]), str(each["hash"]), int(each["trials"]))
        ledger = Ledger(runs / FOLDER / digest / LEDGER, digest)
        ledger.read()
        if not _holds(ledger, head):
            yield digest, head, len(ledger.lines)


def _holds(ledger: Ledger, head: Head) -> bool:
    if not head.lines:
        return True
    return len(ledger.lines) >= head.lines and ledger.lines[head.lines - 1].hash == head.hash


def _path(folder: Path) -> Path:
    return folder.parent.parent / ANCHORS / folder.name


def _read(path: Path) -> Head | None:
    """Return what an anchor says, None if there is none.

    Raises:
        RunError: If it can't be read.
    """
    try:
        found = json.loads(path.read_bytes())
        return Head(int(found["lines"]), str(found["hash"]), int(found["trials"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        write = "Put it back from a copy, or remove it to trust the ledger as it is."
        raise RunError(Fault(str(path), "must be as it was written", str(error), write)) from error
