"""What makes a trial the same wherever it is tried again: what it does, data, code, and what it is measured by.

What a run does is its spec without what is only written of it: its name and its report. Else a sweep under another name
would be new trials, and count as more tries than were made; `part_of_strategy` says what of a section stays. Numbers that
are equal are the same there, 5 and 5.0, as they are wherever they are reckoned with.

Why a strategy of its own beside the spec hash: that one is the run's, which does have a name.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping

import numpy as np

from runner.market.digest import market_digest
from runner.market.load import MarketData
from runner.plugins import PluginFile
from runner.spec.run import canonical_json

__all__ = ["code_digest", "data_digest", "part_of_strategy", "strategy_of", "trial_of"]

REPORTED = "measured_from"
"""The one key of `report` that is part of what is tried: who chooses where to measure from chooses."""
VERBATIM = "engine"
"""Section whose numbers are handed to the user's own code as they were written."""
WHOLE = re.compile(r"\.0(?!\d)|\de")
"""What stands in a text that has a whole number written with a point; a text without needn't be read."""


def data_digest(market: MarketData) -> str:
    """Return 16 hex digits over every row and every event that a sweep's lanes may read.

    Of data without events these are the first digits of the manifest's `tape_digest`.
    """
    rows = market_digest(market.tapes)
    if not market.events:
        return rows[:16]
    found = hashlib.sha256(rows.encode())
    for name, events in sorted(market.events.items()):
        arrays = [np.ascontiguousarray(each, dtype="<i8").tobytes() for each in (events.offsets, events.ts)]
        found.update(canonical_json([name, *map(len, arrays)]).encode() + b"".join(arrays))
    return found.hexdigest()[:16]


def code_digest(code: Mapping[str, str], plugins: Iterable[PluginFile]) -> str:
    """Return the SHA-256 over Runner's code and the user's own files that a lane runs.

    Args:
        code: As the manifest has it, from `runner.archive.provenance.code_of`.
        plugins: `Prepared.plugins`.
    """
    own = {file.name: file.digest for file in plugins}
    return hashlib.sha256(canonical_json({"code": code["digest"], "plugins": own}).encode()).hexdigest()


def part_of_strategy(name: str, text: str) -> str:
    """Return what a section of a spec says of what is tried, as JSON text; empty if nothing.

    Args:
        name: Of the section.
        text: Its part of the spec's canonical JSON, its name included: `"seed":0`.
    """
    if name == "name":
        return ""
    if name == VERBATIM or (name != "report" and not WHOLE.search(text)):
        return text
    found = json.loads(f"{{{text}}}", parse_float=_number)
    if name == "report":
        found = {name: {REPORTED: found[name].get(REPORTED)}}
    return canonical_json(found)[1:-1]


def strategy_of(parts: Iterable[str]) -> str:
    """Return the SHA-256 over what the sections of a spec say of what is tried, from `part_of_strategy`."""
    return hashlib.sha256(f"{{{','.join(filter(None, parts))}}}".encode()).hexdigest()


def trial_of(strategy: str, data: str, code: str, start: int | None, every: str | None) -> str:
    """Return a trial's name, 16 hex digits.

    Args:
        strategy: From `strategy_of`.
        data: From `data_digest`.
        code: From `code_digest`.
        start: UTC nanoseconds that the lane is measured from; None if nothing may ever be decided.
        every: Length of time whose instants share a line of equity, which decides what there is to measure; None for a line
            per instant.
    """
    return hashlib.sha256(canonical_json([strategy, data, code, start, every]).encode()).hexdigest()[:16]


def _number(text: str) -> float | int:
    """Return a number that JSON writes with a point as the whole number that it is, if it is one."""
    value = float(text)
    return int(value) if value.is_integer() else value
