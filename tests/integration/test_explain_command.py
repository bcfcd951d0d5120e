"""`runner explain` as a user runs it: the signal told, one row told, the page, the operators, and what is refused."""

import re
import subprocess
from pathlib import Path

import polars as pl
import pytest

import runner as package
from runner.cli import explain
from runner.errors import RunnerError
from tests import command

DATA = (
    "data=csv",
    "data.path=bars.csv",
    "signal=mine",
    "universe.symbols=[A,B]",
    "timezone.naive=localize",
    "quality=tolerant",
)
README = Path(__file__).parents[2] / "README.md"
CLOSES = (10, 12, 11, 15, 9)
DAYS = ("2021-03-01", "2021-03-02", "2021-03-03", "2021-03-05", "2021-03-08")
SIGNAL = """
params: {length: 2, high_price: 12, spare: 3}
nodes:
  slow: mean(close, length)
  dear: slow > high_price
  unread: volume * spare
long:
  enter: dear and close > 14
  exit: close < slow
"""


def runner(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return command.runner(*words, cwd=cwd, COLUMNS="200")


@pytest.fixture
def folder(tmp_path):
    """Five daily bars of two symbols, B at twice the price, and a signal of our own."""
    rows = [
        f"{symbol},{day},{close * times},{close * times + 1},{close * times - 1},{close * times},100"
        for symbol, times in (("A", 1), ("B", 2))
        for day, close in zip(DAYS, CLOSES, strict=True)
    ]
    (tmp_path / "bars.csv").write_text("\n".join(["symbol,timestamp,open,high,low,close,volume", *rows, ""]))
    (tmp_path / "conf" / "signal").mkdir(parents=True)
    (tmp_path / "conf" / "signal" / "mine.yaml").write_text(SIGNAL)
    return tmp_path


@pytest.fixture
def told(folder, monkeypatch, capsys):
    """Ask in the folder; return the lines of the answer."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")

    def ask(*words):
        assert explain.run([*DATA, *words]) == 0
        return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]

    return ask


def test_every_part_of_the_signal_is_told(folder, told):
    """Expression, type, clock, warm-up, readers, two values of the first symbol, and what is dead and why."""
    before = set(folder.rglob("*"))

    lines = told()
    slow = lines.index("slow = mean(close, length)")

    assert lines[0] == "decided on bars, after a warm-up of 1 row; values of A"
    assert lines[slow + 1] == "number, on bars; warm-up 1 row; read by dear, long.exit"
    assert lines[slow + 2] == "first 11 at 2021-03-02 21:00Z, last 12 at 2021-03-08 21:00Z"
    assert lines[lines.index("long.enter = dear and close > 14") + 1].startswith("condition, on bars; warm-up 1 row")
    assert lines[-1] == (
        "Not computed by a run, because no rule reads them, nor anything that a rule reads: unread."
        " Parameters that no rule reads, nor anything that a rule reads: spare."
    )
    assert set(folder.rglob("*")) == before


def test_another_symbol_has_its_own_values(told):
    """Twice as dear."""
    lines = told("--symbol", "B")

    assert "first 22 at 2021-03-02 21:00Z, last 24 at 2021-03-08 21:00Z" in lines


def test_a_row_is_told_in_sentences_and_in_parts(told):
    """A session date is the row of that session; values are those of the files, worked out by hand."""
    lines = told("--at", "2021-03-05")

    assert lines[0] == "A, session 2021-03-05, known 2021-03-05 21:00Z, row 4 of 5; the row before 2021-03-03 21:00Z"
    assert lines[1] == (
        "long.enter was true because dear is true, as slow (13) > high_price (12) holds and close (15) > 14 holds."
    )
    assert lines[2] == "long.exit was false because close (15) < slow (13) does not hold."
    assert "A symbol that was flat: opened long." in lines
    assert "mean(close, length) 13 11.5" in lines


@pytest.mark.parametrize("when", ["2021-03-03 21:00", "2021-03-03 16:00 America/New_York", "2021-03-03T22:00+01:00"])
def test_an_instant_is_utc_unless_its_zone_is_written(told, when):
    """All of them are the close of the same session."""
    assert told("--at", when)[0].startswith("A, session 2021-03-03,")


def test_within_the_warm_up_it_says_what_is_missing(told):
    """The first row has no mean of two."""
    lines = told("--at", "2021-03-01")

    assert "long.exit was undefined because it is within its warm-up: 1 more row, until 2021-03-02 21:00Z." in lines
    assert "slow needs 1 row: 1 more row, until 2021-03-02 21:00Z" in lines
    assert "Nothing was decided: rules decide once all of them are past their warm-up." in lines


def test_what_is_told_is_what_a_run_does(folder, told):
    """The only order to buy is that of the row that is said to have opened long."""
    run = package.run(overrides=[*DATA, "sizing=units"], runs=folder / "runs")
    told_days = [day for day in DAYS if "A symbol that was flat: opened long." in told("--at", day)]
    orders = pl.read_parquet(run.path / "orders.parquet")
    bought = orders.filter((pl.col("symbol") == "A") & (pl.col("side") == "buy"))["ts"].dt.date().cast(pl.String).to_list()

    assert told_days == ["2021-03-05"]
    assert bought == told_days


def test_the_page_and_the_drawing_are_written_where_they_are_asked_for(folder, told):
    """Nothing else is; the paths are printed last; the row is on the page too."""
    lines = told("--html", "page.html", "--svg", "graph.svg", "--at", "2021-03-05")
    html = (folder / "page.html").read_text()

    assert lines[-2:] == ["graph.svg", "page.html"]
    assert (folder / "graph.svg").read_text().startswith("<svg ")
    assert "slow (13) &gt; high_price (12) holds" in html
    assert re.findall(r'(?:src|href)="', html) == []
    assert not (folder / "runs").exists()


@pytest.mark.parametrize(
    ("words", "messages"),
    [
        (("--at", "2021-03-04"), ("--at: must be a session of which A has a row", "2021-03-03 and 2021-03-05")),
        (("--at", "2021-03-03 20:00"), ('"2021-03-02 21:00Z" and "2021-03-03 21:00Z"',)),
        (
            ("--at", "soon", "--symbol", "C"),
            ("--at: must be a date or an instant", "--symbol: must be a symbol", "Known: A, B"),
        ),
        (("--at", "soon", "capital=-1"), ("--at: must be", "capital: must be above 0")),
        (("--att", "2021-03-03"), ("--att: must be a flag of runner explain", "Did you mean --at?")),
        (("--at",), ("--at: must be written in full",)),
        (("--html",), ("--html: must be written in full",)),
        (("--html", "nowhere/page.html"), ("nowhere/page.html: must be a file that can be written",)),
        (("--operators", "men"), ("--operators: must name an operator, was men. Did you mean mean?",)),
        (("--operators", "mean", "--at", "2021-03-03"), ("--operators: must stand alone",)),
        (("--markdown",), ("--markdown: must stand with --operators",)),
        (("-m", "signal.params.length=1,2"), ("explain: must stand without flags of a run",)),
        (("signal.nodes.slow='mena(close, 2)'",), ("Did you mean mean?",)),
    ],
)
def test_what_can_be_mended_is_said_at_once(folder, words, messages, monkeypatch):
    """Every fault in one error, nothing written."""
    monkeypatch.chdir(folder)
    before = set(folder.rglob("*"))
    given = words if words[0] == "--operators" else (*DATA, *words)

    with pytest.raises(RunnerError) as caught:
        explain.run(list(given))

    assert [message for message in messages if message not in str(caught.value)] == []
    assert set(folder.rglob("*")) == before


def test_a_fault_ends_with_exit_code_2_and_without_a_traceback(folder):
    """Like everywhere else."""
    done = runner("explain", *DATA, "--at", "soon", cwd=folder)

    assert done.returncode == 2
    assert done.stderr.startswith(
        "The configuration is not valid (1 fault)\n  --at: must be a date or an instant, was soon."
    )
    assert done.stdout == ""


@pytest.mark.parametrize("flag", ["--html", "--svg"])
def test_a_page_that_cannot_be_written_is_told_as_such(folder, told, flag):
    """No run directory is spoken of, as there is none."""
    with pytest.raises(RunnerError) as caught:
        told(flag, "nowhere/page")

    assert str(caught.value).startswith(
        "The file can't be written (1 fault)\n  nowhere/page: must be a file that can be written"
    )


def test_operators_are_listed_and_told_one_by_one(tmp_path):
    """Each with what it means, its warm-up and what undefined rows do; also the user's own."""
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "own.py").write_text(
        "from runner.signal import operator\n\n\n"
        '@operator("x")\ndef twice_as_much(state, x, p):\n    """Twice x, in units of x."""\n    return 2.0 * x[0]\n'
    )

    every = runner("explain", "--operators", cwd=tmp_path).stdout
    one = runner("explain", "--operators", "std", cwd=tmp_path).stdout
    own = runner("explain", "--operators", "twice_as_much", cwd=tmp_path).stdout

    assert "  mean(x, lookback)\n      Mean of the window" in every
    assert "  twice_as_much(x)\n      Twice x, in units of x." in every
    assert "warm-up   lookback - 1 rows, or the window's time" in one
    assert own.startswith("twice_as_much(x)\n\nTwice x, in units of x.\n")


