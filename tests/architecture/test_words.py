"""Words that have no business in what users read: paths of somebody's machine, package hosts, marks of unfinished work."""

import re
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

FOLDERS = ("runner", "conf", "strategies", "docs", "benchmarks", "tests", ".ci")
FILES = ("README.md", "Makefile", "pyproject.toml")
READ_BY_USERS = (*FOLDERS, *FILES)

TEXT = {".py", ".yaml", ".yml", ".md", ".toml", ".txt", ".json", ".cfg", ".html", ".csv", ""}

FORBIDDEN = {
    # Written in pieces, so that this file passes its own test.
    "a path of one machine": r"(?<![\w.])/" + r"(?:work|root|home/\w+|Users/\w+)/",
    "a package host": r"py" + r"pi\.org|python" + r"hosted\.org|ana" + r"conda\.org|npm" + r"js\.|crates" + r"\.io",
    "unfinished work": r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b",
}


def texts():
    """Yield every text file users may read."""
    for name in READ_BY_USERS:
        path = ROOT / name
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in inside if file.is_file() and file.suffix in TEXT and "__pycache__" not in file.parts)


@pytest.mark.parametrize("meaning", FORBIDDEN)
def test_no_forbidden_words(meaning):
    """None of the project's texts speaks of one machine, one package host, or work left to do."""
    pattern = re.compile(FORBIDDEN[meaning])

    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for file in texts()
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("meaning", "line"),
    [
        ("a path of one machine", "see /" + "root/thing"),
        ("a package host", "https://py" + "pi.org/simple"),
        ("unfinished work", "# TO" + "DO: later"),
    ],
)
def test_the_search_finds_what_it_looks_for(meaning, line):
    """A pattern that matches nothing would let everything pass."""
    assert re.search(FORBIDDEN[meaning], line)


def test_the_search_reads_the_whole_tree():
    """The folders users read are where the test looks for them."""
    folders = {file.relative_to(ROOT).parts[0] for file in texts()}

    assert set(READ_BY_USERS) - {"docs"} <= folders
    assert Path(__file__) in set(texts())
