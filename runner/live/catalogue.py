"""What can be traded at a venue and in which steps, asked before a session begins: its instruments are its units.

A contract whose venue tells that is also a `Catalogue`; where the venue doesn't, the steps are written in the configuration.
"""

from typing import Protocol, runtime_checkable

from runner.live.contract import NotFound, Unclear
from runner.live.model import Instrument
from runner.live.ports import Request, Response

__all__ = ["Catalogue"]


@runtime_checkable
class Catalogue(Protocol):
    """One venue's terms."""

    def terms(self, symbol: str) -> Request:
        """Return the question about one instrument."""

    def read_terms(self, response: Response, symbol: str) -> Instrument | NotFound | Unclear:
        """Read the answer; "not found" is also said of what the venue lists and doesn't trade."""
