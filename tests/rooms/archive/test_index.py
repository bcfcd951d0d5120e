"""The index: every run and sweep with its headline, read once, and found by its id alone."""

import json
import os

import pytest

from runner.archive.index import INDEX, entry_of, index
from runner.archive.notes import noted, tagged

MANIFEST = {
    "format": 2, "status": "DONE", "created": "2026-01-02T00:00:00.000+00:00", "finished": "2026-01-02T00:00:09.000+00:00",
    "spec_hash": "ab" * 32, "result_digest": "cd" * 32, "mode": "backtest", "engine": "native", "remarks": ["few"],
}  # fmt: skip


def put(runs, own, manifest=MANIFEST, metrics=None, name="manifest.json"):
    """Write a folder as runs and sweeps have them."""
    folder = runs / own
    folder.mkdir(parents=True)
    (folder / name).write_text(json.dumps(manifest))
    if metrics is not None:
        (folder / "metrics.json").write_text(json.dumps(metrics))
    return folder


def test_a_run_is_listed_with_what_came_of_it(tmp_path):
    """Status, figures, remarks, tags and notes."""
    folder = put(tmp_path, "a/20260102T000000Z-1", metrics={"sharpe": 1.5, "start": "2000-01-03"})
    tagged(folder, ["good"])
    noted(folder, "looks right", at="2026-01-03T00:00:00+00:00")

    (found,) = index(tmp_path)

    assert (found.id, found.kind, found.name, found.status) == ("a/20260102T000000Z-1", "run", "a", "DONE")
    assert (found.metrics["sharpe"], found.remarks) == (1.5, ("few",))
    assert (found.tags, found.notes) == (("good",), ("looks right",))
    assert found.path(tmp_path) == folder


def test_a_sweep_is_listed_with_its_best_lane(tmp_path):
    """By the metric that ranks it, and with its verdict in a sentence."""
    facts = {"format": 2, "status": "DONE", "started": "2026-01-04T00:00:00+00:00", "lanes": 12}
    folder = put(tmp_path, "a/20260104T000000Z-sweep-1", facts, name="sweep.json")
    verdict = {"format": 1, "metric": "calmar", "best_metric": 0.7, "deflated_sharpe": 0.9, "headline": "Chosen by luck."}
    (folder / "verdict.json").write_text(json.dumps(verdict))

    (found,) = index(tmp_path)

    assert (found.kind, found.lanes, found.headline) == ("sweep", 12, "Chosen by luck.")
    assert (found.metrics["calmar"], found.metrics["deflated_sharpe"]) == (0.7, 0.9)


def test_a_run_with_a_journal_is_a_session(tmp_path):
    """Live and paper runs hold one."""
    folder = put(tmp_path, "a/20260102T000000Z-1")
    (folder / "journal.sqlite").write_bytes(b"")

    assert [found.kind for found in index(tmp_path)] == ["session"]


def test_the_latest_stands_first(tmp_path):
    """By the instant they began at, whatever they are called."""
    for day in ("02", "04", "03"):
        put(tmp_path, f"a/202601{day}T000000Z-1", {**MANIFEST, "created": f"2026-01-{day}T00:00:00+00:00"})

    assert [found.created[8:10] for found in index(tmp_path)] == ["04", "03", "02"]


def test_the_second_time_it_says_the_same(tmp_path):
    """From what it remembers: the files aren't opened again."""
    folder = put(tmp_path, "a/20260102T000000Z-1", metrics={"sharpe": 1.5})
    first = index(tmp_path)
    (folder / "metrics.json").write_text(json.dumps({"sharpe": 9.9}))

    assert index(tmp_path) == first
    (tmp_path / INDEX).unlink()
    assert index(tmp_path)[0].metrics["sharpe"] == 9.9


