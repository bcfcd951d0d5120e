"""YAML that somebody edits: understood or refused line by line, never run, and started as the spec that was understood."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import runner
from runner.cli.ui import run
from runner.errors import ConfigError
from runner.strict_yaml import read, write
from runner.ui.edited import Editor, experiments
from runner.ui.launching import MOST_AT_ONCE, Launcher
from runner.ui.typed_paths import typed_path_faults


@pytest.fixture(scope="module")
def editor(tmp_path_factory):
    return Editor(tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="module")
def text(editor):
    """Return the default run as YAML."""
    return editor.text("")


def complaints(editor, text):
    found = editor.checked(text)
    assert found.spec is None
    return [(each.line, each.where, each.text) for each in found.complaints]


def test_what_is_composed_is_sound(editor, text):
    """The text one begins with needs nothing mended, and says the default run."""
    found = editor.checked(text)

    assert found.complaints == ()
    assert found.spec.hash == runner.configure().hash


def test_every_experiment_can_be_begun_with(editor, tmp_path):
    """Those that come with Runner, and the user's own."""
    (tmp_path / "conf" / "experiment").mkdir(parents=True)
    (tmp_path / "conf" / "experiment" / "mine.yaml").write_text("# @package _global_\nseed: 7\n")

    assert {"one_share", "cross_section"} <= set(experiments(tmp_path))
    assert read(Editor(tmp_path).text("mine"), "x").value["seed"] == 7


@pytest.mark.parametrize("name", ["../../secret", "nothing", "one_share.yaml", "one_share,slippage=none"])
def test_only_names_that_are_there_are_composed(editor, name):
    """A name is compared, and never becomes part of a command or a path."""
    with pytest.raises(KeyError):
        editor.text(name)


def line_of(text, part):
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.mark.parametrize(
    ("old", "new", "where", "told"),
    [
        ("lookback: 20", "lookback: soon", "signal.params.lookback", "Must be a number"),
        ("seed: 0", "sed: 0", "sed", "Did you mean seed?"),
        ("kind: next_open", "kind: next_opne", "fill.kind", "next_open"),
        ("smooth < buy_below", "smoth < buy_below", "signal.long.enter", "smoth"),
        ("capital: 100000", "capital: -5", "capital", "was -5"),
    ],
)
def test_a_fault_stands_at_its_line(editor, text, old, new, where, told):
    """The same words as in a terminal, at the line that has to be mended."""
    edited = text.replace(old, new, 1)

    ((line, at, words),) = complaints(editor, edited)

    assert (line, at) == (line_of(edited, new), where)
    assert told in words


def test_all_faults_are_said_at_once(editor, text):
    """Of values, kinds and expressions, in the order of the lines."""
    edited = text.replace("lookback: 20", "lookback: soon").replace("seed: 0", "sed: 0").replace("smooth <", "smoth <")

    lines = [line for line, _, _ in complaints(editor, edited)]

    assert len(lines) == 3
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    "more",
    [
        "defaults: [slippage: none]",
        "hydra: {run: {dir: /tmp/x}}",
        "x: !!python/object/apply:os.system [id]",
        "_target_: os.system",
        "runs: {a: 1}\nruns: x",
        "name: ${oc.env:HOME}",
        "name: ${seed}",
        "a: &a [1]\nb: *a",
        "a: " + "[" * 200,
        "a: '" + "x" * 600_000 + "'",
        "\tx",
        "a: \x07",
    ],
)
def test_what_a_file_could_not_say_cannot_be_said_here(editor, text, more):
    """Code, tags, anchors, interpolations, defaults, depth and size: the strict reader's limits hold, and nothing is run."""
    key = more.partition(":")[0]
    rest = "".join(line for line in text.splitlines(keepends=True) if not line.startswith(f"{key}:"))

    assert complaints(editor, f"{rest}{more}\n")


def test_folders_and_sweeps_of_the_text_are_no_part_of_it(editor, text):
    """Where runs go is the page's to say, and a sweep is no run."""
    found = editor.checked(text + "runs: /etc\n")

    assert found.spec is not None
    assert "runs" not in found.spec.model_dump()


def test_a_live_session_is_not_started_from_a_page(editor, text):
    """Real money is asked for twice, in a terminal."""
    edited = text.replace("kind: backtest", "kind: live")

    assert (line_of(edited, "kind: live"), "mode.kind") in [each[:2] for each in complaints(editor, edited)]


def test_a_secret_is_refused_before_it_is_written(editor, text, monkeypatch):
    """What is started is left in a file: the value of a variable that is a secret by its name never gets there."""
    monkeypatch.setenv("BROKER_PASSWORD", "hunter22")
    edited = text.replace("name: pressure_bars", "name: hunter22")

    found = editor.checked(edited)

    assert found.spec is None
    assert [(each.line, each.where) for each in found.complaints] == [(line_of(edited, "name: hunter22"), "name")]
    assert "hunter22" not in found.complaints[0].text


def with_data(text, **data):
    """Return the text with other data."""
    return write(read(text, "x").value | {"data": data})


