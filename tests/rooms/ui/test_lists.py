"""Which runs and lanes are shown: filter, order, pages and maps, whatever the address says."""

from urllib.parse import urlencode

import numpy as np
import pytest
from served_ui import lanes, made_run, made_sweep

from runner.archive.index import Entry
from runner.ui.entries import Entries
from runner.ui.listing import PER_PAGE, Choice, choice_of, matching, ordered, page_of
from runner.ui.message import Refused, Request
from runner.ui.trials import Tables, gathered, kept
from runner.ui.trials import ordered as ordered_lanes


def entry(number, **changes):
    told = {"kind": "run", "name": "n", "status": "DONE", "created": f"2026-01-{number:02d}T00:00:00"}
    return Entry(**{"id": f"n/{number}", **told, **changes})


def ids(entries):
    return [each.id for each in entries]


def test_every_word_must_be_somewhere():
    """In id, kind, mode, tags or notes, whatever the case; kind and status narrow further."""
    found = [
        entry(1, tags=("good",), notes=("After the Bug",)),
        entry(2, notes=("bug",), status="FAILED"),
        entry(3, kind="sweep", tags=("good",)),
    ]

    assert ids(matching(found, Choice(words="BUG"))) == ["n/1", "n/2"]
    assert ids(matching(found, Choice(words="bug good"))) == ["n/1"]
    assert ids(matching(found, Choice(words="good", kind="sweep"))) == ["n/3"]
    assert ids(matching(found, Choice(status="FAILED"))) == ["n/2"]


def test_what_has_no_value_comes_last_either_way():
    """A run without a Sharpe ratio is neither the best nor the worst."""
    found = [
        entry(1, metrics={"sharpe": 1.0}),
        entry(2, metrics={"sharpe": None}),
        entry(3, metrics={"sharpe": -1.0}),
        entry(4),
    ]

    assert ids(ordered(found, Choice(by="sharpe"))) == ["n/1", "n/3", "n/2", "n/4"]
    assert ids(ordered(found, Choice(by="sharpe", is_up=True))) == ["n/3", "n/1", "n/2", "n/4"]
    assert ids(ordered(found, Choice())) == ["n/4", "n/3", "n/2", "n/1"]


def test_pages_follow_one_another_without_gap():
    """All pages together are the list."""
    found = [entry(number) for number in range(2 * PER_PAGE + 1)]

    pages = [page_of(found, Choice(page=number)) for number in range(4)]

    assert [len(page) for page in pages] == [PER_PAGE, PER_PAGE, 1, 0]
    assert [each for page in pages for each in page] == found


@pytest.mark.parametrize(
    "query",
    ["by=__class__&kind=x&status=y&page=-1", "page=1e9&up=yes", "page=99999999999999999999", "by=&page=²", ""],
)
def test_what_an_address_cannot_mean_is_passed_over(query):
    """Nobody is shown an error for an old bookmark."""
    assert choice_of(Request("GET", "/", query)) == Choice()


def test_an_address_says_what_its_choice_says():
    """The fields of a choice lead to the same choice again."""
    choice = Choice("a b", "run", "DONE", "sharpe", is_up=True, page=3)

    assert choice_of(Request("GET", "/", urlencode(choice.fields()))) == choice


def test_entries_are_found_by_their_ids_alone(tmp_path):
    """The id is compared as it is; the list is remembered for a moment, and an empty folder is an empty list."""
    made_run(tmp_path, "idea", "20260105T143000Z-0123abcd")
    entries = Entries(tmp_path)

    assert entries.find("idea/20260105T143000Z-0123abcd").name == "idea"
    assert entries.find("idea/../idea/20260105T143000Z-0123abcd") is None
    assert entries.all() is entries.all()
    assert Entries(tmp_path / "nowhere").all() == []


AXES = {"a": [1, 1, 2, 2, 10, 10], "b": ["x", "y", "x", "y", "x", "x"]}


