"""`runner mlflow`: a finished run in MLflow's own file, read back by SQL."""

import json
import shutil
import sqlite3
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from runner.archive.directory import FORMATS, RunDirectory
from runner.archive.notes import noted, tagged
from runner.archive.redact import Redactor
from runner.archive.unpack import unpack
from runner.cli.mlflow import run
from runner.errors import ConfigError
from tests.command import runner

ARCHIVES = Path(__file__).parents[1] / "golden" / "archives"
needs_mlflow = pytest.mark.skipif(find_spec("mlflow") is None, reason='MLflow is an extra: pip install -e ".[mlflow]"')


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a folder with a run that was tagged and noted."""
    here = tmp_path_factory.mktemp("here")
    folder = unpack(ARCHIVES / f"format-{max(FORMATS)}.zip", here / "runs")
    tagged(folder, ["candidate"])
    noted(folder, "looks right", at="2026-01-01T00:00:00+00:00")
    return here, folder


def rows(here, query):
    with closing(sqlite3.connect(here / "m.db")) as file:
        return file.execute(query).fetchall()


@needs_mlflow
def test_a_run_is_written_once_with_all_that_one_looks_for(place):
    """Values, figures, tags, notes and files, under the run's own times; a second time nothing is added."""
    here, folder = place
    manifest, metrics = (json.loads((folder / name).read_text()) for name in ("manifest.json", "metrics.json"))
    words = ("mlflow", "last", "--to", "sqlite:///m.db")

    first, second = runner(*words, cwd=here), runner(*words, cwd=here)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert second.stdout.splitlines()[-1] == f"{first.stdout.splitlines()[-1]}  there already"
    assert rows(here, "select name, status from runs") == [(folder.name, "FINISHED")]
    assert (folder.parent.name,) in rows(here, "select name from experiments")
    params = dict(rows(here, "select key, value from params"))
    assert (params["signal.params.rows"], params["slippage.kind"]) == ("2", "fixed_bps")
    expected = {key: value for key, value in metrics.items() if isinstance(value, int | float)}
    assert dict(rows(here, "select key, value from metrics")) == pytest.approx(expected)
    tags = dict(rows(here, "select key, value from tags"))
    assert tags["runner.result_digest"] == manifest["result_digest"]
    assert tags["runner.tag.candidate"] == "true"
    assert "looks right" in tags["mlflow.note.content"]
    assert {path.name for path in here.glob("mlruns/*/*/artifacts/*")} >= {"metrics.json", "spec.yaml", "seal.json"}


@needs_mlflow
def test_what_mlflow_cannot_take_is_said(place, tmp_path):
    """A store that isn't there, and a run that hasn't ended: in words, with exit code 2."""
    here, folder = place
    nowhere = runner("mlflow", "last", "--to", "gibberish://somewhere", cwd=here)
    running = RunDirectory.create(tmp_path, name="x", spec_hash="ab" * 32, provenance={}, redact=Redactor({}))
    shutil.copy(folder / "spec.yaml", running.path / "spec.yaml")
    unended = runner("mlflow", str(running.path), "--to", "sqlite:///m.db", cwd=tmp_path)
    running.finish("FAILED")

    assert (nowhere.returncode, unended.returncode) == (2, 2)
    assert "MLflow: must take the run" in nowhere.stderr
    assert "must be a run that has ended, and sealed, was RUNNING" in unended.stderr
    assert "Traceback" not in nowhere.stderr + unended.stderr


def test_without_mlflow_it_is_said_what_to_install(monkeypatch):
    """The extra is named."""
    monkeypatch.setattr("runner.cli.mlflow.find_spec", lambda _: None)

    with pytest.raises(ConfigError, match=r"MLflow is an extra\. Run pip install .runner\[mlflow\]"):
        run(["last"])
