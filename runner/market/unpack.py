"""Files packed with gzip or zip, unpacked in memory and within limits.

A file's first bytes say what it is, not its name. A zip archive must hold one file; its name in the archive is never used
as a path, and nothing is written to disk. Why limits: a few kilobytes can unpack to terabytes, and market data never shrink
that far.
"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

__all__ = ["LARGEST", "RATIO", "UnpackError", "opened", "unpacked"]

GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")

LARGEST = 16 * 2**30
"""Bytes a file may unpack to."""
RATIO = 300
"""Times its packed size a file may unpack to; text of bars and ticks unpacks to 5 to 40 times."""
HARMLESS = 2**24
"""Bytes below which the ratio isn't judged."""
PIECE = 2**20
ENCRYPTED = 0x1

Stream = IO[bytes] | gzip.GzipFile


class UnpackError(OSError):
    """A packed file that is damaged, encrypted, holds more than one file or unpacks beyond the limits."""


def unpacked(data: bytes) -> bytes:
    """Return what the file's bytes hold: themselves unless they are gzip or zip.

    Raises UnpackError.
    """
    if not _is_packed(data[:4]):
        return data
    held = BytesIO()
    with opened(BytesIO(data)) as stream:
        while piece := stream.read(PIECE):
            held.write(piece)
            _judge(held.tell(), len(data))
    return held.getvalue()


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Stream]:
    """Give a stream of what an open file holds; its reader takes no more than it needs. Raises UnpackError."""
    head = file.read(4)
    file.seek(0)
    try:
        if head.startswith(GZIP):
            with gzip.GzipFile(fileobj=file) as stream:
                yield stream
        elif head.startswith(ZIP):
            with ZipFile(file) as archive, archive.open(_only_member(archive)) as stream:
                yield stream
        else:
            yield file
    except (BadZipFile, zlib.error, NotImplementedError) as error:
        raise UnpackError(str(error)) from error


def _is_packed(head: bytes) -> bool:
    return head.startswith((GZIP, *ZIP))


def _judge(size: int, packed: int) -> None:
    if size > LARGEST:
        raise UnpackError(f"it unpacks to more than {LARGEST // 2**30} GiB")
    if size > HARMLESS and size > RATIO * packed:
        raise UnpackError(f"it unpacks to more than {RATIO} times its size")


def _only_member(archive: ZipFile) -> ZipInfo:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        names = ", ".join(sorted(member.filename for member in members)[:5])
        raise UnpackError(f"the archive must hold one file and holds {len(members)}{f': {names}' if names else ''}")
    if members[0].flag_bits & ENCRYPTED:
        raise UnpackError("the archive is encrypted")
    return members[0]
