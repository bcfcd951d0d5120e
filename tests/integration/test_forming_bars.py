"""A bar that is still forming: what a run leaves out, the questions about that run don't see either."""

from datetime import UTC, datetime, timedelta

import pytest

from runner.cli import audit, explain, plan

WORDS = ("data=csv", "data.path=bars.csv", "signal=mine", "universe.symbols=[A]", "timezone=crypto", "quality=tolerant")
DAYS = 12
"""Days up to the day before yesterday, whose bars are over, and then tomorrow, whose bar can't be."""


@pytest.fixture
def days(tmp_path, monkeypatch):
    """Bars of days in UTC, each closing one higher, in the folder where the commands are typed."""
    today = datetime.now(UTC).date()
    found = [today - timedelta(days=back) for back in (*range(DAYS, 1, -1), -1)]
    rows = [f"A,{day}T00:00:00Z,{k},{k + 1},{k - 1},{k},100" for k, day in enumerate(found, 100)]
    (tmp_path / "bars.csv").write_text("\n".join(["symbol,timestamp,open,high,low,close,volume", *rows, ""]))
    (tmp_path / "conf" / "signal").mkdir(parents=True)
    (tmp_path / "conf" / "signal" / "mine.yaml").write_text("long: {enter: close > open, exit: close < open}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return found


def test_plan_and_explain_see_the_same_last_bar(days, capsys):
    """The last bar told is the last that is over."""
    words = [*WORDS, "timezone.interval=1d"]

    assert plan.run(words) == 0
    planned = capsys.readouterr().out
    assert explain.run(words) == 0
    explained = capsys.readouterr().out

    over = days[-2] + timedelta(days=1)
    assert f"{over} 00:00Z" in planned
    assert f"at {over} 00:00Z" in explained
    assert f"last {99 + DAYS}" not in explained
    assert f"last {98 + DAYS} at" in explained


def test_an_audit_reads_what_a_run_reads(days, capsys):
    """It tries the closes of the bars that are over, and counts no more rows than those."""
    assert audit.run([*WORDS, "timezone.interval=1d", "--cuts", "3"]) == 0

    told = capsys.readouterr().out
    assert f"{days[-1] + timedelta(days=1)}" not in told
    assert f"{DAYS - 1} rows" in told
