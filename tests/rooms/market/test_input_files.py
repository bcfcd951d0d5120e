"""Paths that lead nowhere, whatever is wrong with them."""

import pytest

from runner.market.factors import factors_faults
from runner.market.input_files import find_files
from runner.market.timezone import policy_faults
from runner.spec.timezone import Timezone


@pytest.mark.parametrize("path", ["x" * 5_000, "~nobody-has-this-name/x.csv", "a\0b", "missing.csv", "*.nothing"])
def test_a_path_the_system_cannot_take_leads_to_no_file(path):
    """Too long, another's home, a zero byte: no file, no traceback."""
    assert find_files(path, (".csv",)) == ()
    assert [fault.must for fault in factors_faults(path, ("A",))] == ["must lead to a file"]


@pytest.fixture
def folder(tmp_path):
    """Files of several kinds at several depths, a link to a folder above and one to a folder elsewhere."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for path in (
        inside / "a.csv",
        inside / "x" / "b.csv",
        inside / "x" / "b.txt",
        inside / ".c" / "c.csv",
        outside / "d.csv",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (inside / "x" / "up").symlink_to(inside)
    (inside / "away").symlink_to(outside)
    return inside


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("**", ["a.csv", "x/b.csv"]),
        ("**/*", ["a.csv", "x/b.csv"]),
        ("x/**", ["b.csv"]),
        ("**/*.csv", ["a.csv", "x/b.csv"]),
        ("**/*.txt", ["x/b.txt"]),
        ("x/*", ["b.csv"]),
        ("x/*.txt", ["b.txt"]),
        ("*/d.csv", ["away/d.csv"]),
        ("", ["d.csv"]),
        (".c/**", ["c.csv"]),
        ("**/" + "x" * 400, []),
    ],
)
def test_a_glob_means_files_of_the_kind_and_follows_no_links_at_any_depth(folder, pattern, names):
    """Where the glob says how names end it is taken at its word, and a link that it names is followed."""
    path = folder / pattern if pattern else folder / "away"

    assert [file.name for file in find_files(str(path), (".csv",))] == names


def test_a_bar_longer_than_a_month_is_refused():
    """100,000 days would not fit into an instant and wrap round to the past."""
    policy = Timezone(zone="UTC", stamp="open", interval="100000d")

    assert [str(fault) for fault in policy_faults(policy)] == [
        'timezone.interval: must be at most 31d, was "100000d". '
        "Write the length of one bar: longer ones than a day are seldom stamped with a time of day."
    ]
