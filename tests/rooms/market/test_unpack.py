"""Packed files, packed here, some of them with bad intent."""

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.market import unpack
from runner.market.unpack import UnpackError, opened, unpacked


def zipped(*members, **options):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return held.getvalue()


@given(st.binary(max_size=200))
def test_what_was_packed_comes_back(data):
    """Gzip and zip of one file give its bytes."""
    assert unpacked(gzip.compress(data)) == data
    assert unpacked(zipped(("a.csv", data))) == data


def test_what_is_not_packed_is_left_alone():
    """The first bytes decide, and text doesn't begin like an archive."""
    assert unpacked(b"PK,open\n1,2\n") == b"PK,open\n1,2\n"
    assert unpacked(b"") == b""


def test_folders_in_an_archive_do_not_count():
    """One file in a folder is one file."""
    assert unpacked(zipped(("bars/", b""), ("bars/a.csv", b"1,2"))) == b"1,2"


def test_the_name_in_an_archive_is_never_a_path(tmp_path, monkeypatch):
    """A member that climbs out of its folder is read like any other, and nothing is written."""
    monkeypatch.chdir(tmp_path)

    assert unpacked(zipped(("../../evil.csv", b"1,2"))) == b"1,2"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped(("a.csv", b"1"), ("b.csv", b"2")), "the archive must hold one file and holds 2: a.csv, b.csv"),
        (zipped(), "the archive must hold one file and holds 0"),
        (b"PK\x03\x04 and nothing more", "File is not a zip file"),
    ],
)
def test_archives_that_are_not_one_file_are_refused(data, reason):
    """Which of several files is meant is not guessed."""
    with pytest.raises(UnpackError) as caught:
        unpacked(data)

    assert str(caught.value) == reason


def test_an_encrypted_archive_is_refused():
    """The flag in the directory says so; nobody is asked for a password."""
    data = bytearray(zipped(("a.csv", b"1,2")))
    data[data.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(UnpackError, match=r"^the archive is encrypted$"):
        unpacked(bytes(data))


def test_a_damaged_archive_is_refused():
    """Bytes that don't have the sum the directory gives are not used."""
    data = bytearray(zipped(("a.csv", b"1,2,3,4,5,6")))
    data[data.index(b"a.csv") + 7] ^= 0xFF

    with pytest.raises((UnpackError, EOFError)):
        unpacked(bytes(data))


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped(("a.csv", data))])
def test_bombs_are_refused_before_they_fill_the_memory(pack):
    """Zeros pack a thousandfold; market data never do."""
    bomb = pack(bytes(2 * unpack.HARMLESS))

    with pytest.raises(UnpackError, match=r"^it unpacks to more than 300 times its size$"):
        unpacked(bomb)


def test_files_beyond_the_largest_are_refused(monkeypatch):
    """There is an end, whatever the ratio."""
    monkeypatch.setattr(unpack, "LARGEST", 10)

    with pytest.raises(UnpackError, match=r"^it unpacks to more than 0 GiB$"):
        unpacked(gzip.compress(b"12345678901"))


def test_a_reader_takes_no_more_than_it_needs():
    """The first line of a bomb is read without setting it off."""
    bomb = io.BytesIO(gzip.compress(b"open,close\n" + bytes(2 * unpack.HARMLESS)))

    with opened(bomb) as stream:
        assert stream.readline() == b"open,close\n"
    assert bomb.tell() < len(bomb.getvalue())
