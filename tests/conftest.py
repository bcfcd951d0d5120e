"""What holds for every test.

Time is no promise of a property, so a drawn example may take as long as the machine needs. A test goes by the same name
in every process, or several of them couldn't share the work: one that is named after where something lies in memory doesn't.
The commands that tests begin hear every request to stop, however the tests themselves were begun. And a secret that is
planted in the environment, and is part of every key that a test uses, is nowhere in what was written when the tests are
over (`canary`).
"""

import os
import re
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.canary import Watch, planted

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

WATCH = pytest.StashKey[Watch]()
MOST_SHOWN = 20


def pytest_configure(config: pytest.Config) -> None:
    """Plant the secret before anything is collected."""
    _hear_requests_to_stop()
    planted()
    # Which account a session has is written down for the whole machine; not for that of whoever runs the tests.
    os.environ["XDG_STATE_HOME"] = str(Path(tempfile.gettempdir()) / "runner-tests-state")
    config.stash[WATCH] = Watch()
    # Reports of all processes come together in the one that started them.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Listening(config.stash[WATCH]), "listens for the secret")


class Listening:
    """Hears what each test printed, logged and failed with."""

    def __init__(self, watch: Watch) -> None:
        """Tell it to this one."""
        self._watch = watch

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one phase of one test."""
        self._watch.hear(report.nodeid, [*(text for _, text in report.sections), report.longreprtext])


def _hear_requests_to_stop() -> None:
    """Undo what `nohup` and a shell's background leave ignored: commands inherit it, and rightly heed it."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests whose names change from process to process."""
    strays = [item.nodeid for item in items if re.search(r"\bat 0x[0-9a-f]+", item.nodeid)]
    if strays:
        raise pytest.UsageError("these tests need ids of their own:\n" + "\n".join(strays))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Look through everything that the tests left; what is found fails the run."""
    if hasattr(session.config, "workerinput"):
        return
    watch = session.config.stash[WATCH]
    watch.look(session.config._tmp_path_factory.getbasetemp())  # type: ignore[attr-defined]
    if watch.found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how much was looked through, and where the secret was."""
    watch = config.stash[WATCH]
    terminalreporter.write_line(watch.words(), red=bool(watch.found))
    for found in watch.found[:MOST_SHOWN]:
        terminalreporter.write_line(f"  A SECRET WAS WRITTEN: {found}", red=True)
