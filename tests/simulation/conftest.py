"""Tells how many worlds a second of one process made, when the tests are over."""

import pytest

from tests.simulation.test_seeds import EACH

SEEDS = "simulation/test_seeds.py::test_no_promise_is_broken"


class Pace:
    """Adds up what worlds took, of whichever process."""

    def __init__(self) -> None:
        """Begin with none."""
        self.worlds = 0
        self.seconds = 0.0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one phase of one test."""
        if report.when == "call" and SEEDS in report.nodeid:
            self.worlds += EACH
            self.seconds += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say it."""
        if self.worlds:
            pace = self.worlds / self.seconds
            terminalreporter.write_line(f"simulation: {self.worlds:,} worlds, {pace:.1f} a second of each process")


def pytest_configure(config: pytest.Config) -> None:
    """Listen in the process that hears of all of them."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Pace(), "pace of the simulation")
