"""The quality gate's policies: what happens to each kind of fault the data can have."""

from typing import Literal

from runner.spec.kind import Spec

__all__ = ["Policy", "Quality"]

Policy = Literal["error", "drop", "keep"]
"""Refuse the data, leave the rows out, or let them pass; every choice is counted in `quality.json`."""


class Quality(Spec):
    """One policy per fault. The defaults refuse."""

    missing: Policy = "error"
    """A price that is null, NaN or infinite. `keep` isn't possible for prices a fill could use, so it is refused."""
    unsorted: Literal["error", "sort"] = "error"
    """Stamps of one symbol that go backwards."""
    duplicate: Literal["error", "drop"] = "error"
    """Rows of one symbol with the same stamp and the same values; `drop` keeps one."""
    conflict: Literal["error", "drop"] = "error"
    """Rows of one symbol with the same stamp and different values; `drop` leaves all of them out."""
    inconsistent: Policy = "error"
    """A high below open, close or low, or a low above them."""
    nonpositive: Policy = "error"
    """A price of zero or less. `keep` is for instruments whose prices can be negative."""
