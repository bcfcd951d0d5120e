"""`runner verify`: a run directory is enough to make the run again, and whatever differs is named."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner import load_sweep
from runner.archive.directory import FORMATS, RunDirectory
from runner.archive.parquet import read_table, write_table
from runner.archive.provenance import code_of
from runner.archive.redact import Redactor
from runner.archive.seal import files_below, write_seal
from runner.archive.unpack import unpack
from runner.archive.unpacked import MARK
from runner.cli.verify import run as command
from runner.errors import RunError
from runner.launch.differing import first_row
from runner.launch.verify import verify
from runner.sessions.replay import replay
from tests.command import runner
from tests.long import many

ARCHIVES = Path(__file__).parents[1] / "golden" / "archives"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Return the run of the latest golden archive: two symbols, an operator of its own, its data beside it."""
    return unpack(ARCHIVES / f"format-{max(FORMATS)}.zip", tmp_path_factory.mktemp("golden"))


@pytest.fixture
def copied(kept, tmp_path):
    """Return a copy of it that may be changed."""
    return shutil.copytree(kept, tmp_path / kept.parent.name / kept.name)


def edited(folder, **values):
    """Change entries of a manifest, and seal the folder anew: whoever means to deceive would."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, **values}, indent=2) + "\n")
    write_seal(folder)
    return folder


def layers(found):
    """Return the layers that differ, in their order, each once."""
    return list(dict.fromkeys(each.layer for each in found.differences))


@pytest.mark.parametrize("version", FORMATS)
def test_runs_of_every_format_keep_verifying(version, tmp_path, monkeypatch):
    """An archive of each, from another machine and folder, with its data: made again it comes to the same digest."""
    folder = unpack(ARCHIVES / f"format-{version}.zip", tmp_path / "in")
    monkeypatch.chdir(tmp_path)

    found = verify(folder, run_code=True)

    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["format"], found.is_rebuilt, found.is_same) == (version, True, True)
    assert found.result_digest == manifest["result_digest"]
    assert found.is_sealed is (version >= 2)
    assert set(layers(found)) <= {"spec", "code", "environment", "kernel"}


def test_sweeps_and_sessions_of_every_format_keep_their_word(folders):
    """Their bytes are those that were written; a sweep is read as it was, a session is gone through again, to the bit."""
    assert all(verify(folder, bytes_only=True).is_same for folder in folders.values())
    sweep = load_sweep(folders["sweep"])
    assert (len(sweep.trials), sweep.verdict["metric"]) == (4, "sharpe")
    assert replay(folders["session"]).is_same


def test_the_code_of_an_archive_is_not_run_unasked(kept):
    """Its Python files are somebody else's; the bytes can be checked without them."""
    with pytest.raises(RunError, match=r"must be allowed to run code .* was steps\.py"):
        verify(kept)
    assert verify(kept, bytes_only=True).is_same


@pytest.mark.parametrize("number", range(many(2, 70)))
def test_any_process_comes_to_the_same(number, tmp_path):
    """Other hash seeds, threads and workers; a plain run, and a lane of a sweep that was made a run of its own."""
    words = ("universe=apple", "window.start=2012-01-01", "report.html=false")
    seeds = [{"PYTHONHASHSEED": str(1 + 7 * number + place), "NUMBA_NUM_THREADS": str(1 + place % 2), "POLARS_MAX_THREADS": str(1 + (number + place) % 3)} for place in range(3)]  # fmt: skip
    one = runner(*words, f"signal.params.lookback={5 + number}", cwd=tmp_path, **seeds[0])
    assert one.returncode == 0, one.stderr
    folders = [one.stdout.splitlines()[-1]]
    if number % 2:
        swept = runner(
            "-m",
            *words,
            f"signal.params.lookback={6 + number},40",
            f"sweep.workers={1 + number % 3}",
            cwd=tmp_path,
            **seeds[1],
        )
        assert swept.returncode == 0, swept.stderr
        trial = str(read_table(tmp_path / swept.stdout.splitlines()[-1] / "trials.parquet")["trial"][0])
        folders.append(runner("materialise", trial, cwd=tmp_path, **seeds[2]).stdout.splitlines()[-1])

    for folder in folders:
        done = runner("verify", folder, cwd=tmp_path, **seeds[2])
        assert (done.returncode, done.stdout.splitlines()[-1]) == (
            0,
            "The same: made again, every table has the digest it had.",
        )


def test_a_changed_result_is_named_with_its_first_row(copied):
    """Also where the seal was made anew: what is made again tells."""
    table = read_table(copied / "fills.parquet")
    price = table["price"].copy()
    price[3] += 0.01
    write_table(copied / "fills.parquet", {**table, "price": price})
    write_seal(copied)

    found = verify(copied, run_code=True)

    (told,) = [each for each in found.differences if each.layer == "result"]
    assert not found.is_same
    assert told.what == f"fills, row 4 of {price.size}, column price"
    assert (told.then, told.now) == (repr(price[3].item()), repr(table["price"][3].item()))


