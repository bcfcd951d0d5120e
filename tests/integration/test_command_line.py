"""The command as a user runs it: output, exit codes, and what is left on disk."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from tests.command import runner

SMALL = ("universe=apple", "window.start=2012-01-01")
FILES = {
    "charges.parquet", "equity.parquet", "fills.parquet", "manifest.json", "metrics.json", "orders.parquet",
    "positions.parquet", "quality.json", "sensitivity.json", "scorecard.json",
    "refusals.parquet", "report.html", "run.log", "seal.json", "spec.yaml",
}  # fmt: skip


def running(*words: str, cwd: Path, runs: int = 1) -> subprocess.Popen[bytes]:
    """Start the command and wait until so many run directories have been begun."""
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", *words], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while len(list(cwd.glob("runs/*/*/spec.yaml"))) < runs:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return process


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def test_a_run_prints_its_results_and_its_path_last(tmp_path):
    """The last line is the run directory, which holds everything the README promises."""
    done = runner(*SMALL, cwd=tmp_path)

    folder = tmp_path / last_line(done)
    assert "Sharpe" in done.stdout
    assert {path.name for path in folder.iterdir()} - {"project.diff"} == FILES | {".hydra"}
    assert {path.name for path in (folder / ".hydra").iterdir()} == {"config.yaml", "hydra.yaml", "overrides.yaml"}
    manifest = manifest_of(folder)
    assert manifest["status"] == "DONE"
    assert manifest["argv"] == ["runner", *SMALL]
    assert list(manifest["data_digests"])
    assert all(len(manifest[key]) == 64 for key in ("spec_hash", "result_digest", "tape_digest"))
    assert folder.name.endswith(manifest["spec_hash"][:8])
    assert all(not isinstance(value, dict | list) for value in json.loads((folder / "metrics.json").read_text()).values())
    assert [json.loads(line)["event"] for line in (folder / "run.log").read_text().splitlines()][-1] == "finished"


def test_stamps_in_the_tables_are_utc_instants(tmp_path):
    """Fills carry the session's opening instant: 9:30 in New York is 14:30 UTC in winter and 13:30 in summer."""
    folder = tmp_path / last_line(runner(*SMALL, "signal.params.lookback=3", cwd=tmp_path))
    fills = pl.read_parquet(folder / "fills.parquet")

    assert fills.schema["ts"] == pl.Datetime("ns", "UTC")
    summer = fills["ts"].dt.month().is_between(4, 10)
    assert set(fills["ts"].filter(summer).dt.time().cast(pl.String).str.slice(0, 5)) == {"13:30"}
    winter = fills["ts"].dt.month().is_in([12, 1, 2])
    assert set(fills["ts"].filter(winter).dt.time().cast(pl.String).str.slice(0, 5)) == {"14:30"}


def test_the_result_does_not_depend_on_the_process(tmp_path):
    """Two processes with different hash seeds and working directories have the same digests."""
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
    one = first / last_line(runner(*SMALL, cwd=first, PYTHONHASHSEED="1"))
    two = second / last_line(runner(*SMALL, cwd=second, PYTHONHASHSEED="99"))

    keys = ("spec_hash", "result_digest", "table_digests", "tape_digest", "data_digests")
    assert [manifest_of(one)[key] for key in keys] == [manifest_of(two)[key] for key in keys]
    for name in ("metrics.json", "spec.yaml", "quality.json", "fills.parquet"):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_replay_gives_the_backtests_result(tmp_path):
    """The mode changes how events arrive, not what comes out."""
    backtest = tmp_path / last_line(runner(*SMALL, cwd=tmp_path))
    replay = tmp_path / last_line(runner(*SMALL, "mode=replay", cwd=tmp_path))

    assert manifest_of(backtest)["result_digest"] == manifest_of(replay)["result_digest"]
    assert manifest_of(backtest)["spec_hash"] != manifest_of(replay)["spec_hash"]


