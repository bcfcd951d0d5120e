"""The look for the planted secret finds it wherever it may hide, so that its silence means something."""

import base64
import os
import subprocess
import sys
from urllib.parse import quote, quote_plus

import pytest

from tests.architecture.source_tree import ROOT
from tests.canary import CANARY, VARIABLE, Watch, leaks_in

RAW = CANARY.encode()


@pytest.mark.parametrize(
    "written",
    [
        RAW,
        RAW.hex().encode(),
        RAW.hex().upper().encode(),
        quote(CANARY, safe="").encode(),
        quote_plus(CANARY).encode(),
        RAW[::-1],
        *(base64.b64encode(b"u" * before + RAW + b"after") for before in range(4)),
        *(base64.urlsafe_b64encode(b"u" * before + RAW) for before in range(4)),
    ],
    ids=range(14),
)
def test_every_form_is_found(written):
    """Whatever stands around it."""
    assert leaks_in(b"before" + written + b"behind")
    assert not leaks_in(b"before" + written[: len(written) // 2] + b"behind")


def test_it_is_found_in_files_of_any_depth_and_in_their_names(tmp_path, monkeypatch):
    """Also where a read ends in the middle of it."""
    monkeypatch.setattr("tests.canary.CHUNK", 64)
    (tmp_path / "a" / "b").mkdir(parents=True)
    for before in (0, 50, 63):
        (tmp_path / "a" / "b" / f"{before}").write_bytes(b"." * before + RAW + b"." * 100)
    (tmp_path / "clean").write_bytes(b"nothing" * 100)
    watch = Watch()

    watch.look(tmp_path)

    assert sorted({found.split()[0] for found in watch.found}) == [f"a/b/{before}" for before in (0, 50, 63)]
    assert watch.files == 4
    for path in (tmp_path / "a" / "b").iterdir():
        path.unlink()


LEAKING = """
import base64, os
SECRET = os.environ["{variable}"]
def test_writes(tmp_path):
    (tmp_path / "log").write_bytes(base64.b64encode(b"key=" + SECRET.encode()) if {writes} else b"")
def test_prints():
    print(SECRET if {prints} else "")
"""


@pytest.mark.parametrize(("writes", "prints", "code"), [(False, False, 0), (True, False, 1), (False, True, 1)])
def test_i1_a_run_in_which_it_was_written_fails(tmp_path, writes, prints, code):
    """Though every test of it passed."""
    path = tmp_path / "test_leaking.py"
    path.write_text(LEAKING.format(variable=VARIABLE, writes=writes, prints=prints))
    words = ["-q", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), "-p", "tests.conftest"]
    beside = tmp_path.parent / f"{tmp_path.name}-beside"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, f"--basetemp={beside}", str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    for log in beside.rglob("log"):
        log.unlink()

    assert done.returncode == code, done.stdout + done.stderr
    assert "2 passed" in done.stdout
    assert ("A SECRET WAS WRITTEN" in done.stdout) is bool(code)
