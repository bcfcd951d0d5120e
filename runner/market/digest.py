"""The fingerprint of a tape: equal digests mean equal rows, whatever file or row order they came from."""

import hashlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from runner.market.streams import Stream
from runner.market.tape import Tape

__all__ = ["market_digest", "tape_digest"]

Array = NDArray[np.int64] | NDArray[np.int32] | NDArray[np.float64]


def tape_digest(tape: Tape) -> str:
    """Return the SHA-256, as 64 hex digits, of the stream, the symbols and every array.

    Of an array count its name, type, shape and bytes in little-endian order. Names carry their length, so that no two tapes
    can spell the same stream of bytes.
    """
    found = hashlib.sha256()
    _add_text(found, tape.stream)
    for symbol in tape.symbols:
        _add_text(found, symbol)
    index: dict[str, Array] = {
        "ts": tape.ts,
        "opened": tape.opened,
        "session": tape.session,
        "symbol": tape.symbol,
        "offsets": tape.offsets,
    }
    for name, values in (*index.items(), *sorted(tape.columns.items())):
        _add_array(found, name, values)
    return found.hexdigest()


def market_digest(tapes: Mapping[Stream, Tape]) -> str:
    """Return the digest of the one tape, or of several the SHA-256 over their digests in the order of their streams."""
    found = [tape_digest(tapes[stream]) for stream in sorted(tapes)]
    return found[0] if len(found) == 1 else hashlib.sha256("".join(found).encode()).hexdigest()


def _add_text(found: "hashlib._Hash", text: str) -> None:
    data = text.encode()
    found.update(len(data).to_bytes(8, "little") + data)


def _add_array(found: "hashlib._Hash", name: str, values: Array) -> None:
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    _add_text(found, f"{name} {little.dtype.str} {little.shape}")
    found.update(little.data)
