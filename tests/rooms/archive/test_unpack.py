"""I9: archives that mean harm are refused, each with nothing kept and nothing written elsewhere."""

import hashlib
import io
import json
import stat
import struct
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.archive.layout import entry_info
from runner.archive.pack import pack
from runner.archive.unpack import unpack
from runner.errors import RunError
from tests.long import many
from tests.rooms.archive.sealed_runs import sealed_run

TOP = "x-20260101T000000Z-abababab"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the bytes of a good archive."""
    folder = tmp_path_factory.mktemp("good")
    run = sealed_run(folder / "runs")
    pack(run, folder / "a.zip")
    return (folder / "a.zip").read_bytes()


def entries_of(whole):
    """Return name → bytes of a good archive."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(entries, change=lambda _: None):
    """Return an archive of these entries, written the way ours are, but for what `change` does to each."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries:
            info = entry_info(name, len(content))
            change(info)
            archive.writestr(info, content)
    return buffer.getvalue()


def relisted(entries):
    """Return entries with an `archive.json` that lists them all: whoever means harm can write one."""
    top = next(iter(entries)).partition("/")[0]
    said = json.loads(entries[f"{top}/archive.json"])
    said["files"] = {
        name.removeprefix(f"{top}/"): {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in entries.items()
        if name != f"{top}/archive.json"
    }
    return sorted({**entries, f"{top}/archive.json": json.dumps(said).encode()}.items())


def refused(tmp_path, content, match="must"):
    """Try to unpack, and see that nothing was kept, here or further up."""
    deep = tmp_path / "some" / "where"
    deep.mkdir(parents=True)
    (deep / "bad.zip").write_bytes(content)
    with pytest.raises(RunError, match=match):
        unpack(deep / "bad.zip", deep / "in")
    assert [path.name for path in tmp_path.rglob("*") if not path.is_dir()] == ["bad.zip"]
    assert not list(tmp_path.rglob(".unpacking*"))


NAMES = {
    "way up": "{top}/run/../../../up",
    "way up at the top": "../up",
    "absolute": "/etc/passwd",
    "way up in the middle": "{top}/run/plugins/../../up",
    "here": "{top}/run/./spec2",
    "nothing between": "{top}/run//spec2",
    "folder": "{top}/run/folder/",
    "drive": "C:/up",
    "drive below": "{top}/run/C:up",
    "backslashes": "{top}\\run\\..\\..\\up",
    "share": "//host/share/up",
    "space": "{top}/run/a b",
    "line break": "{top}/run/a\nb",
    "escape": "{top}/run/\x1b[2J",
    "turned text": "{top}/run/\u202eyp.x",
    "wide dots": "{top}/run/\uff0e\uff0e/up",
    "dots alone": "{top}/run/.../up",
    "long": "{top}/run/" + "a" * 300,
    "long in all": "{top}/run/" + "/".join(["a" * 100] * 3),
    "deep": "{top}/run/" + "/".join("a" * 20),
    "another top": "y/run/spec2",
    "no top": "spec2",
    "another folder": "{top}/bin/spec2",
    "below inputs": "{top}/inputs/a/b",
    "our mark": "{top}/run/unpacked.json",
    "data of the run": "{top}/run/inputs/spec2",
    "percent": "{top}/run/%2e%2e",
    "tilde": "{top}/run/~root",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_i9_no_name_leads_elsewhere(tmp_path, whole, name):
    """Absolute, up, by drive, by signs that look like others: refused before anything is written."""
    entries = entries_of(whole)
    top = next(iter(entries)).partition("/")[0]
    entries[name.format(top=top)] = b"owned"

    refused(tmp_path, zipped(relisted(entries)))


def test_i9_a_name_that_ends_in_nul(tmp_path, whole):
    """Readers that stop at the sign would take it for another."""
    entries = entries_of(whole)
    top = next(iter(entries)).partition("/")[0]
    entries[f"{top}/run/specX.yaml"] = b"owned"
    content = zipped(relisted(entries)).replace(b"run/specX.yaml", b"run/spec\0.yaml")

    refused(tmp_path, content)


MODES = {
    "symbolic link": stat.S_IFLNK | 0o777, "device": stat.S_IFCHR | 0o600, "block device": stat.S_IFBLK | 0o600, "pipe": stat.S_IFIFO | 0o600,
    "socket": stat.S_IFSOCK | 0o600, "folder": stat.S_IFDIR | 0o700, "set user id": stat.S_IFREG | 0o4755, "for all": stat.S_IFREG | 0o666, "nothing": 0,
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_i9_only_regular_files(tmp_path, whole, mode):
    """Links, devices, pipes, and rights that ours don't have."""
    entries = entries_of(whole)
    top = next(iter(entries)).partition("/")[0]
    entries[f"{top}/run/link"] = b"/etc/passwd"

    def change(info):
        if info.filename.endswith("/link"):
            info.external_attr = mode << 16

    refused(tmp_path, zipped(relisted(entries), change), "external attr")