def test_a_changed_file_is_named(copied):
    """By the seal, and by what it is a part of."""
    (copied / "metrics.json").write_text((copied / "metrics.json").read_text().replace('"trades": 1', '"trades": 2'))

    found = verify(copied, run_code=True)

    assert not found.is_same
    assert found.first.what == "metrics.json"
    assert found.is_rebuilt
    assert "metrics.json: trades" in {each.what for each in found.differences}


@pytest.fixture(scope="module")
def folders(kept, tmp_path_factory):
    """Return a run, a sweep and a session that ended, each as Runner wrote it."""
    other = tmp_path_factory.mktemp("others")
    return {"run": kept} | {name: unpack(ARCHIVES / f"{name}-{max(FORMATS)}.zip", other) for name in ("sweep", "session")}


def told_of(folder, path, content):
    """Return the files that are named and the exit code when a file has another content."""
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        found = verify(folder, bytes_only=True)
    finally:
        path.write_bytes(before)
    return [each.name for each in found.broken], found.is_same


@settings(max_examples=many(100, 10_000))
@given(data=st.data())
def test_any_byte_of_any_file_counts(folders, data):
    """Whatever Runner has written into a folder, of a run, a sweep or a session: the file is named, and it isn't the same."""
    folder = folders[data.draw(st.sampled_from(sorted(folders)), "folder")]
    files = [(name, path) for name, path in sorted(files_below(folder)) if path.stat().st_size]
    name, path = data.draw(st.sampled_from(files), "file")
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1), "place")
    value = data.draw(st.integers(0, 255).filter(lambda value: value != content[at]), "byte")

    assert told_of(folder, path, content[:at] + bytes([value]) + content[at + 1 :]) == ([name], False)


@pytest.mark.parametrize(("kind", "name"), [("run", "manifest.json"), ("sweep", "sweep.json"), ("session", "manifest.json")])
def test_every_byte_of_what_a_folder_says_first_counts(folders, kind, name):
    """Also of its format and its status, by which it is decided how to read the rest: no other is taken for a change of it."""
    path = folders[kind] / name
    content = path.read_bytes()

    for at in range(many(120, len(content))):
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        assert told_of(folders[kind], path, changed) == ([name], False), at