def test_launches_in_one_second_get_directories_of_their_own(tmp_path):
    """Three processes started together make three directories."""
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: last_line(runner(*SMALL, cwd=tmp_path)), range(3)))

    assert len(set(done)) == 3
    assert len(list((tmp_path / "runs" / "pressure_bars").iterdir())) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("mode=papr",), "mode: must name a file of mode/, was papr. Did you mean paper?"),
        (("slipage=none",), "Did you mean slippage?"),
        (("signal.nodes.smooth='mena(pressure, 3)'",), "Did you mean mean?"),
        (("universe.symbols=[APPL]",), "AAPL"),
        (("data=parquet", "data.path=missing.parquet"), "missing.parquet"),
        (("signal.params.lookback=5000",), "must have more rows than the warm-up of 4999 rows, was 3270 rows"),
        (("window.start=2013-01-01", "window.end=2012-01-01"), "window"),
        (("-m", "signal.params.lookback=1,2", "capital=-1"), "capital"),
        (("-m", "signal.params.lokback=1,2"), "Did you mean lookback?"),
        (("-m", "signal.params.lookback=5,0", "slippage.bps=1,-1"), "slippage.bps: "),
        (("-m", "slippage=none,fixd_bps"), "Did you mean fixed_bps?"),
        (("-m", "slippage.bps=interval(0,5)"), "slippage.bps: must be a list of values"),
        (("-sc", "foo=bar"), "--shell-completion: must be asked by a shell"),
        (("plan", "--cfg", "job"), "plan: must stand without flags of a run"),
        (("--config-path", "/tmp"), "--config-path: must not be used"),
        (("plan", "sizing.share=2"), "sizing.share"),
        (("plam",), "plam: must be a verb or KEY=VALUE, was plam. Did you mean plan?"),
        (("hydra.run.dir=x",), "hydra.run.dir: must not be set"),
    ],
)
def test_what_can_be_mended_is_said_with_exit_code_2_and_leaves_nothing(tmp_path, words, message):
    """No traceback, no run directory, and the message names the remedy."""
    done = runner(*words, cwd=tmp_path)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_faults_of_every_section_come_at_once(tmp_path):
    """A bad value, a bad expression, a bad policy and an unknown key are four faults of one message."""
    words = (
        "capital=-1",
        "signal.nodes.smooth='mean(presure, lookback)'",
        "timezone.zone=America/New_Yrok",
        "slippage.bsp=1",
    )

    done = runner(*words, cwd=tmp_path)

    assert done.returncode == 2
    for key in ("capital:", "signal.nodes.smooth:", "slippage.bsp:"):
        assert f"  {key}" in done.stderr


def test_the_package_works_without_a_conf_folder_and_a_users_conf_adds_and_shadows(tmp_path):
    """A file in ./conf is found, one of a shipped name comes first, and --config-dir comes before both."""
    local, given = tmp_path / "conf" / "sizing", tmp_path / "given" / "sizing"
    local.mkdir(parents=True)
    given.mkdir(parents=True)
    (local / "mine.yaml").write_text("kind: units\nunits: 3\n")
    (local / "units.yaml").write_text("kind: units\nunits: 4\n")
    (given / "units.yaml").write_text("kind: units\nunits: 5\n")

    def units(*words: str) -> str:
        done = runner("--cfg", "job", *words, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return next(line.strip() for line in done.stdout.splitlines() if line.strip().startswith("units:"))

    assert units("sizing=mine") == "units: 3"
    assert units("sizing=units") == "units: 4"
    assert units("--config-dir", "given", "sizing=units") == "units: 5"
    assert units("--config-dir", "given", "--config-dir=conf", "sizing=units") == "units: 5"
    assert units("sizing=units", "-cd", "conf", "-cd", "given") == "units: 4"


def test_a_users_config_file_shadows_the_shipped_one(tmp_path):
    """./conf/config.yaml is the one that counts."""
    (tmp_path / "conf").mkdir()
    shipped = runner("--cfg", "job", cwd=tmp_path).stdout
    defaults = "defaults:\n  - data: sample\n  - universe: apple\n  - timezone: us_daily\n  - signal: pressure_bars\n"
    rest = "  - sizing: units\n  - fill: next_open\n  - slippage: none\n  - fees: none\n  - mode: backtest\n  - _self_\nname: own\n"
    (tmp_path / "conf" / "config.yaml").write_text(defaults + rest)

    folder = tmp_path / last_line(runner(cwd=tmp_path))

    assert "name: pressure_bars" in shipped
    assert folder.parent.name == "own"


@pytest.mark.parametrize("wait", [0.0, 0.1, 0.2, 0.3])
def test_a_request_to_stop_is_never_lost_in_compiled_code(tmp_path, wait):
    """Whenever it comes, the run ends with 130 and is not done, unless it was done already."""
    process = running("mode=replay", "report=full", cwd=tmp_path)
    time.sleep(wait)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)

    (folder,) = tmp_path.glob("runs/*/*")
    assert (process.returncode, manifest_of(folder)["status"]) in {(130, "INTERRUPTED"), (130, "DONE"), (0, "DONE")}
    if wait == 0.0:
        assert manifest_of(folder)["status"] == "INTERRUPTED"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_an_interrupted_run_says_so(tmp_path, number):
    """A request to stop, or a closed terminal, while the engine works: exit code 130 and INTERRUPTED in the manifest."""
    process = running("mode=replay", "report=full", cwd=tmp_path)
    process.send_signal(number)
    process.communicate(timeout=60)

    (folder,) = tmp_path.glob("runs/*/*")
    manifest = manifest_of(folder)
    assert (process.returncode, manifest["status"], manifest["error"]) == (
        130,
        "INTERRUPTED",
        f"interrupted by {number.name}",
    )
    assert manifest["result_digest"] is None
    assert manifest["finished"] is not None


