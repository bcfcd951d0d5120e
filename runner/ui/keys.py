"""The keys of one start: drawn anew every time, never the same twice, none of them written down by default.

- `token` opens the page once per browser: it stands behind the `#` of the address that is printed, where no server's log and
  no other site sees it, and is exchanged for the cookie.
- `cookie` shows that the browser was let in; scripts can't read it, and other sites' requests don't bring it.
- `key` shows that a request that changes something comes from a page of ours: it is in the page and sent in a header.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

__all__ = ["KEY_HEADER", "Keys", "draw_keys", "leave_address"]

BYTES = 32
"""256 bits each."""
KEY_HEADER = "x-runner-key"
OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Keys:
    """The three keys."""

    token: str
    cookie: str
    key: str

    def __repr__(self) -> str:
        return "Keys(…)"


def draw_keys() -> Keys:
    """Return keys that nobody can guess."""
    return Keys(*(secrets.token_urlsafe(BYTES) for _ in range(3)))


def leave_address(path: Path, address: str) -> None:
    """Write the address with its token into a new file that its owner alone may read, for other programs of theirs.

    Raises:
        OSError: It is there already, or can't be written.
    """
    file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY)
    try:
        os.write(file, f"{address}\n".encode())
    finally:
        os.close(file)
