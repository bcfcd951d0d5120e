"""One secret for the whole suite, and a look through everything that was written for any form of it.

Every key that a test hands to the program contains `CANARY`, and a variable of the environment that looks like somebody's key
holds it during every test (`planted`). When the tests are over, `Watch` looks for it in every byte below their temporary
directories and in whatever they printed and logged: as it is, in base64 wherever it stands in a longer text, in addresses, as
hex digits, backwards. A single hit fails the run (`conftest`).
"""

import base64
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote

__all__ = ["CANARY", "VARIABLE", "Watch", "forms_of", "leaks_in", "planted"]

CANARY = "c4n4ry+Zq7/9f3c=0nly"
"""Signs that look different in base64, addresses and JSON; no word that anything else would write."""
VARIABLE = "SOMEBODYS_API_KEY"
CHUNK = 1 << 26


def planted() -> None:
    """Plant the secret in the environment, for this process and those it starts."""
    os.environ[VARIABLE] = CANARY


@cache
def forms_of(secret: str) -> tuple[bytes, ...]:
    """Return what a secret may look like in bytes, whatever stands before and after it."""
    raw = secret.encode()
    encoded = {turned for pad in range(3) for turned in _in_base64(raw, pad)}
    texts = {
        quote(secret),
        quote(secret, safe=""),
        raw.hex(),
        raw.hex().upper(),
        raw.hex(" "),
        secret[::-1],
        repr(raw)[2:-1],
    }
    return tuple(sorted({raw, raw.hex().encode(), *encoded, *(text.encode() for text in texts)}))


def _in_base64(raw: bytes, pad: int) -> tuple[bytes, bytes]:
    """Return what base64 makes of a secret behind so many other bytes, without the signs that those have a part in."""
    first, last = -(-pad * 4 // 3), (pad + len(raw)) * 4 // 3
    first += first % 4 == 3  # a whole group at least
    found = base64.b64encode(b"\0" * pad + raw)[first:last]
    return found, found.replace(b"+", b"-").replace(b"/", b"_")


def leaks_in(content: bytes, secret: str = CANARY) -> list[bytes]:
    """Return the forms of a secret that some bytes hold."""
    return [form for form in forms_of(secret) if form in content]


@dataclass
class Watch:
    """What was found, and where it was looked for."""

    found: list[str] = field(default_factory=list)
    files: int = 0
    size: int = 0
    """Bytes."""
    seconds: float = 0.0

    def hear(self, name: str, texts: Iterable[str]) -> None:
        """Look through what a test printed, logged, or failed with."""
        for text in texts:
            self.found += [f"{name} said {form!r}" for form in leaks_in(text.encode("utf-8", "replace"))]

    def look(self, folder: Path) -> None:
        """Look through every file below a folder."""
        began = time.monotonic()
        for path in sorted(folder.rglob("*")):
            # Some tests take rights away, or leave pipes and links.
            with suppress(OSError):
                if path.is_file() and not path.is_symlink():
                    self._read(path, str(path.relative_to(folder)))
        self.seconds += time.monotonic() - began

    def _read(self, path: Path, name: str) -> None:
        longest = max(map(len, forms_of(CANARY)))
        self.found += [f"{name} is named {form!r}" for form in leaks_in(os.fsencode(name))]
        with path.open("rb") as file:
            self.files += 1
            before = b""
            while content := file.read(CHUNK):
                self.size += len(content)
                self.found += [f"{name} holds {form!r}" for form in leaks_in(before + content)]
                before = content[-longest:]

    def words(self) -> str:
        """Return what was done, in one line."""
        return f"canary: {self.files:,} files, {self.size / 1e6:,.0f} MB, {self.seconds:.1f} s, {len(self.found)} found"