CHANGES = {
    "packed": ("compress_type", zipfile.ZIP_DEFLATED),
    "another system": ("create_system", 0),
    "a date": ("date_time", (2026, 1, 1, 0, 0, 0)),
    "a comment": ("comment", b"x"),
    "an extra field": ("extra", struct.pack("<HH4s", 0x7075, 4, b"evil")),
}


@pytest.mark.parametrize(("part", "value"), CHANGES.values(), ids=CHANGES)
def test_i9_no_spelling_but_ours(tmp_path, whole, part, value):
    """Names may hide in extra fields, bombs in what is packed."""
    refused(tmp_path, zipped(sorted(entries_of(whole).items()), lambda info: setattr(info, part, value)))


def test_i9_a_bomb(tmp_path, whole):
    """Ten megabytes of zeros in ten kilobytes: what is packed isn't unpacked to see."""
    entries = entries_of(whole)
    top = next(iter(entries)).partition("/")[0]
    entries[f"{top}/run/zeros"] = bytes(10_000_000)

    def change(info):
        if info.filename.endswith("zeros"):
            info.compress_type = zipfile.ZIP_DEFLATED

    content = zipped(relisted(entries), change)
    assert len(content) < 200_000
    refused(tmp_path, content, "compress type")


def test_i9_a_bomb_of_overlapping_entries(tmp_path, whole):
    """Many lines of the directory that all mean the same bytes."""
    content = zipped(sorted(entries_of(whole).items()))
    at = content.rindex(b"PK\x05\x06")
    start = struct.unpack("<L", content[at + 16 : at + 20])[0]
    lines = content[start:at]
    first = lines[: 46 + struct.unpack("<H", lines[28:30])[0]]
    count = struct.unpack("<H", content[at + 10 : at + 12])[0] + 1
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(lines) + len(first), start, 0)

    refused(tmp_path, content[:start] + first + lines + end)


def test_i9_too_many_entries(tmp_path):
    """Files without number are refused by their number."""
    refused(tmp_path, zipped([(f"{TOP}/run/{number:05d}", b"") for number in range(10_001)]), "entries")


CLASHES = {
    "twice": "spec.yaml",
    "upper case": "SPEC.yaml",
    "a file and a folder": "spec.yaml/inside",
    "a folder and a file": "Plugins",
}


@pytest.mark.parametrize("name", CLASHES.values(), ids=CLASHES)
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_i9_no_name_twice(tmp_path, whole, name):
    """Nor alike but for upper and lower case, nor both a file and a folder."""
    entries = entries_of(whole)
    top = next(iter(entries)).partition("/")[0]
    more = sorted(
        [
            *relisted({**entries, f"{top}/run/{name}": b"owned"}),
            *([(f"{top}/run/{name}", b"owned")] if name == "spec.yaml" else []),
        ]
    )

    refused(tmp_path, zipped(more), "there already")


@pytest.mark.parametrize("where", ["before", "behind", "between", "comment"])
def test_i9_nothing_but_its_entries(tmp_path, whole, where):
    """What hides before, behind or between them may be another archive to another reader."""
    hidden = b"#!/bin/sh\n"
    start = struct.unpack("<L", whole[-6:-2])[0]
    if where == "comment":
        content = whole[:-2] + struct.pack("<H", len(hidden)) + hidden
    elif where == "between":
        content = whole[:start] + hidden + whole[start:-6] + struct.pack("<L", start + len(hidden)) + whole[-2:]
    else:
        content = hidden + whole if where == "before" else whole + hidden

    refused(tmp_path, content)


