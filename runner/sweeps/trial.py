"""What makes a trial the same wherever it is tried again: spec, data, code, and the instant it is measured from."""

import hashlib
from collections.abc import Iterable, Mapping

import numpy as np

from runner.market.digest import market_digest
from runner.market.load import MarketData
from runner.plugins import PluginFile
from runner.spec.run import canonical_json

__all__ = ["code_digest", "data_digest", "trial_of"]


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


def trial_of(spec_hash: str, data: str, code: str, start: int | None) -> str:
    """Return a trial's name, 16 hex digits.

    Args:
        spec_hash: Of the lane's spec.
        data: From `data_digest`.
        code: From `code_digest`.
        start: UTC nanoseconds that the lane is measured from; None if nothing may ever be decided.
    """
    return hashlib.sha256(canonical_json([spec_hash, data, code, start]).encode()).hexdigest()[:16]
