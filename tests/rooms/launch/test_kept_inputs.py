"""The input files of a run: told by the names of its digests, found by their bytes, laid where the same names lead to them."""

import hashlib

import pytest

from runner.errors import RunError
from runner.launch.kept_inputs import Input, found_inputs, inputs_of, relaid
from runner.market.input_files import find_files

EVENTS = {"earnings": {"path": "there/earnings.csv"}}


def digest(text):
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def spec(data, events=None):
    """Return plain values with what matters here."""
    return {"data": data, "events": events or {}}


@pytest.mark.parametrize(
    ("values", "name", "where", "inside"),
    [
        (spec({"kind": "csv", "path": "a"}), "bars.csv", ("data", "path"), "bars.csv"),
        (spec({"kind": "csv", "path": "a"}), "2024/bars.csv", ("data", "path"), "2024/bars.csv"),
        (spec({"kind": "csv", "path": "a"}, EVENTS), "events/earnings/earnings.csv", ("events", "earnings", "path"), "earnings.csv"),
        (spec({"kind": "csv", "path": "a"}), "events/earnings/earnings.csv", ("data", "path"), "events/earnings/earnings.csv"),
        (spec({"kind": "csv", "path": "a", "factors": "f.csv"}), "factors/f.csv", ("data", "factors"), "f.csv"),
        (spec({"kind": "combined", "parts": {"daily": {"kind": "parquet", "path": "a"}}}), "daily/x/b.parquet", ("data", "parts", "daily", "path"), "x/b.parquet"),
    ],
)  # fmt: skip
def test_a_name_says_what_the_file_was_read_for(values, name, where, inside):
    """Data, events, factors, and each part of combined data."""
    assert inputs_of(values, {name: "ab"}) == [Input(name, "ab", where, inside)]


@pytest.mark.parametrize("data", [{"kind": "sample"}, {"kind": "generated"}, {"kind": "tickdb"}])
def test_what_is_no_file_of_the_users_is_left_out(data):
    """A package, a generator and a service give the same to everybody."""
    assert inputs_of(spec(data), {"something": "ab"}) == []


@pytest.mark.parametrize("name", ["../up.csv", "/etc/passwd", "a/../../up.csv", "a//b.csv", "."])
def test_i9_a_name_that_leads_elsewhere_is_refused(name):
    """A manifest may come from anywhere."""
    with pytest.raises(RunError, match="must be called by a path below a folder"):
        inputs_of(spec({"kind": "csv", "path": "a"}), {name: "ab"})


LAYOUTS = {
    "one file": ({"kind": "csv", "path": "bars.txt"}, ["bars.txt"], (".csv",)),
    "a folder": ({"kind": "csv", "path": "bars"}, ["a.csv", "deep/b.csv.gz"], (".csv", ".csv.gz", ".zip")),
    "a glob of other ends": ({"kind": "csv", "path": "bars/*.txt"}, ["a.txt", "b.txt"], (".csv",)),
    "brackets": ({"kind": "parquet", "path": "bars"}, ["[a].parquet", "b.parquet"], (".parquet",)),
}


@pytest.mark.parametrize(("data", "names", "ends"), LAYOUTS.values(), ids=LAYOUTS)
def test_the_new_path_leads_to_the_same_names(tmp_path, data, names, ends):
    """Files are found under whatever name they have today, and are read under the names that they had."""
    values, digests = spec(data), {name: digest(name) for name in names}
    (tmp_path / "today").mkdir()
    for number, name in enumerate(names):
        (tmp_path / "today" / digest(name)).write_text(name)
        (tmp_path / "today" / f"other-{number}").write_text("other")
    found = found_inputs(values, inputs_of(values, digests), [tmp_path / "today"])

    new = relaid(values, found.found, tmp_path / "laid")

    files = find_files(new["data"]["path"], ends)
    assert {file.name: file.path.read_text() for file in files} == {name: name for name in names}
    assert values["data"]["path"] == data["path"]
    assert (dict(found.changed), found.missing) == ({}, ())


@pytest.mark.parametrize("pairs", [1, 2])
def test_files_with_others_beside_them_are_told_apart(tmp_path, pairs):
    """The path leads to the first files alone, and the others lie in the same folder."""
    data = {"kind": "csv", "path": "x", "beside": {"find": "_book_", "replace": "_message_"}}
    names = [f"{number}{part}1.csv" for number in range(pairs) for part in ("_book_", "_message_")]
    values = spec(data)
    for name in names:
        (tmp_path / name).write_text(name)
    found = found_inputs(values, inputs_of(values, {name: digest(name) for name in names}), [tmp_path])

    new = relaid(values, found.found, tmp_path / "laid")

    files = find_files(new["data"]["path"], (".csv",))
    assert [file.name for file in files] == [name for name in names if "_book_" in name]
    assert all(file.path.with_name(file.name.replace("_book_", "_message_")).is_file() for file in files)


def test_files_are_looked_for_where_the_spec_says(tmp_path):
    """A single file, one below a folder, one that a glob has matched; what has other bytes is told apart from what is gone."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "bars.csv").write_text("bars")
    (tmp_path / "deep" / "b.csv").write_text("changed")
    values = spec({"kind": "csv", "path": str(tmp_path / "*" / "*.csv")}, {"e": {"path": str(tmp_path / "bars.csv")}})
    digests = {"deep/b.csv": digest("as it was"), "deep/gone.csv": digest("gone"), "events/e/bars.csv": digest("bars")}

    found = found_inputs(values, inputs_of(values, digests), [])

    assert {each.name: path.name for each, path in found.found.items()} == {"events/e/bars.csv": "bars.csv"}
    assert [each.name for each in found.changed] == ["deep/b.csv"]
    assert [each.name for each in found.missing] == ["deep/gone.csv"]


def test_a_place_that_is_not_there_is_told(tmp_path):
    """Rather than that the files aren't in it."""
    with pytest.raises(RunError, match="--data: must be a file or a folder"):
        found_inputs(spec({"kind": "csv", "path": "a"}), [], [tmp_path / "nowhere"])