@pytest.fixture
def trials(tmp_path):
    columns = lanes(AXES, sharpe=[0.5, None, 0.1, 0.9, 0.3, 0.5], error=["", "no cash", "", "", "", ""])
    return Tables().read(made_sweep(tmp_path, columns) / "trials.parquet")


def test_axes_stand_between_lane_and_trial(trials):
    """The rest of the columns are metrics, if they are numbers."""
    assert trials.axes == ("a", "b")
    assert trials.metrics == ("sharpe",)
    assert trials.rows == 6


def test_lanes_are_kept_by_values_and_words(trials):
    """Values are compared as they are shown; words are looked for in axes, trial, status and error."""
    assert kept(trials, {"a": "2"}, "").tolist() == [2, 3]
    assert kept(trials, {"a": "2", "b": "y"}, "").tolist() == [3]
    assert kept(trials, {"nothing": "2"}, "").tolist() == [0, 1, 2, 3, 4, 5]
    assert kept(trials, {}, "cash").tolist() == [1]
    assert kept(trials, {}, "X done").tolist() == [0, 2, 4, 5]


def test_lanes_are_sorted_with_undefined_ones_last(trials):
    """By numbers and by words, both ways."""
    rows = np.arange(6)

    assert ordered_lanes(trials, rows, "sharpe", is_up=False).tolist() == [3, 0, 5, 4, 2, 1]
    assert ordered_lanes(trials, rows, "sharpe", is_up=True).tolist() == [2, 4, 0, 5, 3, 1]
    assert ordered_lanes(trials, rows, "b", is_up=True).tolist() == [0, 2, 4, 5, 1, 3]


def test_a_map_gathers_lanes_that_meet(trials):
    """Mean or best of each pair; a pair without a lane is empty; numbers go by their size, 10 after 2."""
    mean = gathered(trials, np.arange(6), "a", "b", "sharpe", is_best=False)
    best = gathered(trials, np.arange(6), "a", "b", "sharpe", is_best=True)

    assert (list(mean.rows), list(mean.columns)) == (["x", "y"], ["1", "2", "10"])
    assert np.array_equal(mean.values, [[0.5, 0.1, 0.4], [np.nan, 0.9, np.nan]], equal_nan=True)
    assert np.array_equal(best.values, [[0.5, 0.1, 0.5], [np.nan, 0.9, np.nan]], equal_nan=True)


def test_no_lanes_have_no_map(trials):
    """Nothing matches, nothing is drawn."""
    assert gathered(trials, np.arange(0), "a", "b", "sharpe", is_best=True) is None


@pytest.mark.parametrize("content", [None, b"", b"no parquet"])
def test_a_table_that_cannot_be_read_is_none(tmp_path, content):
    """A sweep that still runs, or a broken file, has a page all the same."""
    path = tmp_path / "trials.parquet"
    if content is not None:
        path.write_bytes(content)

    assert Tables().read(path) is None


def test_a_table_that_was_replaced_is_read_again(tmp_path):
    """What is remembered is told apart by the file's own time and size."""
    tables = Tables()
    one = made_sweep(tmp_path, lanes({"a": [1]}, sharpe=[1.0]), stamp="1") / "trials.parquet"
    other = made_sweep(tmp_path, lanes({"a": [1, 2]}, sharpe=[1.0, 2.0]), stamp="2") / "trials.parquet"

    assert tables.read(one).rows == 1
    assert tables.read(one) is tables.read(one)
    other.replace(one)
    assert tables.read(one).rows == 2


@pytest.mark.parametrize("body", [b"", b"[]", b'{"a": 1}', b"{", b"[" * 100_000])
def test_a_body_is_a_mapping_of_texts(body):
    """Anything else is refused before anybody looks into it."""
    request = Request("POST", "/check", headers={"content-type": "application/json"}, body=body)

    with pytest.raises(Refused):
        request.json()
