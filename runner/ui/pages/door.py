"""What a browser sees that wasn't let in yet: how to get in, and nothing else."""

from runner.ui.frame import framed
from runner.ui.message import Response

__all__ = ["door"]


def door() -> Response:
    """Return the page; its script hands in the token that stands behind the `#` of the address."""
    return framed(
        "Not let in yet",
        "<h1>Not let in yet</h1>",
        '<p id="said" role="status">Open the whole address that <code>runner ui</code> printed in its terminal, with all'
        " that stands behind the <code>#</code>. It is new every time runner ui is started.</p>",
        scripts=("login.js",),
        is_let_in=False,
    )
