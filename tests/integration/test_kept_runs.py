"""What is done with runs that were made: run again, held side by side, listed, found, tagged, archived, brought in."""

import json
import shutil
from pathlib import Path

import pytest

from runner.archive.directory import FORMATS
from runner.archive.unpack import unpack
from runner.errors import ConfigError
from runner.launch import Launch
from runner.launch.compare import compare
from runner.launch.rerun import rerun
from runner.sweeps.finding import list_runs
from tests.command import runner

ARCHIVE = Path(__file__).parents[1] / "golden" / "archives" / f"format-{max(FORMATS)}.zip"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Return a folder with a run out of an archive, and the same run again, twice, with other values."""
    folder = tmp_path_factory.mktemp("kept") / "runs"
    first = unpack(ARCHIVE, folder)
    again = rerun(first, run_code=True)
    longer = rerun(first, ["signal.params.rows=3", "slippage=none"], run_code=True)
    return folder, first, again, longer


def test_a_run_again_is_the_same_and_says_of_what(runs):
    """From the sources and data that it kept; today there is no such strategy anywhere."""
    _, first, again, _ = runs

    assert again.result_digest == json.loads((first / "manifest.json").read_text())["result_digest"]
    assert again.manifest["rerun_of"] == f"{first.parent.name}/{first.name}"
    assert list(again.manifest["plugins"]) == ["steps.py"]
    assert (again.path / "plugins" / "steps.py").read_bytes() == (first / "plugins" / "steps.py").read_bytes()


def test_overrides_change_values_and_options(runs):
    """An option replaces its whole section; all else is as it was, by the run's own spec and not by today's files."""
    *_, longer = runs
    text = (longer.path / "spec.yaml").read_text()

    assert "rows: 3" in text
    assert "slippage:\n  kind: none\n" in text
    assert "bps: 2.5" not in text
    assert "down: falls(close)" in " ".join(text.replace('"', "").split())


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("slippage.bps=banana", "slippage.bps: must be a number"),
        ("slippage=magic", "slippage"),
        ("signal.params.row=3", "signal.params.row"),
    ],
)
def test_overrides_that_cannot_be_are_refused(runs, word, message, tmp_path):
    """As those of any run, and nothing is written."""
    _, first, *_ = runs

    with pytest.raises(ConfigError, match=message):
        rerun(first, [word], Launch(runs=tmp_path / "new"), run_code=True)
    assert not (tmp_path / "new" / first.parent.name).exists()


def test_runs_side_by_side_say_which_nodes_a_change_touches(runs):
    """A parameter touches what reads it, costs touch no node, and what both have is left out."""
    _, first, again, longer = runs

    found = compare([again.path, longer.path])

    changes = {change.key: change for change in found.changes}
    assert {"signal.params.rows", "slippage.kind", "slippage.bps"} <= changes.keys()
    assert changes["signal.params.rows"].values == ("2", "3")
    assert changes["signal.params.rows"].effect == "nodes: long.enter"
    assert changes["slippage.kind"].effect == "orders and fills; no node"
    assert changes["slippage.bps"].values == ("2.5", "—")
    assert (found.nodes, set(found.same_nodes)) == (("long.enter",), {"down", "long.exit"})
    assert not found.is_same
    assert found.metrics["trades"] == (again.metrics["trades"], longer.metrics["trades"])
    assert compare([first, again.path]).is_same


def test_one_run_has_nothing_to_be_compared_with(runs):
    """Said with what to write."""
    with pytest.raises(ConfigError, match="must be given at least two runs"):
        compare([runs[1]])


def test_runs_are_found_by_their_figures(runs):
    """In the language of conditions; what a run lacks isn't held against it, it isn't found."""
    folder, _, again, longer = runs
    most = max(again.metrics["final_equity"], longer.metrics["final_equity"])

    found = list_runs(folder, where=f"final_equity >= {most!r} and status == 'DONE'")

    assert found
    assert {entry.metrics["final_equity"] for entry in found} == {most}
    assert list_runs(folder, where="fees_paid < 0") == []
    with pytest.raises(ConfigError, match="must be a figure of some run, was sharp"):
        list_runs(folder, where="sharp > 1")
    with pytest.raises(ConfigError, match="must stay within the language"):
        list_runs(folder, where="__import__('os')")
    with pytest.raises(ConfigError, match="--since: must be a date of the calendar"):
        list_runs(folder, since="yesterday")


def test_the_commands_do_what_they_say(runs, tmp_path):
    """List, find, tag, note, show, compare, archive, unpack: by id, by part of a stamp, by path."""
    folder, first, again, longer = runs
    shutil.copytree(folder, tmp_path / "runs")
    own = f"{first.parent.name}/{first.name}"

    def said(*words, code=0):
        done = runner(*words, cwd=tmp_path)
        assert done.returncode == code, done.stderr
        return done.stdout

    assert said("tag", own, "golden", "old") == "#golden #old\n"
    assert said("tag", first.name, "--remove", "old") == "#golden\n"
    assert said("note", own, "made long ago").endswith("made long ago\n")
    assert said("list", "--tag", "golden").splitlines()[-1] == "1 run in runs"
    assert said("list").splitlines()[-1] == "3 runs in runs"
    assert said("find", "orders > 100000").splitlines()[-1] == "0 runs in runs"
    shown = said("show", own)
    assert "#golden" in shown
    assert "made long ago" in shown
    assert shown.splitlines()[-1] == f"runs/{own}"
    assert "Nodes that differ: long.enter." in said("compare", again.path.name, longer.path.name, "--html", "two.html")
    page = (tmp_path / "two.html").read_text()
    assert again.path.name in page
    assert page.count('class="run-1"') == 2
    archived = said("archive", own, "--with-data", "--to", "one.zip").splitlines()
    assert archived[-1] == "one.zip"
    brought = said("unpack", "one.zip", "--runs", "other").splitlines()[-1]
    assert brought == f"other/{own}"
    assert "#golden" in said("show", brought)
    (tmp_path / "runs" / own / "metrics.json").write_text("{}")
    refused = runner("archive", own, "--to", "two.zip", cwd=tmp_path)
    assert refused.returncode == 2
    assert "metrics.json: must be as it was written" in refused.stderr
    assert not (tmp_path / "two.zip").exists()


@pytest.mark.parametrize("verb", ["list", "find", "show", "compare", "verify", "rerun", "archive", "unpack", "tag", "note"])
def test_every_verb_has_its_help_and_refuses_what_it_does_not_know(verb, tmp_path):
    """Help names the flags; a flag that nobody knows is met in words."""
    told = runner(verb, "--help", cwd=tmp_path)
    refused = runner(verb, "--bananas", cwd=tmp_path)

    assert (told.returncode, refused.returncode) == (0, 2)
    assert f"usage: runner {verb}" in told.stdout
    assert "--bananas" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_nothing_secret_is_said_of_a_run(runs, tmp_path):
    """Notes and tags are written, listed and archived: the value of a variable that is a secret by its name is refused."""
    folder, first, *_ = runs
    before = sorted(path.name for path in first.iterdir())

    said = [
        runner(*words, "--runs", str(folder), cwd=tmp_path, BROKER_PASSWORD="hunter22")
        for words in (("note", str(first), "it is hunter22"), ("tag", str(first), "hunter22"))
    ]

    assert [each.returncode for each in said] == [2, 2]
    assert all("BROKER_PASSWORD" in each.stderr and "hunter22" not in each.stderr for each in said)
    assert sorted(path.name for path in first.iterdir()) == before
