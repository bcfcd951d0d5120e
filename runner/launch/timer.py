"""Seconds that the stages of a run take."""

import time

__all__ = ["Timer"]


class Timer:
    """Seconds spent per stage."""

    def __init__(self) -> None:
        """Start with nothing measured."""
        self.seconds: dict[str, float] = {}
        self._stage = ""
        self._began = 0.0

    def __call__(self, stage: str) -> "Timer":
        """Name the stage that `with` measures."""
        self._stage = stage
        return self

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds[self._stage] = round(time.perf_counter() - self._began, 4)
