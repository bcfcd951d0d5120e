r"""Everything that happens to a feed, one input after the other, as it is dealt with and as it is recorded.

What the feed makes of the world depends on its inputs alone, in their order, each with the stamps of two clocks. A recording
is these inputs, so what was made of them can be made again, to the bit.

One record is a line of text and the input's own bytes behind it:

    kind connection mono_ns utc_ns length checksum\n
    <length bytes>\n

Why not one JSON text per line: what venues send is kept as it came, also where it isn't JSON, and quoting costs nothing.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from zlib import crc32

__all__ = [
    "CLOSED",
    "DROPPED",
    "FILLED",
    "HEAD",
    "HEARD",
    "OPENED",
    "SNAPSHOT",
    "TICK",
    "Input",
    "Torn",
    "packed",
    "packed_texts",
    "unpacked",
]

HEAD = "head"
"""The first of each file: JSON of what was asked for; nothing happens."""
OPENED = "open"
"""A connection opened; JSON list of the numbers of the symbols it carries."""
HEARD = "text"
"""A message came; its bytes."""
CLOSED = "close"
"""A connection ended; the reason in words of our own."""
TICK = "tick"
"""Time has passed; nothing else."""
SNAPSHOT = "book"
"""The answer to a question for a book, its bytes behind the symbol's number and a space; nothing behind it: none came."""
FILLED = "fill"
"""The answer to a question for bars: JSON, see `refill`."""
DROPPED = "drop"
"""Instants that were made and not handed on, as nobody took them in time; JSON list of serial numbers."""

KINDS = (HEAD, OPENED, HEARD, CLOSED, TICK, SNAPSHOT, FILLED, DROPPED)
FIELDS = 6
LONGEST_LINE = 200
LONGEST = 64 * 2**20


class Input(NamedTuple):
    """One thing that happened."""

    kind: str
    connection: int
    """Number of the connection, counted from 1 over the whole session; 0 where it is about none."""
    mono_ns: int
    """When it happened, on the clock that never goes back."""
    utc_ns: int
    """When it happened, in market time."""
    body: bytes = b""


class Torn(NamedTuple):
    """The rest of a file that holds no whole record: a process died while it wrote."""

    at: int
    """Bytes before it."""
    length: int
    """Bytes of it."""


def packed(each: Input) -> bytes:
    """Return the record of an input."""
    kind, connection, mono, utc, body = each
    return b"%b %d %d %d %d %d\n%b\n" % (kind.encode(), connection, mono, utc, len(body), crc32(body), body)


def packed_texts(connection: int, mono_ns: int, utc_ns: int, texts: Iterable[bytes]) -> bytes:
    """Return the records of messages that came at once on a connection, as `packed` writes each."""
    head = b"%b %d %d %d " % (HEARD.encode(), connection, mono_ns, utc_ns)
    return b"".join([b"%b%d %d\n%b\n" % (head, len(text), crc32(text), text) for text in texts])


def unpacked(data: bytes) -> Iterator[Input | Torn]:
    """Yield the inputs of a file, and last what is torn, if anything is; nothing behind that is believed."""
    at = 0
    while at < len(data):
        end = data.find(b"\n", at, at + LONGEST_LINE)
        found = _record(data, data[at:end], end + 1) if end >= 0 else None
        if found is None:
            yield Torn(at, len(data) - at)
            return
        yield found
        at = end + 1 + len(found.body) + 1


def _record(data: bytes, line: bytes, begin: int) -> Input | None:
    parts = line.split(b" ")
    if len(parts) != FIELDS:
        return None
    try:
        kind = parts[0].decode("ascii")
        connection, mono, utc, length, checksum = (int(part) for part in parts[1:])
    except ValueError:
        return None
    if kind not in KINDS or not 0 <= length <= LONGEST or data[begin + length : begin + length + 1] != b"\n":
        return None
    body = data[begin : begin + length]
    return Input(kind, connection, mono, utc, body) if crc32(body) == checksum else None