@pytest.mark.parametrize("change", ["tag", "finish", "remove", "add"])
def test_what_changes_is_seen(tmp_path, change):
    """Runs that end, are tagged, vanish or appear."""
    folder = put(tmp_path, "a/20260102T000000Z-1", {**MANIFEST, "status": "RUNNING"})
    index(tmp_path)
    if change == "tag":
        tagged(folder, ["good"])
    elif change == "finish":
        (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    elif change == "remove":
        (folder / "manifest.json").unlink()
    else:
        put(tmp_path, "b/20260102T000000Z-2")

    found = index(tmp_path)

    expected = {"tag": [("RUNNING", ("good",))], "finish": [("DONE", ())], "remove": []}
    assert [(each.status, each.tags) for each in found] == expected.get(change, [("DONE", ()), ("RUNNING", ())])


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"format": 0}', '{"format": 1, "entries": {"a": 1}}', '{"format": 1, "entries": []}']
)
def test_a_broken_memory_is_no_harm(tmp_path, content):
    """Everything is read anew."""
    put(tmp_path, "a/20260102T000000Z-1")
    (tmp_path / INDEX).write_text(content)

    assert [found.id for found in index(tmp_path)] == ["a/20260102T000000Z-1"]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"status": "DONE"}'])
def test_a_run_that_cannot_be_read_is_listed_as_such(tmp_path, content):
    """Rather than left out without a word, or in everybody's way."""
    folder = put(tmp_path, "a/20260102T000000Z-1")
    (folder / "manifest.json").write_text(content)
    put(tmp_path, "a/20260103T000000Z-2")

    found = index(tmp_path)

    assert [each.status for each in found] == ["DONE", "UNREADABLE"]
    assert found[1].error


def test_what_is_no_run_is_left_out(tmp_path):
    """Files, empty folders, hidden ones, and links to folders elsewhere."""
    (tmp_path / "runs" / "a" / "empty").mkdir(parents=True)
    (tmp_path / "runs" / "file").write_text("")
    put(tmp_path / "runs", ".trials/20260102T000000Z-1")
    put(tmp_path / "elsewhere", "b/20260102T000000Z-1")
    (tmp_path / "runs" / "link").symlink_to(tmp_path / "elsewhere" / "b")

    assert index(tmp_path / "runs") == []
    assert index(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    "asked",
    ["../a/20260102T000000Z-1", "a/../a/20260102T000000Z-1", "..%2fa%2f20260102T000000Z-1", "/etc/passwd", "a", "", "a/./20260102T000000Z-1",
     "a//20260102T000000Z-1", "a/20260102T000000Z-1/", "a/20260102T000000Z-1\0", "../../../../etc/passwd", "A/20260102T000000Z-1"],
)  # fmt: skip
def test_i16_an_id_leads_nowhere_else(tmp_path, asked):
    """Ids are looked up among those that are there; what is spelled otherwise is nothing, wherever it would lead."""
    put(tmp_path, "a/20260102T000000Z-1")

    assert entry_of(tmp_path, asked) is None
    assert entry_of(tmp_path, "a/20260102T000000Z-1") is not None


DEEP = "[" * 200_000


@pytest.mark.parametrize("name", ["manifest.json", "metrics.json", "notes.json", "sweep.json", "verdict.json"])
@pytest.mark.parametrize("how", ["deep", "pipe", "folder"])
def test_one_folder_that_cannot_be_read_hides_no_other(tmp_path, name, how):
    """A text that is too deep, a pipe that nobody writes to, a folder in the place of a file: the list is there at once."""
    folder = put(tmp_path, "a/20260102T000000Z-1", metrics={"sharpe": 1.0})
    if name in {"sweep.json", "verdict.json"}:
        (folder / "manifest.json").rename(folder / "sweep.json")
    put(tmp_path, "b/20260102T000000Z-2")
    (folder / name).unlink(missing_ok=True)
    if how == "deep":
        (folder / name).write_text(DEEP)
    elif how == "pipe":
        os.mkfifo(folder / name)
    else:
        (folder / name).mkdir()

    found = {entry.name: entry for entry in index(tmp_path)}

    assert found["b"].status == "DONE"
    if "a" in found:
        assert found["a"].status in {"DONE", "UNREADABLE"}