def test_a_changed_sweep_is_told_by_the_command_whatever_it_says(folders, tmp_path, capsys):
    """What was written over its ledgers isn't taken for one."""
    folder = shutil.copytree(folders["sweep"], tmp_path / "runs" / folders["sweep"].parent.name / folders["sweep"].name)
    (folder / MARK).unlink()
    path = folder / "sweep.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"ledgers": [{"data": "../..", "lines": "x"}]}))

    assert command(["--bytes", str(folder)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "It differs. The first layer that does is the record: sweep.json."


def test_a_changed_spec_is_named(copied):
    """Made again it would be another run, so it isn't."""
    path = copied / "spec.yaml"
    path.write_text(path.read_text().replace("rows: 2", "rows: 3"))
    write_seal(copied)

    found = verify(copied, run_code=True)

    assert (found.first.layer, found.is_rebuilt, found.is_same) == ("spec", False, False)


def test_a_changed_plugin_is_named(copied):
    """It isn't run."""
    path = copied / "plugins" / "steps.py"
    path.write_text(path.read_text() + "raise SystemExit\n")
    write_seal(copied)

    found = verify(copied, run_code=True)

    assert (found.first.layer, found.first.what, found.is_rebuilt) == ("plugin source", "steps.py", False)


@pytest.mark.parametrize(
    ("key", "value", "layer", "what"),
    [
        ("code", {"version": "0.0.9", "digest": "ab" * 32}, "code", "Runner's source"),
        ("environment", {"python": "3.11.0", "implementation": "cpython", "machine": "x86_64", "packages": {"numpy": "1.0"}}, "environment", "python"),
        ("kernel", {"cpu": "z80"}, "kernel", "cpu"),
        ("tape_digest", "ab" * 32, "data", "tape digest"),
    ],
)  # fmt: skip
def test_a_layer_that_differs_is_named_though_the_result_is_the_same(copied, key, value, layer, what):
    """What counts is the result; the rest is told, the first cause first."""
    found = verify(edited(copied, **{key: value}), run_code=True)

    assert what in {each.what for each in found.differences if each.layer == layer}
    assert found.is_same
    assert found.is_rebuilt


def test_a_figure_that_is_missing_is_named_where_the_code_would_have_written_it(copied):
    """Code of another time may have known fewer figures; this code knows them all."""
    path = copied / "metrics.json"
    figures = json.loads(path.read_text())
    del figures["hit_rate"]
    path.write_text(json.dumps(figures, indent=2) + "\n")
    older = verify(edited(copied), run_code=True)
    own = verify(edited(copied, code=code_of()), run_code=True)

    assert older.is_same
    assert "metrics.json: hit_rate" in {each.what for each in own.differences if each.layer == "result"}
    assert not own.is_same


def test_other_data_are_named_and_tried(copied, tmp_path):
    """A file of the same name with other bytes: the data differ, and so does the first row that they touch."""
    (content,) = (copied / "inputs").iterdir()
    lines = content.read_text().splitlines()
    name, day, *prices = lines[20].split(",")
    lines[20] = ",".join([name, day, *(str(float(price) + 0.25) for price in prices[:4]), prices[4]])
    (tmp_path / "bars.csv").write_text("\n".join(lines) + "\n")
    shutil.rmtree(copied / "inputs")

    found = verify(copied, data=[tmp_path / "bars.csv"], run_code=True)

    assert not found.is_same
    assert found.is_rebuilt
    assert [each.what for each in found.differences if each.layer == "data"] == ["bars.csv", "tape digest"]
    assert any(each.what.startswith("equity, row ") for each in found.differences if each.layer == "result")


def test_data_are_found_by_their_bytes(copied, tmp_path):
    """Under another name, deep in a folder; where they aren't anywhere, that is said with what to write."""
    (content,) = (copied / "inputs").iterdir()
    (tmp_path / "archive" / "old").mkdir(parents=True)
    shutil.copy(content, tmp_path / "archive" / "old" / "bars.csv")
    shutil.rmtree(copied / "inputs")

    assert verify(copied, data=[tmp_path / "archive"], run_code=True).is_same
    with pytest.raises(RunError, match=r"bars\.csv: must be there, with the SHA-256 .* was missing\. Write --data"):
        verify(copied, run_code=True)


@pytest.mark.parametrize("status", ["FAILED", "INTERRUPTED"])
def test_a_run_that_came_to_nothing_is_told_as_such(tmp_path, status):
    """Its bytes can be checked, and nothing more."""
    directory = RunDirectory.create(tmp_path, name="x", spec_hash="ab" * 32, provenance={}, redact=Redactor({}))
    directory.finish(status, error="no room")

    found = verify(directory.path)

    assert (found.is_same, found.is_rebuilt, found.why_not) == (True, False, f"it ended as {status}: no room")


def test_a_run_that_has_not_ended_cannot_be_asked(tmp_path):
    """Nor what is no run."""
    directory = RunDirectory.create(tmp_path, name="x", spec_hash="ab" * 32, provenance={}, redact=Redactor({}))
    with pytest.raises(RunError, match="must be a run that has ended, was RUNNING"):
        verify(directory.path)
    directory.finish("FAILED")
    with pytest.raises(RunError, match="must be a run directory"):
        verify(tmp_path)


def test_the_exit_code_says_it(kept, copied, tmp_path):
    """0 the same, 1 it differs, 2 it can't be asked; the last line says it in words."""
    good = runner("verify", str(kept), "--run-code", cwd=tmp_path)
    (copied / "run.log").write_text("nothing happened\n")
    changed = runner("verify", str(copied), "--bytes", cwd=tmp_path)
    nothing = runner("verify", "nowhere", cwd=tmp_path)

    assert (good.returncode, changed.returncode, nothing.returncode) == (0, 1, 2)
    assert good.stdout.splitlines()[-1].startswith("The same: made again")
    assert changed.stdout.splitlines()[-1] == "It differs. The first layer that does is the record: run.log."
    assert "RUN: must be a run directory" in nothing.stderr


def column(*values):
    return np.array(values)


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ({"a": column(1, 2)}, {"a": column(1, 2)}, ("every row is the same", "", "")),
        ({"a": column(1, 2), "b": column(1.0, np.nan)}, {"a": column(1, 2), "b": column(1.0, np.nan)}, ("every row is the same", "", "")),
        ({"a": column(1, 2), "b": column(1.0, 2.0)}, {"a": column(1, 3), "b": column(5.0, 2.0)}, ("row 1 of 2, column b", "1.0", "5.0")),
        ({"a": column(0.0)}, {"a": column(-0.0)}, ("row 1 of 1, column a", "0.0", "-0.0")),
        ({"a": column("x", "y")}, {"a": column("x", "z")}, ("row 2 of 2, column a", "'y'", "'z'")),
        ({"a": column(1, 2)}, {"a": column(1)}, ("row 2", "2 rows", "1 rows")),
        ({"a": column(1)}, {"b": column(1)}, ("columns", "a", "b")),
    ],
)  # fmt: skip
def test_the_first_row_that_differs_is_found(then, now, expected):
    """To the bit, but that every NaN is the same; where rows are missing, the first of these."""
    assert first_row(then, now) == expected
