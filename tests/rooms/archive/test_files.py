"""Files are read as they are, or it is said at once that they can't be."""

import os
from pathlib import Path

import pytest

from runner.archive.files import json_in, json_of, read_bytes

OPEN = Path("/proc/self/fd")


def test_a_file_is_read_as_it_is(tmp_path):
    """Byte by byte, and as what its text says."""
    (tmp_path / "a").write_bytes(b'{"a": [1, null]}\r\n')

    assert read_bytes(tmp_path / "a") == b'{"a": [1, null]}\r\n'
    assert json_of(tmp_path / "a") == {"a": [1, None]}


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero"), lambda _: None])
def test_what_is_no_file_is_told_at_once(tmp_path, make):
    """Nobody writes to the pipe, and a device never ends."""
    make(tmp_path / "a")

    with pytest.raises(OSError, match=r"no regular file|No such file"):
        read_bytes(tmp_path / "a")


def test_no_file_is_left_open(tmp_path):
    """Whatever it was."""
    os.mkfifo(tmp_path / "a")
    (tmp_path / "b").write_bytes(b"x")
    before = len(list(OPEN.iterdir()))

    for _ in range(5):
        read_bytes(tmp_path / "b")
        with pytest.raises(OSError, match="no regular file"):
            read_bytes(tmp_path / "a")

    assert len(list(OPEN.iterdir())) == before


def test_a_text_that_is_too_deep_is_no_json():
    """It would take all the stack."""
    with pytest.raises(ValueError, match="too deep"):
        json_in("[" * 200_000)