def asked_to_stop(number: int, found: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that is asked to stop while a generated text runs, with a handler it found; as a module, where Python is strictest."""
    (cwd / "asked.py").write_text(
        "import os, signal, sys\n"
        "from runner.cli import help, main\n"
        f"signal.signal({int(number)}, signal.{found})\n"
        f"help.run = lambda words: exec('os.kill(os.getpid(), {int(number)})', {{'os': os}}) or 0\n"
        "sys.exit(main.run_command(['--help']))\n"
    )
    return subprocess.run([sys.executable, "-m", "asked"], check=False, cwd=cwd, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_request_that_meets_a_generated_text_ends_with_130_too(tmp_path, number):
    """Python would end the process by a signal once a plain interrupt has left a text handed to `exec`."""
    default = "default_int_handler" if number is signal.SIGINT else "SIG_DFL"
    done = asked_to_stop(number, default, tmp_path)

    assert (done.returncode, done.stderr) == (130, f"interrupted by {number.name}\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_what_the_shell_ignores_for_a_run_in_the_background_stays_ignored(tmp_path, number):
    """`nohup runner &`: a closed terminal doesn't end the run."""
    assert asked_to_stop(number, "SIG_IGN", tmp_path).returncode == 0


def lanes_of(folder):
    """Return the rows of a sweep's table."""
    return pl.read_parquet(folder / "trials.parquet").rows(named=True)


def test_a_grid_is_one_folder_and_each_lane_can_be_made_a_run(tmp_path):
    """Four combinations; the table lists them in their order, and a lane made a run has its metrics."""
    folder = tmp_path / last_line(
        runner("-m", *SMALL, "signal.params.lookback=5,10", "slippage=none,fixed_bps", cwd=tmp_path)
    )
    lanes = lanes_of(folder)
    done = runner("materialise", lanes[2]["trial"], cwd=tmp_path)
    metrics = json.loads((tmp_path / last_line(done) / "metrics.json").read_text())

    assert [(lane["signal.params.lookback"], lane["slippage"]) for lane in lanes] == [
        (5, "none"), (5, "fixed_bps"), (10, "none"), (10, "fixed_bps"),
    ]  # fmt: skip
    assert all(lane["status"] == "DONE" for lane in lanes)
    assert metrics == {name: lanes[2][name] for name in metrics}
    assert json.loads((folder / "sweep.json").read_text())["status"] == "DONE"
    assert {path.name for path in folder.iterdir()} == {
        "sweep.json", "trials.parquet", "verdict.json", "sweep.html", "seal.json",
    }  # fmt: skip


def test_a_sweep_that_is_started_again_has_its_lanes(tmp_path):
    """A larger grid runs what is new, and says how many lanes were known."""
    first = runner("-m", *SMALL, "signal.params.lookback=10,20", cwd=tmp_path)
    second = runner("-m", *SMALL, "signal.params.lookback=5,10,20", cwd=tmp_path)

    once, again = (lanes_of(tmp_path / last_line(done)) for done in (first, second))
    assert "2 of 3 lanes were known from before" in second.stdout
    assert [{**lane, "lane": 0} for lane in once] == [{**lane, "lane": 0} for lane in again[1:]]


def test_a_lane_that_fails_does_not_stop_the_others(tmp_path):
    """The failed lane is a row with its error, the exit code is 2, the other lane is done."""
    done = runner("-m", SMALL[0], "window.start=2013-02-20,2012-01-01", cwd=tmp_path)
    (folder,) = tmp_path.glob("runs/*/*-sweep-*")
    lanes = lanes_of(folder)

    assert done.returncode == 2
    assert [lane["status"] for lane in lanes] == ["FAILED", "DONE"]
    assert "must have more rows than the warm-up of 19" in lanes[0]["error"]


def test_an_interrupted_grid_keeps_the_lanes_that_are_done(tmp_path):
    """A request to stop once a lane is done: it is in the table, the sweep says what became of it, and nothing is lost."""
    words = ("-m", "mode=replay", "signal.params.lookback=5,6,7,8,9,10", "sweep.workers=1")
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", *words], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    until = time.monotonic() + 120
    while not [*tmp_path.glob("runs/.trials/*/segments/*.parquet")] and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)

    (folder,) = tmp_path.glob("runs/*/*-sweep-*")
    assert process.returncode == 130
    assert json.loads((folder / "sweep.json").read_text())["status"] == "INTERRUPTED"
    assert {lane["status"] for lane in lanes_of(folder)} == {"DONE"}


