"""The seal: any byte of any file that changes is found, and the file is named."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.archive.directory import RunDirectory
from runner.archive.files import sha256_of, write_text
from runner.archive.notes import noted, tagged
from runner.archive.redact import Redactor
from runner.archive.seal import SEAL, Broken, broken_seals, files_below, seal_digest, write_seal
from runner.archive.unpacked import MARK, Unpacked, mark_text


def sealed(runs):
    """Return a finished run directory with a file of every sort, said of, brought in and with input data."""
    directory = RunDirectory.create(runs, name="x", spec_hash="ab" * 32, provenance={"seed": 1}, redact=Redactor({}))
    directory.write_text("spec.yaml", "name: x\n")
    directory.write_text("plugins/mine.py", "x = 1\n")
    directory.write_text(".hydra/config.yaml", "name: x\n")
    directory.write_json("metrics.json", {"sharpe": 1.5})
    directory.write_table("fills", {"ts": np.array([1, 2]), "price": np.array([1.0, 2.5])})
    directory.finish("DONE", result_digest="r")
    folder = directory.path
    tagged(folder, ["good"])
    noted(folder, "looks right", at="2026-01-01T00:00:00+00:00")
    write_text(folder / MARK, mark_text(Unpacked("x.zip", "ab" * 32)))
    (folder / "inputs").mkdir()
    write_text(folder / "inputs" / "bars", "a,b\n1,2\n")
    (folder / "inputs" / "bars").rename(folder / "inputs" / sha256_of(folder / "inputs" / "bars"))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One folder for all: every test leaves it as it was."""
    return sealed(tmp_path_factory.mktemp("runs"))


def test_a_finished_run_is_whole(folder):
    """Nothing is told of a folder that nobody touched, notes and tags said after the run included."""
    assert broken_seals(folder) == []


def test_every_single_byte_counts(folder):
    """Each byte of each file, flipped by itself: that file is named, and no other."""
    for name, path in files_below(folder):
        content = path.read_bytes()
        for place in range(len(content)):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            assert [each.name for each in broken_seals(folder)] == [name], (name, place)
        path.write_bytes(content)
    assert broken_seals(folder) == []


@given(data=st.data())
def test_any_other_content_counts(folder, data):
    """Cut, lengthened, emptied or replaced by anything: the file is named."""
    name, path = data.draw(st.sampled_from(sorted(files_below(folder))), "file")
    before = path.read_bytes()
    after = data.draw(st.one_of(st.binary(max_size=64), st.just(before + b"\n"), st.just(before[:-1])), "content")

    path.write_bytes(after)
    found = [each.name for each in broken_seals(folder)]
    path.write_bytes(before)

    assert found == ([] if after == before else [name])


def test_a_file_that_is_gone_or_new_is_named(tmp_path):
    """Also one that only looks like a file of ours."""
    folder = sealed(tmp_path)
    (folder / "metrics.json").unlink()
    (folder / "plugins" / "more.py").write_text("")
    (folder / ".metrics.json.1.tmp").write_text("")

    assert broken_seals(folder) == [
        Broken(".metrics.json.1.tmp", "added"), Broken("metrics.json", "missing"), Broken("plugins/more.py", "added"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["metrics.json", "plugins"])
def test_a_link_to_the_same_bytes_is_named(tmp_path, name):
    """What it leads to can change without anybody touching the folder."""
    folder = sealed(tmp_path / "runs")
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")

    assert name in {each.name for each in broken_seals(folder)}


def test_a_missing_seal_is_named(tmp_path):
    """It can't be got around by taking it away."""
    folder = sealed(tmp_path)
    (folder / SEAL).unlink()

    assert (broken_seals(folder), seal_digest(folder)) == ([Broken(SEAL, "missing")], None)


def test_the_digest_of_a_seal_stands_for_all_files(tmp_path):
    """Whoever has written it down finds out that a folder was sealed anew."""
    folder = sealed(tmp_path)
    before = seal_digest(folder)
    (folder / "metrics.json").write_text("{}")
    write_seal(folder)

    assert broken_seals(folder) == []
    assert before != seal_digest(folder)


def test_a_run_that_is_done_is_sealed(tmp_path, monkeypatch):
    """The seal is written before the manifest says so: without it there is no DONE."""

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    directory = RunDirectory.create(tmp_path, name="x", spec_hash="ab" * 32, provenance={}, redact=Redactor({}))
    with monkeypatch.context() as patch:
        patch.setattr("runner.archive.directory.write_seal", fail)
        with pytest.raises(OSError, match="No space"):
            directory.finish("DONE")

    assert '"status": "RUNNING"' in (directory.path / "manifest.json").read_text()
    directory.finish("FAILED", error="No space")
    assert broken_seals(directory.path) == []


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_i18_nobody_else_may_look_into_a_run(tmp_path, umask):
    """Folders are 0700 and files 0600, whatever the umask."""
    before = os.umask(umask)
    try:
        folder = sealed(tmp_path / "runs") if umask != 0o777 else _sealed_below(tmp_path)
    finally:
        os.umask(before)

    own = [path for path in folder.rglob("*") if path.parent.name != "inputs" and path.name != "inputs"]
    folders = {path.stat().st_mode & 0o777 for path in (folder, *own) if path.is_dir()}
    files = {path.stat().st_mode & 0o777 for path in own if path.is_file()}
    assert (folders, files) == ({0o700}, {0o600})


def _sealed_below(runs):
    """Seal a run in folders that are there: one that nobody may enter couldn't hold any."""
    (runs / "x").mkdir()
    (runs / "x").chmod(0o700)
    directory = RunDirectory.create(runs, name="x", spec_hash="ab" * 32, provenance={}, redact=Redactor({}))
    directory.write_text("plugins/mine.py", "x = 1\n")
    directory.finish("DONE")
    tagged(directory.path, ["good"])
    return directory.path


@pytest.mark.parametrize("name", ["seal.json", "notes.json", "unpacked.json", "metrics.json"])
def test_a_link_in_the_place_of_a_file_is_named_also_beside_the_seal(tmp_path, name):
    """What a link leads to may change, or be gone, without the folder being touched."""
    folder = sealed(tmp_path / "runs")
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")

    assert broken_seals(folder) == [Broken(name, "no regular file any more")]


@pytest.mark.parametrize("name", ["notes.json", "unpacked.json", "seal.json", "manifest.json", "inputs/pipe"])
def test_a_pipe_in_the_place_of_a_file_is_named_at_once(tmp_path, name):
    """Nobody writes to it: whoever read it would wait for ever."""
    folder = sealed(tmp_path / "runs")
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)

    assert [each.name for each in broken_seals(folder)] == [name]
    assert seal_digest(folder) is None or name != "seal.json"