def test_a_broken_file_of_operators_is_told_after_the_list(tmp_path):
    """The others are listed all the same."""
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "own.py").write_text(
        "from runner.signal import operator\nimport nowhere_to_be_found\n\n\n"
        '@operator("x")\ndef lost(state, x, p):\n    """Nothing."""\n    return x[0]\n'
    )

    done = runner("explain", "--operators", cwd=tmp_path)

    assert done.returncode == 2
    assert "mean(x, lookback)" in done.stdout
    assert "strategies/own.py" in done.stderr


def test_help_tells_the_flags(tmp_path):
    """Of every verb that has some."""
    assert "--cuts N" in runner("audit", "--help", cwd=tmp_path).stdout
    assert "--at WHEN" in runner("explain", "--help", cwd=tmp_path).stdout
    assert "--write [FOLDER]" in runner("schema", "--help", cwd=tmp_path).stdout


def test_the_readme_quotes_what_is_told(tmp_path, monkeypatch, capsys):
    """The example of the README, on the sample prices."""
    monkeypatch.chdir(tmp_path)
    quoted = re.search(r"```text\n(AAPL, session.*?)```", README.read_text("utf-8"), re.DOTALL)

    explain.run(["--at", "2008-10-10", "--symbol", "AAPL"])

    assert quoted
    assert capsys.readouterr().out.startswith(quoted[1])