def test_orders_that_did_not_happen_are_said_beside_the_figures(tmp_path):
    """A share of all the equity leaves nothing for the second symbol: the terminal and the report say how often."""
    done = runner("sizing.share=1", "window.start=2012-01-01", cwd=tmp_path)
    report = (tmp_path / last_line(done) / "report.html").read_text()

    line = next(line for line in done.stdout.splitlines() if line.startswith("!"))
    assert "orders were rejected: not enough cash." in line
    assert line.removeprefix("! ") in report


def test_a_closed_pipe_is_no_bug_of_ours(tmp_path):
    """`runner --help | head -1` ends without a traceback."""
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m runner --help | head -1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" not in done.stderr


def test_the_runs_of_a_signal_go_by_its_name(tmp_path):
    """Without a name of its own a run is filed under the signal option."""
    (tmp_path / "conf" / "signal").mkdir(parents=True)
    rules = "long:\n  enter: close > open\n  exit: close < open\n"
    (tmp_path / "conf" / "signal" / "rising.yaml").write_text(rules)

    assert Path(last_line(runner(*SMALL, "signal=rising", cwd=tmp_path))).parent.name == "rising"
    assert Path(last_line(runner(*SMALL, "signal=rising", "name=mine", cwd=tmp_path))).parent.name == "mine"


def test_plan_shows_values_graph_and_rows_and_writes_nothing(tmp_path):
    """Each value with its file, the graph with warm-ups, rows per symbol and the memory."""
    done = runner("plan", "slippage.bps=5", cwd=tmp_path)

    assert done.returncode == 0
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "slippage.bps 5.0 command line" in lines
    assert any(line.startswith("signal.params.lookback 20 packaged conf/signal/pressure_bars.yaml:") for line in lines)
    assert lines[lines.index("smooth = mean(pressure, 20)") + 1] == "number, on bars; warm-up 19 rows"
    assert any(line.startswith("AAPL 3,270 2000-03-01 21:00Z") for line in lines)
    assert list(tmp_path.iterdir()) == []


def test_plan_names_what_changes_nothing_and_breaks_no_word_in_a_narrow_terminal(tmp_path):
    """A node and a parameter that no rule depends on; a long expression stands on a line of its own instead of a column."""
    (tmp_path / "conf" / "signal").mkdir(parents=True)
    (tmp_path / "conf" / "signal" / "idle.yaml").write_text(
        "params: {n: 20, spare: 3, unused: 1}\nnodes:\n  a: mean(close, n)\n  dead: mean(close, spare)\n"
        "long:\n  enter: close > mean(bar_pressure(open, high, low, close), n) + a\n  exit: close < a\n"
    )

    done = runner("plan", "signal=idle", "universe=apple", cwd=tmp_path, COLUMNS="80")

    assert done.returncode == 0, done.stderr
    assert (
        "Not computed by a run, because no rule reads them, nor anything that a rule reads: dead."
        " Parameters that no rule reads, nor anything that a rule reads: spare, unused."
    ) in done.stdout
    assert " long.enter = close > mean(bar_pressure(open, high, low, close), 20) + a\n" in done.stdout


def test_the_shown_configuration_can_be_read_again(tmp_path):
    """What --cfg job prints is a configuration of its own, with the same spec hash."""
    shown = runner("--cfg", "job", "slippage.bps=7", cwd=tmp_path).stdout
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "shown.yaml").write_text(shown)
    plans = [
        runner("plan", *words, cwd=tmp_path).stdout.strip().splitlines()[-1]
        for words in (("slippage.bps=7",), ("--config-name", "shown"))
    ]

    assert plans[0] == plans[1]
    assert plans[0].startswith("spec hash ")


