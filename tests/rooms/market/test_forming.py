"""Bars known later than they were read: still forming, in a file as in a service."""

from datetime import UTC, date, datetime, timedelta

import pytest

from runner.errors import DataError
from runner.launch import Launch, configure, launch
from runner.market.digest import tape_digest
from runner.market.load import load
from runner.market.source import Raw
from runner.market.sources.generated import Generated
from runner.prepare import prepare_spec
from runner.spec.quality import Quality
from runner.spec.universe import Universe
from runner.spec.window import Window
from tests.rooms.market.conftest import Rows

START = date(2024, 1, 1)


@pytest.mark.parametrize(("now", "kept"), [("2024-01-02 20:59", 1), ("2024-01-02 21:00", 2), ("2024-01-03 21:00", 3)])
def test_bars_of_a_file_known_later_than_now_are_still_forming(bars, daily, ns, now, kept):
    """Nobody says when a file was written; what it knows of the future isn't true yet. A later run only adds bars."""
    source = Rows(bars([("A", START + timedelta(days=at)) for at in range(3)]))
    words = {"universe": Universe(symbols=("A",)), "window": Window(), "timezone": daily}

    data = load(source, **words, quality=Quality(), now=ns(now))

    assert data.tape.rows == kept
    assert data.quality["bars"]["checks"]["forming"]["count"] == 3 - kept
    assert data.as_of == (ns(now) if kept < 3 else None)
    assert load(source, **words, quality=Quality()).tape.rows == 3
    if kept < 3:
        with pytest.raises(DataError, match=r"quality\.forming: no bar may be known later than it was read"):
            load(source, **words, quality=Quality(forming="error"), now=ns(now))


def test_a_source_that_says_when_it_was_read_knows_better_than_now(bars, daily, ns):
    """Rows a store kept are as old as the store says, and those of a service may be newer than the run's beginning."""
    rows = bars([("A", START + timedelta(days=at)) for at in range(3)])
    source = Rows(raws=(Raw(rows, {}, as_of=ns("2024-01-02 21:00")),))
    words = {"universe": Universe(symbols=("A",)), "window": Window(), "timezone": daily, "quality": Quality()}

    found = [load(source, **words, now=ns(now)) for now in ("2024-01-01 21:00", "2030-01-01 21:00")]

    assert [data.tape.rows for data in found] == [2, 2]
    assert [data.as_of for data in found] == [ns("2024-01-02 21:00")] * 2


def test_generated_bars_are_never_forming(daily, ns):
    """They are the same whenever they are made."""
    source = Generated(start="2030-01-01", end="2030-01-10")
    words = {"universe": Universe(symbols=("A",)), "window": Window(), "timezone": daily, "quality": Quality()}

    assert tape_digest(load(source, **words, now=ns("2024-01-01")).tape) == tape_digest(load(source, **words).tape)


def test_a_run_says_by_which_moment_it_judged(tmp_path):
    """A run begun in 2012 sees what was known by then, as one whose window ends there; only the first says so."""
    signal = ["signal.params.lookback=5", "universe=apple", "report.html=false"]
    moment = datetime(2012, 1, 1, tzinfo=UTC)
    cut = [*signal, "window.end=2011-12-31"]

    early, ended, late = (
        launch(prepare_spec(configure(words)), Launch(runs=tmp_path, now=round(at.timestamp()) * 10**9))
        for words, at in ((signal, moment), (cut, moment), (cut, moment.replace(year=2030)))
    )

    assert early.result_digest == ended.result_digest == late.result_digest
    assert early.manifest["data_as_of"] == "2012-01-01T00:00:00.000000000Z"
    assert (ended.manifest["data_as_of"], late.manifest["data_as_of"]) == (None, None)
    assert early.quality["bars"]["checks"]["forming"]["count"] > 0
