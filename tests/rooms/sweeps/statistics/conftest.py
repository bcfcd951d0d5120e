"""Returns that any machine makes alike: waves whose phases run away, with what one row tells of the next."""

import numpy as np
import pytest


@pytest.fixture
def waves():
    """Return a matrix of returns [rows, lanes], with means from below zero to above it."""

    def made(rows, lanes):
        t, lane = np.arange(1, rows + 1)[:, None], np.arange(1, lanes + 1)
        noise = np.sin(0.37 * t * t * lane) + np.sin(1.13 * t * t + lane)
        smooth = noise.copy()
        smooth[1:] += 0.6 * noise[:-1]
        return 0.01 * smooth + 0.0003 * (lane - 3)

    return made
