"""Operators of one's own and the audit, as a user meets them: a folder, a command, an exit code."""

import hashlib
import json
import subprocess
import sys

import pytest

from tests.command import runner

SMALL = ("universe=apple", "window.start=2012-01-01")

DOUBLE = """
from runner.signal import operator


@operator("x")
def double(state, x, p):
    '''2 · x.'''
    return 2.0 * x[0]
"""

PEEK = """
from runner.signal import operator


@operator("x", state=lambda: 1, undefined="skip")
def neighbour(state, x, p):
    '''x less what the symbol before ended with.'''
    state[0] = x[0]
    return x[0] - state[-2 + 0 * int(x[0])]
"""


BY_HEART = """
import numpy as np

from runner.signal import operator

FUTURE = np.arange(5000.0)


@operator("x")
def told(state, x, p):
    '''x, and a table that could hold anything.'''
    return x[0] + 0.0 * FUTURE[abs(int(x[0])) % 5000]
"""


def strategies(folder, **files):
    (folder / "strategies").mkdir()
    for name, text in files.items():
        (folder / "strategies" / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def manifest(done, folder):
    """Return the run directory of a run that went well, and its manifest."""
    assert done.returncode == 0, done.stderr
    run = folder / done.stdout.strip().splitlines()[-1]
    return run, json.loads((run / "manifest.json").read_text())


def test_the_shipped_example_runs_in_an_empty_folder(tmp_path):
    """Its operators are found, and what was used is kept beside the results."""
    run, kept = manifest(runner("experiment=own_operator", "window.start=2010-01-01", cwd=tmp_path), tmp_path)

    assert sorted(kept["plugins"]) == ["money_flow.py", "swing.py"]
    for name, digest in kept["plugins"].items():
        assert hashlib.sha256((run / "plugins" / name).read_bytes()).hexdigest() == digest
    assert kept["mode"] == "backtest"


def test_a_file_of_ones_own_is_used_at_once_in_both_modes(tmp_path):
    """A backtest and a replay of it agree; a file that isn't called leaves no trace; a run without has none."""
    strategies(tmp_path, mine=DOUBLE, other="raise SystemExit('ran')", cerebro="import not_there")
    rule = "signal.long.enter='double(smooth) < 1.4'"

    _, batch = manifest(runner(*SMALL, rule, cwd=tmp_path), tmp_path)
    _, live = manifest(runner(*SMALL, rule, "mode=replay", cwd=tmp_path), tmp_path)
    _, without = manifest(runner(*SMALL, cwd=tmp_path), tmp_path)

    assert batch["result_digest"] == live["result_digest"] == without["result_digest"]  # 2x < 1.4 is x < 0.7
    assert batch["plugins"] == {"mine.py": hashlib.sha256(DOUBLE.encode()).hexdigest()}
    assert without["plugins"] == {}


def test_python_and_sweeps_find_them_too(tmp_path):
    """`runner.run` and `runner -m` look into the same folder."""
    strategies(tmp_path, mine=DOUBLE)
    program = (
        "import runner\n"
        "run = runner.run(overrides=['universe=apple', 'window.start=2012-01-01', "
        "'signal.long.enter=\"double(smooth) < 1.4\"'])\n"
        "print(sorted(run.manifest['plugins']))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240
    )
    lanes = runner("-m", *SMALL, "signal.long.enter='double(smooth) < 1.4','double(smooth) < 1.2'", cwd=tmp_path)

    assert done.stdout.strip() == "['mine.py']", done.stderr
    assert lanes.returncode == 0, lanes.stderr
    facts = json.loads((tmp_path / lanes.stdout.strip().splitlines()[-1] / "sweep.json").read_text())
    assert (facts["status"], facts["lanes_done"]) == ("DONE", 2)


def test_a_changed_file_gives_another_result(tmp_path):
    """Also where the old machine code lies on disk."""
    strategies(tmp_path, mine=DOUBLE)
    rule = "signal.long.enter='double(smooth) < 1.4'"
    _, first = manifest(runner(*SMALL, rule, cwd=tmp_path), tmp_path)
    (tmp_path / "strategies" / "mine.py").write_text(DOUBLE.replace("2.0", "3.0"))
    _, second = manifest(runner(*SMALL, rule, cwd=tmp_path), tmp_path)

    assert first["result_digest"] != second["result_digest"]
    assert first["plugins"] != second["plugins"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DOUBLE.replace("state, x, p", "x"), "strategies/mine.py:6: step of double must take (state, x, p), was (x)."),
        (DOUBLE.replace("2.0 *", "'a' +"), "strategies/mine.py:8: double must become machine code, was no such operation"),
        (DOUBLE.replace("2.0 *", "2.0 *)"), "strategies/mine.py:8: must be Python; it may hold double, was unmatched ')'"),
    ],
)
def test_a_mistake_is_told_with_file_and_line_and_leaves_nothing(tmp_path, text, expected):
    """Exit code 2, no traceback, every other fault beside it, and no run directory."""
    strategies(tmp_path, mine=text)

    done = runner("signal.long.enter='double(smooth) < 1.4'", "sizing.share=-1", cwd=tmp_path)

    assert done.returncode == 2
    assert expected in done.stderr
    assert "sizing.share" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


def test_an_audit_of_the_default_run_finds_nothing_and_writes_nothing(tmp_path):
    """Every check is named with what it tried; exit code 0."""
    done = runner("audit", "--cuts", "8", cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    for check in ("operators", "data", "values", "trades", "adjusted prices", "live"):
        assert f"\n {check} " in done.stdout
    assert "8 cuts" in done.stdout
    assert "finding" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_operator_that_reaches_beyond_its_arrays_is_refused(tmp_path):
    """Exit code 2, before anything is read: what lies there is another symbol's, or anybody's."""
    strategies(tmp_path, mine=PEEK)
    rules = ("signal.nodes.smooth='neighbour(close)'", "signal.long.enter='smooth > 0'", "signal.long.exit='smooth < 0'")

    done = runner("audit", "--cuts=8", *rules, cwd=tmp_path)

    assert done.returncode == 2
    assert "strategies/mine.py:9: neighbour must not raise while it runs, was IndexError" in done.stderr


def test_an_audit_finds_an_operator_that_knows_the_future_by_heart(tmp_path):
    """Exit code 1; what is frozen into it, and how much."""
    strategies(tmp_path, mine=BY_HEART)
    rules = ("signal.nodes.smooth='told(close)'", "signal.long.enter='smooth > 90'", "signal.long.exit='smooth < 90'")

    done = runner("audit", "--cuts=8", *rules, cwd=tmp_path)

    assert done.returncode == 1, done.stderr
    assert "FUTURE" in done.stdout
    assert "machine code" in done.stdout


def test_an_audit_finds_a_rule_on_the_level_of_prices_that_were_adjusted_later(tmp_path):
    """A price of 2005 adjusted for a split of 2014 tells of that split."""
    done = runner("audit", "--cuts=8", "signal.long.enter='close > 50'", cwd=tmp_path)

    assert done.returncode == 1
    assert "! adjusted prices: long.enter of " in done.stdout


@pytest.mark.parametrize("words", [("--cuts", "0"), ("--cuts=many",), ("-m", "seed=1,2"), ("signal.params.lookbak=3",)])
def test_an_audit_that_isnt_asked_rightly_is_refused(tmp_path, words):
    """Exit code 2 and what to write."""
    done = runner("audit", *words, cwd=tmp_path)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
