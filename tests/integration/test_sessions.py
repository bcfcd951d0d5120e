"""`runner mode=paper` and `runner mode=live` as a user meets them: over real sockets, to the end of the embedded venue's tape."""

import json
import math
import re

import polars as pl
import pytest

import runner as face
from runner.cli.run import run
from runner.errors import RunnerError
from tests.command import runner

HOURS = ("window.start=2011-09-01", "window.end=2012-01-31", "signal.params.lookback=1")
TABLES = ("orders", "fills", "equity", "positions", "refusals", "charges")


def session(folder, *words, **environment):
    """Run a session by the command line; return its run directory."""
    done = runner(*words, "runs=runs", cwd=folder, **environment)
    assert done.returncode == 0, done.stderr
    return next(path.parent for path in folder.glob("runs/*/*/session.json"))


def told(folder, name):
    return json.loads((folder / name).read_text())


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """A paper session over everything there is."""
    return session(tmp_path_factory.mktemp("paper"), "mode=paper", *HOURS, "session.sessions=1000")


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """A live session as it comes, but for what it is shorter by."""
    return session(tmp_path_factory.mktemp("live"), "mode=live")


@pytest.fixture(scope="module")
def early(tmp_path_factory):
    """A paper session with risk rules that ends before its market does."""
    words = ("mode=paper", *HOURS, "session.sessions=1000", "session.until=30d", "report.html=false", "risk=desk")
    return face.run(overrides=words, runs=tmp_path_factory.mktemp("early")).path


def test_paper_is_the_backtest_of_the_same_hours(paper, tmp_path):
    """Bars that were played as trades over a socket and put together again give every table of the backtest, to the bit."""
    backtest = face.run(overrides=[*HOURS], runs=tmp_path).path

    for name in TABLES:
        ours, theirs = (pl.read_parquet(folder / f"{name}.parquet") for folder in (paper, backtest))
        assert ours.equals(theirs, null_equal=True), name
    assert len(pl.read_parquet(paper / "fills.parquet")) > 50


def test_papers_gap_is_none(paper):
    """Session and backtest earned the same, and no step has to explain a difference."""
    gap = told(paper, "gap.json")

    assert gap["session"] == gap["backtest"] != 0.0
    assert max(abs(step) for step in gap["steps"].values()) < 1e-6


def test_a_session_that_ends_early_is_held_against_its_own_hours(early):
    """What the market did after it had ended is no backtest of the same hours."""
    gap = told(early, "gap.json")

    assert told(early, "session.json")["ended"] == "its time is over"
    assert gap["session"] == gap["backtest"] != 0.0


def test_todays_profit_is_since_the_close_before(paper):
    """Daily bars come at their close: since the date began there is no profit, since the close before there is."""
    equity = pl.read_parquet(paper / "equity.parquet")
    by_date = equity.group_by(pl.col("ts").dt.date(), maintain_order=True).agg(pl.col("equity").last())["equity"].to_list()

    assert float(told(paper, "status.json")["pnl"]["day"]) == by_date[-1] - by_date[-2] != 0.0


def test_a_paper_session_tells_how_much_of_its_risk_rules_is_used(early):
    """Every rule of the run is there, those of the account with their share; prices are as old as the rules allow."""
    status = told(early, "status.json")
    equity, shares = float(status["pnl"]["equity"]), {each["name"]: each["share"] for each in status["limits"]}
    values = [abs(float(each["value"])) for each in status["positions"]]

    assert list(shares) == [
        "risk.rules.position: largest position, of equity",
        "risk.rules.gross: sum of positions, of equity",
        "risk.rules.daily_loss: loss of the day, of its start",
        "risk.rules.drawdown: drawdown, of the peak",
        "risk.rules.collar",
        "risk.rules.stale",
    ]
    assert shares["risk.rules.position: largest position, of equity"] == pytest.approx(max(values) / equity / 0.25)
    assert shares["risk.rules.gross: sum of positions, of equity"] == pytest.approx(sum(values) / equity)
    assert shares["risk.rules.collar"] is None
    assert status["stale_after"] == 5 * 86_400


def test_live_ends_with_the_venues_positions_and_cash(live):
    """What the tables make of positions and cash is what the venue itself counts."""
    truth = told(live, "session.json")["venue_counts"]
    fills = pl.read_parquet(live / "fills.parquet")
    units = pl.col("quantity") * pl.when(pl.col("side") == "buy").then(1.0).otherwise(-1.0)
    held = fills.group_by("symbol").agg(units.sum().alias("units")).filter(pl.col("units") != 0)
    cash = 100_000.0 - fills.select((units * pl.col("price") + pl.col("fee")).sum()).item()

    assert len(fills) > 0
    assert dict(held.iter_rows()) == {symbol: float(units) for symbol, units in truth["positions"].items()}
    assert cash == pytest.approx(float(truth["cash"]), abs=1e-6)


