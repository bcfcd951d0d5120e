"""Archives: one file, the same bytes for the same run, readable by anybody."""

import hashlib
import json
import os
import shutil
import zipfile

import pytest

from runner.archive.notes import tagged
from runner.archive.pack import archive_name, pack
from runner.archive.seal import broken_seals, files_below
from runner.archive.unpack import unpack
from runner.errors import RunError
from tests.rooms.archive.sealed_runs import sealed_run


def contents(folder):
    """Return name → bytes of a folder's files."""
    return {name: path.read_bytes() for name, path in files_below(folder)}


@pytest.fixture
def run(tmp_path):
    """Return a run directory."""
    return sealed_run(tmp_path / "runs")


def test_the_same_run_gives_the_same_bytes(tmp_path, run):
    """Whatever the umask, the dates, the order in which files lie there, and where the folder is."""
    other = tmp_path / "elsewhere" / "deep" / "x" / run.name
    other.parent.mkdir(parents=True)
    for name in sorted(contents(run), reverse=True):
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(run / name, other / name)
        os.utime(other / name, (1, 1))
    before = os.umask(0o077)
    try:
        digests = [pack(run, tmp_path / "a.zip"), pack(other, tmp_path / "b.zip")]
    finally:
        os.umask(before)

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert digests == [hashlib.sha256((tmp_path / "a.zip").read_bytes()).hexdigest()] * 2


def test_what_comes_out_is_what_went_in(tmp_path, run):
    """Byte by byte, tags included; packed again it is the same archive."""
    tagged(run, ["good"])
    pack(run, tmp_path / "a.zip")

    found = unpack(tmp_path / "a.zip", tmp_path / "in")
    pack(found, tmp_path / "b.zip")

    assert found == tmp_path / "in" / "x" / run.name
    came = contents(found)
    assert json.loads(came.pop("unpacked.json"))["archive"] == "a.zip"
    assert came == contents(run)
    assert broken_seals(found) == []
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_what_is_unpacked_belongs_to_its_owner(tmp_path, run):
    """Folders 0700 and files 0600, whatever the umask; nothing else is left beside it."""
    pack(run, tmp_path / "a.zip")
    before = os.umask(0o000)
    try:
        found = unpack(tmp_path / "a.zip", tmp_path / "in")
    finally:
        os.umask(before)

    paths = [found, *found.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_file()} == {0o600}
    assert [path.name for path in found.parent.iterdir()] == [run.name]


def test_input_data_come_along_under_their_digests(tmp_path, run):
    """And go where verify looks for them."""
    data = tmp_path / "bars.csv"
    data.write_text("a,b\n1,2\n")
    digest = hashlib.sha256(data.read_bytes()).hexdigest()
    pack(run, tmp_path / "a.zip", {digest: data})

    found = unpack(tmp_path / "a.zip", tmp_path / "in")

    assert (found / "inputs" / digest).read_text() == "a,b\n1,2\n"
    assert broken_seals(found) == []


def test_any_reader_of_zip_files_can_read_it(tmp_path, run):
    """The list inside agrees with what is there."""
    pack(run, tmp_path / "a.zip")

    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        top = f"x-{run.name}"
        listed = json.loads(archive.read(f"{top}/archive.json"))["files"]
        there = {name.removeprefix(f"{top}/"): archive.read(name) for name in archive.namelist()}
    del there["archive.json"]
    assert {name: entry["sha256"] for name, entry in listed.items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in there.items()
    }


def test_the_crate_says_what_archives_ask_for(tmp_path, run):
    """RO-Crate 1.1: the descriptor, the root with its parts, and what made it of which data."""
    pack(run, tmp_path / "a.zip")

    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        crate = json.loads(archive.read(f"x-{run.name}/ro-crate-metadata.json"))
        names = {name.partition("/")[2] for name in archive.namelist()}
    by_id = {each["@id"]: each for each in crate["@graph"]}
    assert len(by_id) == len(crate["@graph"])
    descriptor, root = by_id["ro-crate-metadata.json"], by_id["./"]
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert descriptor["about"] == {"@id": "./"}
    assert {"name", "description", "datePublished", "license"} <= root.keys()
    assert {part["@id"] for part in root["hasPart"]} == names - {"archive.json", "ro-crate-metadata.json"}
    action = by_id["#run"]
    assert action["instrument"] == {"@id": "#runner"}
    assert [by_id[each["@id"]]["sha256"] for each in action["object"]] == ["ab" * 32]


def test_nothing_is_written_over(tmp_path, run):
    """Neither an archive nor a run that is there."""
    pack(run, tmp_path / "a.zip")
    with pytest.raises(RunError, match="must not be there yet"):
        pack(run, tmp_path / "a.zip")
    unpack(tmp_path / "a.zip", tmp_path / "in")
    with pytest.raises(RunError, match="must not be there yet"):
        unpack(tmp_path / "a.zip", tmp_path / "in")


def test_a_file_of_a_strange_name_is_refused_when_it_is_packed(tmp_path, run):
    """Rather than when somebody else can't unpack it; nothing is left."""
    (run / "plugins" / "my strategy.py").write_text("")

    with pytest.raises(RunError, match="must be called by letters"):
        pack(run, tmp_path / "a.zip")
    assert not list(tmp_path.glob("*.zip"))


def test_a_folder_of_another_name_is_refused(tmp_path, run):
    """The archive says which run it is, and it is that by its folder."""
    moved = run.rename(run.with_name("mine"))

    with pytest.raises(RunError, match="must be called as run directories are"):
        pack(moved, tmp_path / archive_name(moved))
