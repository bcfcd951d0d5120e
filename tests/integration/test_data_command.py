"""`runner data` as a user runs it: output, exit codes, and what is left on disk."""

import re
import subprocess
from pathlib import Path

import polars as pl
import pytest

from runner.cli import data_fetch, data_spec
from runner.cli.data import WORDS, run
from runner.errors import ConfigError
from runner.market.store import Store, Stored
from tests import command
from tests.rooms.market.store.service import Service

MADE_UP = ("data=generated", "universe.symbols=[A,B]", "data.end='2024-01-02'")
BOOKS = ("data=generated_depth", "universe.symbols=[A,B]", "data.every=1min", "data.gaps=0.01")


def runner(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return command.runner(*words, cwd=cwd, XDG_CACHE_HOME=str(cwd / "cache"))


def faulty(folder: Path) -> Path:
    """Write five daily bars of which one has no close and one has its high below its close."""
    path = folder / "bars.csv"
    path.write_text(
        "symbol,timestamp,open,high,low,close,volume\n"
        "A,2024-01-02,10,11,9,10,100\n"
        "A,2024-01-03,10,11,9,,100\n"
        "A,2024-01-04,10,10,9,10.5,100\n"
        "A,2024-01-05,10,11,9,10.2,100\n"
        "A,2024-01-08,10,11,9,10.1,100\n"
    )
    return path


def test_check_prints_what_was_found_and_leaves_nothing(tmp_path):
    """Rows, span, every check and the digest of what was read; exit code 0; no folder is made."""
    done = runner("data", "check", *MADE_UP, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("bars  5,760 rows of 2 symbols, known 2024-01-01 00:01Z to 2024-01-03 00:00Z\n")
    assert "nothing found: missing, unsorted, duplicate, conflict" in done.stdout
    assert re.search(r"^[0-9a-f]{16}  generated/A/bars$", done.stdout, re.MULTILINE)
    assert list(tmp_path.iterdir()) == []


def test_check_tells_every_fault_at_once(tmp_path):
    """Policies of `error` are faults with the rows and the remedy; exit code 2, no traceback."""
    path = faulty(tmp_path)

    done = runner("data", "check", "data=csv", f"data.path={path}", "universe.symbols=[A]", cwd=tmp_path)

    assert done.returncode == 2
    assert "quality.missing: every price must be a finite number, was not so in 1 row (A 1)" in done.stderr
    assert "quality.inconsistent: high must be the highest price" in done.stderr
    assert "row 2 of bars.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_counts_what_policies_leave_out(tmp_path):
    """A declared policy lets the rest through, and the table says what was found and where."""
    words = ("data=csv", f"data.path={faulty(tmp_path)}", "universe.symbols=[A]")

    done = runner("data", "check", *words, "quality.missing=drop", "quality.inconsistent=drop", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "bars  3 rows of 1 symbol," in done.stdout
    assert "5 rows read, 2 left out: 2 by quality" in done.stdout
    assert re.search(r"missing +drop +1 +A 1", done.stdout)
    assert "missing: file=bars.csv row=2 symbol=A" in done.stdout


def test_check_tells_faults_of_the_configuration_and_of_the_source_together(tmp_path):
    """Nothing is read before everything that can be seen without reading is right."""
    words = ("data=generated", "universe.symbols=[A,A]", "data.start='2024-02-30'", "window.start='2024-13-01'")

    done = runner("data", "check", *words, cwd=tmp_path)

    assert done.returncode == 2
    assert "(3 faults)" in done.stderr
    assert 'data.start: must be a day of the calendar, was "2024-02-30"' in done.stderr
    assert "[command line]" in done.stderr


def test_show_writes_a_page_of_its_own_and_prints_its_path(tmp_path):
    """The page loads nothing, draws every stream and each time goes into another folder."""
    one, two = (runner("data", "show", *BOOKS, cwd=tmp_path) for _ in range(2))

    assert one.returncode == two.returncode == 0, one.stderr
    paths = [Path(done.stdout.strip().splitlines()[-1]) for done in (one, two)]
    assert paths[0] != paths[1]
    assert all(path.parts[:2] == ("runs", "data") and path.name == "data.html" for path in paths)
    page, again = ((tmp_path / path).read_text() for path in paths)
    assert page == again
    assert not re.search(r"(src|href)=|<script|https?://|@import|url\(", page)
    for text in (
        "<title>A, B · market data</title>",
        "<h2>Bars</h2>",
        "<h2>Quotes</h2>",
        "<h2>Trades</h2>",
        "<h2>Depth</h2>",
        "A: spread",
        "The book",
        "generated/A/depth",
    ):
        assert text in page
    assert 'class="warmup"' in page
    assert not re.search(r"[\">, ](nan|inf)[\"<, ]", page)


def test_show_lists_the_settings_that_say_something(tmp_path):
    """Of the columns a source could have only those that are named."""
    words = ("data=csv", f"data.path={faulty(tmp_path)}", "universe.symbols=[A]", "timezone=us_daily", "quality=tolerant")

    done = runner("data", "show", *words, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    page = (tmp_path / done.stdout.strip().splitlines()[-1]).read_text()
    assert '<th scope="row">timestamp</th>' in page
    assert "bid_price" not in page
    assert "adjusted_close" not in page


def test_show_escapes_what_comes_from_outside(tmp_path):
    """A symbol or file name can't become markup."""
    path = tmp_path / "a<b>&.parquet"
    days = pl.date_range(pl.date(2024, 1, 2), pl.date(2024, 1, 5), eager=True)
    numbers = {name: pl.Series([1.0, 2.0, 3.0, 4.0]) for name in ("open", "high", "low", "close", "volume")}
    pl.DataFrame({"timestamp": days, **numbers}).write_parquet(path)
    words = ("data=parquet", f"data.path={tmp_path}", "data.symbol=A", "universe.symbols=[A]", "quality.split=keep")

    done = runner("data", "show", *words, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    page = (tmp_path / done.stdout.strip().splitlines()[-1]).read_text()
    assert "a&lt;b&gt;&amp;.parquet" in page
    assert "<b>" not in page


@pytest.mark.parametrize("words", [("data",), ("data", "chek"), ("data", "data=csv")])
def test_an_unknown_word_lists_the_known_ones(tmp_path, words):
    """A slip of the keyboard is never taken for a run."""
    done = runner(*words, cwd=tmp_path)

    assert done.returncode == 2
    assert "Known: check, fetch, show, tidy." in done.stderr


def test_many_at_once_are_refused():
    """Data are looked at one set at a time."""
    with pytest.raises(ConfigError, match="-m: must not stand with data"):
        run(["check", "-m", "data=generated"])


def test_fetch_of_files_is_refused(tmp_path):
    """What lies on this machine needs no store."""
    done = runner("data", "fetch", *MADE_UP, cwd=tmp_path)

    assert done.returncode == 2
    assert "data.kind: must be a source that can be fetched, was generated" in done.stderr


def test_fetch_says_what_was_there(tmp_path, monkeypatch, capsys):
    """The second time nothing is asked for, and the table says so."""
    service = Service(window=(0, 1_000))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    spoken = data_spec.data_spec

    def behind_a_store(words, on_progress):
        found = spoken(words)
        store = Store(tmp_path / "runner")
        return data_spec.DataSpec(found.spec, Stored(service, store, lambda: 5_000, on_progress), found.runs)

    monkeypatch.setattr(data_fetch, "data_spec", behind_a_store)
    outputs = []
    for _ in range(2):
        assert run(["fetch", *MADE_UP]) == 0
        outputs.append(capsys.readouterr().out)

    assert re.search(r"A +100 +0 +1\s", outputs[0])
    assert re.search(r"A +0 +100 +0\s", outputs[1])
    assert len(service.asked) == 2
    assert outputs[1].strip().endswith(str(tmp_path / "runner"))


def test_tidy_removes_leftovers(tmp_path):
    """Chunks that no index names are removed from the user's store."""
    orphan = tmp_path / "cache" / "runner" / "chunks" / "ff" / ("f" * 64 + ".parquet")
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"left over")

    done = runner("data", "tidy", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 leftover removed from ")
    assert not orphan.exists()


def test_help_says_what_the_verbs_do(tmp_path):
    """The verb stands in the list, and has a line of its own."""
    whole, own = runner("--help", cwd=tmp_path), runner("data", "--help", cwd=tmp_path)

    assert "  data       market data alone" in whole.stdout
    assert own.returncode == 0
    assert "data check judges them" in own.stdout


@pytest.mark.parametrize("word", sorted(WORDS))
def test_each_data_verb_has_help_of_its_own(tmp_path, word):
    """Wherever the flag stands; nothing else is imported for it."""
    done, flag_first = runner("data", word, "--help", cwd=tmp_path), runner("--help", "data", word, cwd=tmp_path)

    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: runner data {word} ")
    assert flag_first.stdout == done.stdout


@pytest.mark.parametrize(
    "words",
    [("--config-dir", "own", "data", "check"), ("data", "--config-dir", "own", "check"), ("-cd", "own", "data", "check")],
)
def test_flags_may_stand_before_the_verb(tmp_path, words):
    """They are flags of what follows, and not of a run."""
    (tmp_path / "own" / "universe").mkdir(parents=True)
    (tmp_path / "own" / "universe" / "one.yaml").write_text('symbols: ["AAPL"]\n')

    done = runner(*words, "universe=one", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "3,270 rows of 1 symbol" in done.stdout