def _tar(member, content=b""):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _member(name, kind=tarfile.REGTYPE, link=""):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, link
    return member


TARS = {
    "a way up": _member("../up"),
    "a link out of the folder": _member("a", tarfile.SYMTYPE, "/etc"),
    "a hard link out of the folder": _member("a", tarfile.LNKTYPE, "../up"),
    "a link through a long path": _member("a/" * 60 + "b", tarfile.SYMTYPE, "../" * 80 + "etc/passwd"),
    "a device": _member("null", tarfile.CHRTYPE),
    "a pipe": _member("pipe", tarfile.FIFOTYPE),
}


@pytest.mark.parametrize("member", TARS.values(), ids=TARS)
def test_i9_tape_archives_are_no_archives_of_runs(tmp_path, member):
    """Whatever links and ways they have: they aren't read at all."""
    refused(tmp_path, _tar(member), "must be an archive of a run")


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"PK\x05\x06" + bytes(18), b"\0" * 1000, b"hello"],
    ids=["empty", "two", "no entries", "zeros", "text"],
)
def test_i9_what_is_no_archive(tmp_path, content):
    """Said in words, without a traceback."""
    refused(tmp_path, content)


LISTS = {
    "a way up": {"run": "../../up"}, "absolute": {"run": "/tmp/up"}, "no stamp": {"run": "x"}, "another run": {"run": "x/20260101T000000Z-00000000"},
    "no text": {"run": 7}, "a later format": {"format": 99}, "no files": {"files": {}}, "no mapping": {"files": []},
}  # fmt: skip


@pytest.mark.parametrize("said", LISTS.values(), ids=LISTS)
def test_i9_the_list_inside_is_not_believed(tmp_path, whole, said):
    """Where it says another run, another format or other files."""
    entries = entries_of(whole)
    top = next(iter(entries)).partition("/")[0]
    entries[f"{top}/archive.json"] = json.dumps({**json.loads(entries[f"{top}/archive.json"]), **said}).encode()

    refused(tmp_path, zipped(sorted(entries.items())))


def test_i9_a_run_that_was_changed_before_it_was_packed(tmp_path, whole):
    """The list fits, the run's own seal doesn't."""
    entries = entries_of(whole)
    top = next(iter(entries)).partition("/")[0]
    entries[f"{top}/run/metrics.json"] = b'{"sharpe": 9.9}\n'

    refused(tmp_path, zipped(relisted(entries)), r"metrics\.json changed")


def test_i9_a_place_that_is_a_link_is_not_followed(tmp_path, whole):
    """Somebody has put a link where the run would go."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "a.zip").write_bytes(whole)

    with pytest.raises(RunError, match="must be"):
        unpack(tmp_path / "a.zip", tmp_path / "in")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@settings(max_examples=many(150, 5_000))
@given(data=st.data())
def test_i9_a_byte_of_an_archive_that_changed_is_never_a_run(tmp_path_factory, whole, data):
    """Wherever it is: in names, headers, contents, lists."""
    tmp_path = tmp_path_factory.mktemp("changed")
    at = data.draw(st.integers(0, len(whole) - 1), "place")
    value = data.draw(st.integers(0, 255).filter(lambda value: value != whole[at]), "byte")

    refused(tmp_path, whole[:at] + bytes([value]) + whole[at + 1 :])


@given(length=st.floats(0, 1, exclude_max=True))
def test_i9_an_archive_that_was_cut_is_never_a_run(tmp_path_factory, whole, length):
    """At any length."""
    refused(tmp_path_factory.mktemp("cut"), whole[: int(length * len(whole))])


def test_i9_every_bit_of_the_directory_counts(tmp_path, whole):
    """Also of the last entry's line, where lenient readers pass over a name, a remark or a field longer than there is."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        start = archive.start_dir
    (tmp_path / "in").mkdir()

    for place in range(start, len(whole)):
        for bit in range(8):
            changed = whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :]
            (tmp_path / "bad.zip").write_bytes(changed)
            with pytest.raises(RunError):
                unpack(tmp_path / "bad.zip", tmp_path / "in")
    assert [path.name for path in tmp_path.rglob("*") if not path.is_dir()] == ["bad.zip"]