@pytest.mark.parametrize("end", ["", "/*", "/*.csv", "/.*", "/.env", "/[.]env", "/notes.txt", "/link/.env"])
def test_a_page_looks_into_nothing_but_data(editor, text, tmp_path, end):
    """The first line of a file that isn't called like data is never shown, whether it is there or not."""
    (tmp_path / ".env").write_text("API_KEY=hunter22,b\n")
    (tmp_path / "notes.txt").write_text("hunter22,b\n")
    (tmp_path / "bars.csv").write_text("ticker,when\nA,2020-01-01\n")

    found = complaints(editor, with_data(text, kind="csv", path=f"{tmp_path}{end}"))

    assert found
    assert "hunter22" not in str(found)
    assert ("ticker" in str(found)) is (end in {"", "/*", "/*.csv"})


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"data": {"kind": "combined", "parts": {"a": {"kind": "csv", "path": ".env"}}}}, "data.parts.a.path"),
        ({"data": {"kind": "csv", "path": "x.csv", "beside": {"find": "x.csv", "replace": ".env"}}}, "data.beside.replace"),
        ({"data": {"kind": "csv", "path": "x.csv", "beside": {"find": "csv", "replace": "env"}}}, "data.beside.replace"),
        ({"data": {"kind": "parquet", "path": "x.csv"}}, "data.path"),
        ({"events": {"earnings": {"path": "/etc/passwd"}}}, "events.earnings.path"),
    ],
)
def test_every_path_of_a_spec_is_held_to_that(values, where):
    """Parts of data, the file beside another, and events."""
    assert [fault.where for fault in typed_path_faults(values, {})] == [where]
    assert typed_path_faults(values, values) == []


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"data": 3, "events": ["x"]},
        {"data": {"kind": "csv", "path": "~/prices/*.csv.gz"}},
        {"data": {"kind": "csv", "path": "x.csv", "beside": {"find": "trades", "replace": "quotes"}}},
        {"data": {"kind": "csv", "path": "x.csv", "beside": {"find": ".csv", "replace": "_q.csv"}}},
        {"data": {"kind": "parquet", "path": "."}},
        {"data": {"kind": "sample"}, "events": {"a": {"path": "a.parquet"}}},
    ],
)
def test_paths_of_data_are_no_faults(values):
    """Nor is what can't be a spec: it has faults of its own."""
    assert typed_path_faults(values, {}) == []


def test_what_a_run_read_before_may_be_looked_into_again(editor, text, tmp_path):
    """Somebody who changes a run's other values isn't kept from its data, whatever they are called."""
    (tmp_path / "bars.txt").write_text("ticker,when\nA,2020-01-01\n")
    edited = with_data(text, kind="csv", path=f"{tmp_path}/bars.txt")

    assert "ticker" not in str(editor.checked(edited).complaints)
    assert "ticker" in str(editor.checked(edited, edited).complaints)


def ended(launcher, launched):
    end = time.monotonic() + 120
    while launcher.state(launched).is_running:
        assert time.monotonic() < end
        time.sleep(0.1)
    return launcher.state(launched)


def test_a_run_is_started_in_the_folder_as_it_was_understood(tmp_path, editor, text):
    """This Python, this Runner, whatever else is called so there; the id of the run directory is found."""
    (tmp_path / "runner.py").write_text("raise SystemExit('another runner')")
    spec = editor.checked(text.replace("lookback: 20", "lookback: 6")).spec
    launcher = Launcher(tmp_path / "runs", tmp_path)

    launched = launcher.launch(spec)
    found = ended(launcher, launched)

    assert (found.exit_code, "another runner" in found.output) == (0, False)
    done = runner.load(tmp_path / "runs" / found.run)
    assert done.spec_hash == spec.hash
    assert (launched.folder / "edited.yaml").stat().st_mode & 0o077 == 0
    assert launcher.find(launched.number) is launched
    assert launcher.find("2") is None
    assert launcher.all() == [launched]


class Waiting(Launcher):
    """Starts processes that wait, instead of runs."""

    def _started(self, folder):
        with (folder / "output.log").open("xb") as output:
            words = [sys.executable, "-c", "import time; print('\\x1b[2J5\\xa0% on it', flush=True); time.sleep(600)"]
            return subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT)


def test_only_a_few_runs_go_on_at_once_and_each_can_be_interrupted(tmp_path, editor, text):
    """A page that is clicked too often is told so; a terminal's signs are taken out of what a run says, and no others."""
    launcher, spec = Waiting(tmp_path / "runs", tmp_path), editor.checked(text).spec
    started = [launcher.launch(spec) for _ in range(MOST_AT_ONCE)]
    try:
        with pytest.raises(ConfigError, match="runs at once"):
            launcher.launch(spec)
        end = time.monotonic() + 60
        while "on it" not in launcher.state(started[0]).output:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert launcher.state(started[0]).output.startswith("5\N{NO-BREAK SPACE}% on it")
        launcher.stop(started[0])
        assert ended(launcher, started[0]).exit_code != 0
    finally:
        for each in started:
            each.process.kill()
            each.process.wait()


def test_the_verb_prints_its_address_once_and_ends_by_ctrl_c(tmp_path):
    """The file of the address is gone afterwards, and bad flags are faults."""
    environment = {**os.environ, "PYTHONPATH": str(Path(runner.__file__).parents[1])}
    words = [sys.executable, "-m", "runner", "ui", "--address-file", str(tmp_path / "address")]
    process = subprocess.Popen(
        words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        process.stdout.readline()
        address = process.stdout.readline().strip()
        assert (tmp_path / "address").read_text().strip() == address
        assert address.startswith("http://127.0.0.1:")
    finally:
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)

    assert (process.returncode, output, errors.strip()) == (130, "", "interrupted by SIGINT")
    assert not (tmp_path / "address").exists()


@pytest.mark.parametrize(
    "flags", [("--port", "70000"), ("--port", "x"), ("--host", "0.0.0.0"), ("--runs", "${x}"), ("word",)]
)
def test_what_runner_ui_cannot_be_told_is_a_fault(tmp_path, monkeypatch, flags):
    """There is no flag for another address than loopback."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigError):
        run(list(flags))
