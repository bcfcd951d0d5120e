"""What holds for every test.

Time is no promise of a property, so a drawn example may take as long as the machine needs. And a test goes by the same name
in every process, or several of them couldn't share the work: one that is named after where something lies in memory doesn't.
The commands that tests begin hear every request to stop, however the tests themselves were begun.
"""

import re
import signal

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


def pytest_configure() -> None:
    """Undo what `nohup` and a shell's background leave ignored: commands inherit it, and rightly heed it."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests whose names change from process to process."""
    strays = [item.nodeid for item in items if re.search(r"\bat 0x[0-9a-f]+", item.nodeid)]
    if strays:
        raise pytest.UsageError("these tests need ids of their own:\n" + "\n".join(strays))
