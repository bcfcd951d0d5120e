"""The fingerprint of a tape: equal digests mean equal rows, whatever file or row order they came from."""

import hashlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from runner.market.streams import Stream
from runner.market.tape import Tape

__all__ = ["RowsDigest", "market_digest", "tape_digest"]

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


class RowsDigest:
    """The fingerprint of a stream whose rows come window by window: equal ones mean equal rows, however they were cut.

    Every symbol's arrays are hashed on their own as they come, and their digests together with their names at the end.
    """

    def __init__(self, stream: Stream, symbols: tuple[str, ...]) -> None:
        """Begin without rows."""
        self._stream = stream
        self._symbols = symbols
        self._found: dict[tuple[int, str], hashlib._Hash] = {}

    def add(self, tape: Tape) -> None:
        """Add the rows of a window, which come after those before."""
        arrays: dict[str, Array] = {"ts": tape.ts, "opened": tape.opened, "session": tape.session, **tape.columns}
        for code in range(len(self._symbols)):
            rows = slice(int(tape.offsets[code]), int(tape.offsets[code + 1]))
            for name, values in arrays.items() if rows.start < rows.stop else ():
                little = np.ascontiguousarray(values[rows], dtype=values.dtype.newbyteorder("<"))
                self._found.setdefault((code, name), hashlib.sha256()).update(little.data)

    @property
    def text(self) -> str:
        """SHA-256 over what was added so far, as 64 hex digits."""
        whole = hashlib.sha256()
        _add_text(whole, self._stream)
        for symbol in self._symbols:
            _add_text(whole, symbol)
        for (code, name), found in sorted(self._found.items(), key=lambda item: item[0]):
            _add_text(whole, f"{code} {name} {found.hexdigest()}")
        return whole.hexdigest()


def _add_text(found: "hashlib._Hash", text: str) -> None:
    data = text.encode()
    found.update(len(data).to_bytes(8, "little") + data)


def _add_array(found: "hashlib._Hash", name: str, values: Array) -> None:
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    _add_text(found, f"{name} {little.dtype.str} {little.shape}")
    found.update(little.data)
