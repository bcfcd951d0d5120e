"""Whether tests that take minutes are to run in full: `RUNNER_LONG=1 python -m pytest …`."""

import os

IS_LONG = os.environ.get("RUNNER_LONG") == "1"


def many(few, full):
    """Return how often: a few times in every run, the full number when it was asked for."""
    return full if IS_LONG else few