def test_help_and_version_answer(tmp_path):
    """Help names verbs, groups and options; unknown flags end with code 2."""
    text = runner("--help", cwd=tmp_path).stdout

    assert all(word in text for word in ("runner -m", "plan", "pressure_bars", "equity_share", "--config-dir"))
    assert runner("--version", cwd=tmp_path).stdout.startswith("runner ")
    assert runner("--no-such-flag", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(("said", "expected"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
def test_products_of_matrices_are_made_by_one_thread_unless_the_environment_says_otherwise(said, expected):
    """It is settled before numpy is imported, which reads it once."""
    code = """
import atexit, os, sys
def tell(): print(os.environ["OPENBLAS_NUM_THREADS"], "numpy" in sys.modules)
atexit.register(tell)
sys.argv = ["runner", "--version"]
from runner.cli.main import main
main()
"""
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"} | said

    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == f"{expected} False"


def test_the_shell_completes_groups_and_options(tmp_path):
    """Hydra's completion works with our search path."""
    line = {"COMP_LINE": "runner slip", "COMP_POINT": "11", "COMP_CWORD": "1"}
    groups = runner("-sc", "query=bash", cwd=tmp_path, **line)
    options = runner("-sc", "query=bash", cwd=tmp_path, COMP_LINE="runner slippage=", COMP_POINT="16", COMP_CWORD="1")

    assert "slippage" in groups.stdout
    assert "slippage=fixed_bps" in options.stdout


@pytest.mark.parametrize("words", [(), ("-m", "seed=1,2")])
def test_a_run_that_holds_a_secret_is_refused_and_the_secret_is_not_shown(tmp_path, words):
    """Blotting it out would make the record false, so nothing is written at all."""
    canary = "canary-7f3a9e1b2c"
    done = runner(*words, *SMALL, f"name={canary}", cwd=tmp_path, TICKDB_API_KEY=canary)

    assert done.returncode == 2
    assert "name: must not hold the value of the environment variable TICKDB_API_KEY" in done.stderr
    assert canary not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_ordinary_words_are_no_secrets(tmp_path):
    """A password that is a word of the configuration, and a variable with KEY inside a word, change nothing."""
    folder = tmp_path / last_line(runner(*SMALL, cwd=tmp_path, DB_PASSWORD="backtest", MONKEY_NAME="pressure_bars"))

    assert manifest_of(folder)["mode"] == "backtest"
    assert "name: pressure_bars" in (folder / "spec.yaml").read_text()


def test_a_flag_that_would_read_a_pickle_is_refused(tmp_path):
    """Hydra's experimental rerun runs whatever code stands in the file."""
    done = runner("--cfg", "hydra", "--experimental-rerun", "x.pickle", cwd=tmp_path)

    assert done.returncode == 2
    assert "--experimental-rerun: must not be used" in done.stderr


def test_a_disk_without_room_is_said_and_the_run_has_failed(tmp_path):
    """A folder that can't be written to any more: exit code 2, no traceback, and no run that claims to be running."""
    script = (
        "import resource, sys\n"
        "from runner.cli.main import run_command\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"sys.exit(run_command({[*SMALL, 'window.start=2000-01-01']!r}))\n"
    )
    runner(*SMALL, cwd=tmp_path)  # compiled code is cached before files are limited
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)

    folder = max(tmp_path.glob("runs/*/*"), key=lambda path: path.stat().st_mtime_ns)
    assert done.returncode == 2, done.stderr
    assert "runs: must be a folder that can be written" in done.stderr
    assert manifest_of(folder)["status"] == "FAILED"


def test_a_terminal_that_cannot_show_a_sign_fails_nothing(tmp_path):
    """The minus sign of a drawdown isn't ASCII; the run is done all the same."""
    done = runner(*SMALL, cwd=tmp_path, PYTHONIOENCODING="ascii")

    assert last_line(done).startswith("runs/")


def test_a_key_that_no_file_lists_is_an_axis_without_a_plus(tmp_path):
    """A sweep takes the keys that a run takes, and names its column as it was typed; a group may be taken out."""
    words = ("exits=timed", "exits.stop_loss=0.05,0.2", "~experiment")
    path = tmp_path / last_line(runner("-m", *SMALL, *words, cwd=tmp_path))

    rows = lanes_of(path)

    assert [row["exits.stop_loss"] for row in rows] == [0.05, 0.2]
    assert {row["status"] for row in rows} == {"DONE"}


@pytest.mark.parametrize("question", [("--cfg", "job"), ("--info", "config")])
def test_a_question_takes_the_keys_that_a_run_takes(tmp_path, question):
    """What would run can be looked at with the same words."""
    done = runner("exits=timed", "exits.stop_loss=0.05", *question, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "stop_loss: 0.05" in done.stdout
