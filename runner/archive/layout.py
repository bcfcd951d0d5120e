"""What an archive of a run looks like: one zip file of plain, stored entries in one folder, the same bytes every time.

    <name>-<stamp>/
      archive.json               every other entry with size and SHA-256, and which run it is
      inputs/<SHA-256>           input data, where they were asked for
      ro-crate-metadata.json     the same for archives and search engines, as RO-Crate 1.1
      run/…                      the run directory, byte by byte

Entries are sorted by name, nothing is compressed, dates and rights are fixed, there are no comments, no extra fields, no
folders and no links. So equal runs give equal archives, and whoever reads one can refuse everything that isn't written so: a
reader that is asked for one exact spelling has nothing to be deceived with.
"""

import re
import stat
from zipfile import ZIP_STORED, ZipInfo

__all__ = ["ARCHIVE", "CRATE", "INPUT_FOLDER", "LARGEST", "MOST_ENTRIES", "RUN_FOLDER", "RUN_ID", "entry_info", "is_allowed"]

ARCHIVE = "archive.json"
CRATE = "ro-crate-metadata.json"
RUN_FOLDER = "run"
INPUT_FOLDER = "inputs"
LARGEST = 2**32 - 2**20
"""Bytes of an archive: a plain zip file counts with 32 bits."""
MOST_ENTRIES = 10_000
MOST_DEEP = 6
LONGEST = 240
SEGMENT = re.compile(r"[A-Za-z0-9._-]{1,128}")
RUN_ID = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9_.\-]{0,63})/(?P<stamp>[0-9]{8}T[0-9]{6}Z(-[A-Za-z0-9]{1,64}){0,4})")
"""`<name>/<stamp>`, as run directories are called."""
REGULAR_FILE = (stat.S_IFREG | 0o600) << 16
UNIX = 3


def is_allowed(name: str) -> bool:
    """Return whether a name can be that of an entry: a few short segments of harmless signs, none of them a way up."""
    parts = name.split("/")
    return (
        len(name) <= LONGEST
        and len(parts) <= MOST_DEEP
        and all(SEGMENT.fullmatch(part) and part.strip(".") for part in parts)
    )


def entry_info(name: str, size: int) -> ZipInfo:
    """Return an entry as all of an archive are."""
    info = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = ZIP_STORED
    info.create_system = UNIX
    info.external_attr = REGULAR_FILE
    info.file_size = size
    return info
