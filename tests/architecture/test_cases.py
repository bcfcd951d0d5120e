"""The catalogue of what can go wrong with data, orders and runs: every case has a test named by its id, listed in README."""

import ast
import re
from functools import cache

import pytest

from tests.architecture.source_tree import ROOT

CASES = {
    "C1": "a server that accepts and closes",
    "C2": "a handshake refused for a while",
    "C3": "a handshake refused for good",
    "C4": "a connection that is half open",
    "C5": "pongs, and no data",
    "C6": "a quiet market",
    "C7": "a gap in a book's differences",
    "C8": "a difference told twice, or too early",
    "C9": "a snapshot that is too old",
    "C10": "a new connection, and the old book",
    "C11": "a book that contradicts the venue",
    "C12": "numbers that are none",
    "C13": "books that can't be",
    "C14": "messages that nobody understands",
    "C15": "messages too large, in pieces, or no text",
    "C17": "an end that is announced",
    "C18": "subscriptions that aren't acknowledged",
    "D1": "an order that never arrived",
    "D2": "no answer, and the order was taken",
    "D3": "a server error, before or after the order was taken",
    "D4": "an order that arrives late, also after a crash",
    "D5": "the same id taken again after a fill",
    "D6": "the venue refuses an id twice",
    "D7": "not found, and yet alive",
    "D8": "a bad request that was taken",
    "D9": "a fill before the acknowledgement",
    "D10": "a fill of an order that isn't ours",
    "D11": "a fill told twice",
    "D12": "a fill told again with other numbers",
    "D13": "partial fills, a cancel, a late fill",
    "D14": "cancelled, and a fill is missing",
    "D15": "filled by more than was asked for",
    "D16": "a healthy stream that loses a fill",
    "D17": "a cancel without answer, of a filled or an unknown order",
    "D18": "a replacement that leaves two orders",
    "D19": "too many requests",
    "D20": "a ban",
    "D21": "a storm of rejections",
    "D22": "an answer that can't be read",
    "D23": "half a success",
    "D25": "a venue's counter that goes back",
    "D26": "lists by pages, and what isn't on them",
    "E1": "each limit: one below, at it, one above",
    "E2": "exposure with all that is in flight",
    "E3": "a price far from the market",
    "E4": "no price to measure by",
    "E5": "the same order again",
    "E6": "too many orders",
    "E7": "an order against an own one",
    "E8": "old market data",
    "E9": "a day's loss",
    "E10": "the same decision executed again and again",
    "E11": "a kill with everything in flight",
    "E12": "a kill and a restart",
    "E13": "a kill without a network",
    "E14": "a kill while the loop is blocked",
    "E15": "what is allowed while degraded or halted",
    "E16": "no way to click through",
    "F1": "killed at any step",
    "F2": "killed between intent, request and answer",
    "F3": "killed while it recovers, three times",
    "F4": "two processes, one journal",
    "F5": "two sessions, one account",
    "F6": "a task that dies",
    "F7": "a task that nobody holds",
    "F8": "cancelled at any step",
    "F9": "signals",
    "F10": "no memory",
    "F11": "a strategy that raises, answers nonsense or hangs",
    "F12": "a reader of alarms that blocks",
    "F13": "a program that changed",
    "G1": "no space on the disk",
    "G2": "an error of the disk",
    "G3": "a torn end",
    "G4": "a bit that flipped",
    "G5": "a journal of another day",
    "G6": "a folder that is gone, read-only or remote",
    "G7": "a slow disk",
    "G8": "a journal that grows",
    "G9": "a second connection",
    "H1": "a wall clock that jumps",
    "H2": "a clock far from the venue's",
    "H3": "a machine that slept",
    "H4": "a session schedule and the change of the clocks",
    "H5": "half-days, holidays and a market that never closes",
    "H9": "another time zone and locale",
    "I1": "a secret in anything that is written",
    "I2": "a library that logs what it sends",
    "I3": "a redirect to another address",
    "I4": "a certificate or an address that isn't safe",
    "I5": "a name that would be imported",
    "I6": "a strategy that is code from outside",
    "I7": "data that would be run",
    "I8": "YAML that would make objects",
    "I9": "an archive that means harm",
    "I10": "a run or a tag with a nasty name",
    "I11": "who may reach the pages",
    "I12": "another host's name for the pages",
    "I13": "another site's request to the pages",
    "I14": "keys of the pages",
    "I15": "text of others on the pages",
    "I16": "an id that would lead elsewhere",
    "I17": "text that a terminal would obey",
    "I18": "who may look into a run",
    "J1": "a burst of messages",
    "J2": "a slow consumer",
    "J3": "a thousand instruments",
    "J4": "a thousand open orders",
    "J5": "a day in which everything goes wrong",
    "J6": "a journal of a million rows",
    "J7": "a process that stood still",
}
"""Every case that must hold, by its id."""

NAME = re.compile(r"test_([c-j]\d+)_")
HEAD = "| case | what goes wrong | tests |"


@cache
def files_by_case():
    """Return id → names of files with tests of that case, in the order of the paths."""
    found = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            match = NAME.match(node.name) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None
            if match:
                place = path.relative_to(ROOT / "tests").as_posix()
                found.setdefault(match.group(1).upper(), {}).setdefault(place, []).append(node.name)
    return found


def table():
    """Return the table as README has to have it."""
    rows = [
        f"| {case} | {what} | {'<br>'.join(f'`{place}`' for place in files_by_case().get(case, {}))} |"
        for case, what in CASES.items()
    ]
    return "\n".join([HEAD, "|---|---|---|", *rows])


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_a_test(case):
    """At least one test bears the id of each case that must hold."""
    assert files_by_case().get(case)


def test_no_test_bears_an_id_that_is_no_case():
    """An id that nobody knows would hide a case that was mistyped; D24 is of the second wave and may have one."""
    assert set(files_by_case()) - set(CASES) <= {"D24"}


def test_the_readme_lists_them():
    """The table of README is the one that the tests' names make; `python -m tests.architecture.test_cases` prints it."""
    readme = (ROOT / "tests" / "README.md").read_text("utf-8")

    assert table() in readme


if __name__ == "__main__":
    print(table())
