"""What a venue lacks: order numbers of its own, and a dead man's switch. Its profile says so, and nobody asks for them."""

from runner.live.contract import Unclear
from runner.live.ports import Request, Response

__all__ = ["Lacking"]


class Lacking:
    """A contract's part for a venue that has neither."""

    def counter(self) -> Request | None:
        """Return nothing: orders need no number of the venue's."""
        return None

    def read_counter(self, response: Response) -> int | Unclear:  # noqa: ARG002
        """Read nothing out of it."""
        return Unclear("the dialect has no order numbers")

    def dead_man(self, after_ns: int) -> Request:
        """Refuse: nobody arms what isn't there.

        Raises:
            NotImplementedError: whatever is asked for.
        """
        raise NotImplementedError("the venue has no dead man's switch")
