"""Run directories: exclusive, atomic, honest about how a run ended."""

import html
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from runner.archive.directory import RunDirectory, new_folder
from runner.archive.redact import Redactor, secret_faults
from runner.archive.run import load
from runner.errors import RunError

NOTHING = Redactor({})


def created(runs, redact=NOTHING) -> RunDirectory:
    return RunDirectory.create(runs, name="x", spec_hash="ab" * 32, provenance={"seed": 1}, redact=redact)


def test_a_hundred_threads_get_a_hundred_folders(tmp_path):
    """mkdir decides who was first; nobody overwrites."""
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: new_folder(tmp_path / "runs", "same"), range(100)))

    assert len(set(made)) == 100


def test_a_new_run_is_running_until_it_is_finished(tmp_path):
    """The manifest is there from the first moment."""
    directory = created(tmp_path)
    begun = load(directory.path).status
    directory.finish("DONE", result_digest="r")

    assert begun == "RUNNING"
    assert (load(directory.path).status, load(directory.path).result_digest) == ("DONE", "r")


def test_nothing_but_whole_files_is_ever_there(tmp_path):
    """No temporary file stays behind."""
    directory = created(tmp_path)
    directory.write_text("report.html", "x")
    directory.write_table("fills", {"ts": np.array([1]), "symbol": np.array(["A"])})
    directory.finish("DONE")

    assert {p.name for p in directory.path.iterdir()} == {
        "manifest.json", "run.log", "report.html", "fills.parquet", "seal.json",
    }  # fmt: skip


@pytest.mark.parametrize("broken", ["update", "log"])
def test_a_directory_that_cannot_be_begun_is_not_left_behind(tmp_path, monkeypatch, broken):
    """If the first manifest or the first line of the log can't be written, nothing stays."""

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RunDirectory, broken, fail)

    with pytest.raises(RunError, match="No space left on device"):
        created(tmp_path)

    assert list((tmp_path / "x").iterdir()) == []


def test_a_last_manifest_that_cannot_be_written_can_be_tried_again(tmp_path, monkeypatch):
    """DONE fails for want of room; FAILED is written then, and not both."""
    directory = created(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("runner.archive.directory.write_text", lambda *_: (_ for _ in ()).throw(OSError(28, "No space")))
        with pytest.raises(OSError, match="No space"):
            directory.finish("DONE", result_digest="r")
    finished = directory.is_finished
    directory.finish("FAILED", error="No space")

    assert (finished, load(directory.path).status, load(directory.path).result_digest) == (False, "FAILED", None)


def test_a_request_to_stop_waits_until_the_last_manifest_is_written(tmp_path, monkeypatch):
    """A signal in the middle of finish arrives after it."""
    directory = created(tmp_path)
    update = RunDirectory.update

    def interrupted(self, **values):
        os.kill(os.getpid(), signal.SIGINT)
        update(self, **values)

    monkeypatch.setattr(RunDirectory, "update", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    try:
        with pytest.raises(KeyboardInterrupt):
            directory.finish("DONE", result_digest="r")
    finally:
        signal.signal(signal.SIGINT, before)

    assert (directory.is_finished, load(directory.path).status) == (True, "DONE")


def test_nan_is_never_written_as_json(tmp_path):
    """A figure that isn't a number is our bug, not a file nobody can read."""
    directory = created(tmp_path)

    with pytest.raises(ValueError, match="JSON compliant"):
        directory.write_json("metrics.json", {"sharpe": float("nan")})
    directory.finish("FAILED")

    assert not (directory.path / "metrics.json").exists()


@pytest.mark.parametrize("secret", ["s3cr3t-value", 'with"quote-and\\slash', "tok&en<value"])
def test_secrets_are_replaced_by_their_names_in_text_json_and_log(tmp_path, secret):
    """Whatever way a secret gets into a text, it isn't written."""
    directory = created(tmp_path, Redactor({"BROKER_TOKEN": secret, "HOME": "/home/x", "SHORT_KEY": "abc"}))
    directory.write_text("spec.yaml", f"a: {secret}")
    directory.write_text("report.html", f"<p>{html.escape(secret)}</p>")
    directory.write_json("quality.json", {"note": f"x {secret} y", "home": "/home/x abc"})
    directory.log("event", text=secret)
    directory.finish("FAILED", error=f"bad {secret}")

    texts = [path.read_text() for path in directory.path.iterdir()]
    assert not any(
        spelling in text for text in texts for spelling in (secret, json.dumps(secret)[1:-1], html.escape(secret))
    )
    assert "<BROKER_TOKEN>" in (directory.path / "spec.yaml").read_text()
    assert "/home/x abc" in (directory.path / "quality.json").read_text()


def test_a_folder_that_cannot_be_written_is_an_error_that_says_so(tmp_path):
    """A file stands where the runs folder should be."""
    (tmp_path / "runs").write_text("")

    with pytest.raises(RunError, match="runs: must be a folder that can be written"):
        created(tmp_path / "runs")


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (None, "must be a run directory"),
        ("{", "must be JSON"),
        ("[]", "must be of format 1 or 2"),
        ('{"format": 99}', "was format 99"),
    ],
)
def test_what_is_not_a_run_directory_is_refused(tmp_path, manifest, message):
    """Missing, broken or later manifests are named."""
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)

    with pytest.raises(RunError, match=message):
        load(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["PGPASSWORD", "MYSQL_PWD", "GITHUBTOKEN", "ALPACA_SECRET", "AWS_SECRET_ACCESS_KEY", "APIKEY", "SLACK_TOKENS", "X_PAT"],
)
def test_a_variable_is_known_for_a_secret_by_its_name(name):
    """Also where programs glue the word to their own name."""
    assert [fault.where for fault in secret_faults({"name": "my-hunter22"}, {name: "hunter22"})] == ["name"]


@pytest.mark.parametrize("name", ["PWD", "OLDPWD", "HOME", "KEYBOARD", "MONKEY", "TOKENIZERS_PARALLELISM", "COMPASS", "PATH"])
def test_other_variables_are_not_taken_for_secrets(name):
    """The folder somebody works in may well stand in a run."""
    assert secret_faults({"data": "/home/x/prices"}, {name: "/home/x/prices"}) == []