@pytest.mark.parametrize("mode", ["paper", "live"])
def test_a_session_proves_its_decisions(mode, request):
    """The certificate says that every decision came out again from what was told."""
    certificate = told(request.getfixturevalue(mode), "certificate.json")

    assert (certificate["equal"], certificate["divergence"], certificate["left"]) == (True, None, [])
    assert certificate["instants"] > 0 < certificate["answers"]


@pytest.mark.parametrize("mode", ["paper", "live"])
def test_the_steps_of_a_gap_add_up(mode, request):
    """From the backtest to the session nothing is left unexplained."""
    gap = told(request.getfixturevalue(mode), "gap.json")

    assert math.fsum([gap["backtest"], *gap["steps"].values()]) == pytest.approx(gap["session"], abs=1e-6)
    assert gap["difference"] == gap["session"] - gap["backtest"]


def test_the_default_sessions_run_to_the_end(live):
    """Nothing but the mode has to be written; the run is done, sealed, and says why it ended."""
    said = told(live, "session.json")

    assert told(live, "manifest.json")["status"] == "DONE"
    assert (said["mode"], said["exit_code"], said["processes"], said["ended"]) == ("live", 0, 1, "the market is over")
    assert runner("verify", str(live), cwd=live.parent).returncode == 0
    assert face.load(live).status == "DONE"


def test_what_can_not_be_a_session_is_refused_with_all_faults(tmp_path, monkeypatch):
    """Another account's confirmation missing, a reach as wide as the collar, exits at a price, stop orders: all at once."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(RunnerError) as error:
        run(["mode=live", "broker=tickdb", "session.reach=0.1", "exits=bracket", "order=stop"])

    assert error.value.exit_code == 2
    for where in ("session.confirm", "session.reach", "exits.stop_loss", "exits.take_profit", "order.kind"):
        assert re.search(rf"^\s*{re.escape(where)}:", str(error.value), re.MULTILINE), where
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("feed=embedded",), "feed"),
        (("mode=replay", "feed=embedded"), "feed"),
        (("mode=live", "broker=tickdb"), "session.confirm"),
        (("mode=paper", "broker=embedded"), "broker"),
        (("mode=live", "feed=null"), "feed"),
        (("mode=live", "fill=same_close"), "fill.kind"),
        (("mode=live", "broker.base_url=http://127.0.0.1:1"), "broker.base_url"),
        (("mode=paper", "feed.base_url=http://example.org:80"), "feed.base_url"),
        (("mode=paper", "feed.base_url=http://127.0.0.1:1"), "feed.key_env"),
        (("mode=paper", "feed=tickdb", "feed.key=NOT_SET_ANYWHERE"), "feed.key"),
    ],
)
def test_a_wrong_configuration_ends_with_exit_code_2(tmp_path, monkeypatch, words, where):
    """It says where and what to write, and no run is left that looks as if it went on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RUNNER_EMBEDDED_KEY", raising=False)

    with pytest.raises(RunnerError) as error:
        run([*words, "window.start=2012-01-03"])

    assert error.value.exit_code == 2
    assert re.search(rf"^\s*{re.escape(where)}:", str(error.value), re.MULTILINE)
    assert [path for path in tmp_path.rglob("manifest.json") if json.loads(path.read_text())["status"] == "RUNNING"] == []


def test_what_a_session_needs_from_outside_is_told_at_once_and_leaves_nothing(tmp_path, monkeypatch):
    """Keys of feed and account, the address of alarms and the plan of faults, before anything is read or written."""
    monkeypatch.chdir(tmp_path)
    for name in ("RUNNER_EMBEDDED_KEY", "MY_KEY", "MY_HOOK"):
        monkeypatch.delenv(name, raising=False)
    words = ["mode=live", "feed.base_url=http://127.0.0.1:1", "broker.base_url=http://127.0.0.1:1", "broker.key_env=MY_KEY"]

    with pytest.raises(RunnerError) as error:
        run([*words, "session.alert_url=MY_HOOK", "feed.faults=null"])

    assert {fault.where for fault in error.value.faults} == {"feed.key_env", "broker (embedded)", "session.alert_url"}
    with pytest.raises(RunnerError, match=r"nowhere\.yaml: must be a file"):
        run(["mode=paper", "feed.faults=nowhere.yaml"])
    assert list(tmp_path.iterdir()) == []


def test_a_session_that_is_over_does_not_go_on(live):
    """A restart of it is refused, and changes nothing."""
    before = (live / "manifest.json").read_bytes()

    done = runner("restart", str(live), cwd=live.parent)

    assert done.returncode == 2
    assert "must be a session that isn't over" in done.stderr
    assert (live / "manifest.json").read_bytes() == before
