"""Names of orders, made of the journal's own count, so that a restart neither repeats nor skips one.

    coid = q + six letters of the hash of account and run + "-" + the intent's number in seven digits

Every coid is new: number `n` exists only once an intent of number `n` is in the journal, and the next one is `n + 1`, of
whatever became of the orders before. The letters tell the orders of one run and account from those of another, and from
those of other programs.
"""

import re
from base64 import b32encode
from hashlib import sha256

from runner.live.invariant import invariant

__all__ = ["coid_of", "integer_after", "number_of", "prefix_of"]

LETTERS = 6
LONGEST = 16
"""What every venue we know takes."""


def prefix_of(account: str, run: str) -> str:
    """Return what all client order ids of a run on an account begin with."""
    return "q" + b32encode(sha256(f"{account}|{run}".encode()).digest()).decode()[:LETTERS].lower()


def coid_of(prefix: str, number: int) -> str:
    """Return the client order id of an intent."""
    coid = f"{prefix}-{number:07d}"
    invariant(number > 0 and len(coid) <= LONGEST, f"{coid} is an id that venues take")
    return coid


def number_of(prefix: str, coid: str | None) -> int | None:
    """Return the number of the intent whose id this is; None if the id is not of this run and account."""
    found = re.fullmatch(rf"{re.escape(prefix)}-([0-9]{{7,8}})", coid or "", flags=re.ASCII)
    return int(found.group(1)) if found else None


def integer_after(last: int, venue_next: int) -> int:
    """Return the number of the next order at a venue that wants numbers: above all of ours, whatever the venue says.

    A venue's counter may go back after its restart; an id below one that was used would belong to two orders.
    """
    return max(last + 1, venue_next)
