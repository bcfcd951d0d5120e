"""The list of runs in the terminal: the ids can be copied."""

import io
import re

from rich.console import Console

from runner.archive.index import Entry
from runner.report.runs_table import runs_table, sides_table

STAMPS = ["20261123T070004Z-sweep-2652d769", "20261123T065957Z-be2515b2"]


def printed(width):
    """Return the lines of a list of runs of a usual name, in a terminal of a width."""
    entries = [Entry(f"pressure_bars/{stamp}", "run", "pressure_bars", "DONE", "", lanes=4_000) for stamp in STAMPS]
    console = Console(file=io.StringIO(), width=width)
    console.print(runs_table(entries, width=width))
    return console.file.getvalue().splitlines()


def test_an_id_with_room_for_it_stands_on_one_line():
    """Name and stamp, to be copied as they are."""
    found = [line.split()[0] for line in printed(120) if "pressure_bars" in line]

    assert found == [f"pressure_bars/{stamp}" for stamp in STAMPS]


def test_an_id_without_room_is_broken_behind_the_name():
    """The stamp alone means the run as well, so it stays whole, and no figure is cut off."""
    lines = printed(80)

    assert [found[0] for line in lines if (found := re.findall(r"\S*T0\S*", line))] == STAMPS
    assert sum("DONE" in line for line in lines) == 2
    assert any("Max DD" in line for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_two_runs_stand_side_by_side_with_whole_ids():
    """Name above stamp, in a terminal of eighty columns, beside the longest name of a figure."""
    stamps = ["20261123T065957Z-be2515b2", "20261123T070004Z-2652d769"]
    console = Console(file=io.StringIO(), width=80)

    console.print(
        sides_table("Figure", [f"pressure_bars\n{stamp}" for stamp in stamps], [("Max drawdown, any row", "1", "2")])
    )

    lines = console.file.getvalue().splitlines()
    assert any(all(stamp in line for stamp in stamps) for line in lines)
