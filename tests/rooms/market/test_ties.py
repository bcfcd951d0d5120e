"""Instants whose rows stand in more than one file."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from runner.market.digest import tape_digest
from runner.market.load import load
from runner.market.source import Raw
from runner.market.sources.parquet import Parquet
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
EVENT = Timezone(zone="UTC", stamp="event")
NOTE = "rows in more than one file; which came first, the order of the files decides"


def trades(*rows):
    """Trades of symbol, second, price and file."""
    symbols, seconds, prices, files = zip(*rows, strict=True)
    columns = {"symbol": symbols, "timestamp": [NOON + timedelta(seconds=each) for each in seconds], "price": prices}
    frame = pl.DataFrame({**columns, "file": files, "row": range(1, len(rows) + 1)})
    frame = frame.with_columns(pl.lit(1.0).alias("size"), pl.lit(1.0).alias("side"))
    return Raw(frame, {}, "trades")


def notes(streams, raw, **policies):
    symbols = tuple(raw.frame["symbol"].unique().sort())
    return streams([raw], symbols=symbols, timezone=EVENT, **policies).quality["trades"]["notes"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("A", 0, 1.0, "x"), ("A", 0, 2.0, "x"), ("A", 1, 1.0, "y")], []),
        ([("A", 0, 1.0, "x"), ("A", 0, 2.0, "y"), ("A", 0, 3.0, "z")], [f"1 instant has {NOTE}"]),
        (
            [("A", 0, 1.0, "x"), ("A", 1, 1.0, "x"), ("A", 1, 2.0, "y"), ("B", 1, 2.0, "x"), ("B", 1, 2.0, "y")],
            [f"2 instants have {NOTE}"],
        ),
        ([("A", 0, 1.0, "x"), ("B", 0, 2.0, "y")], []),
    ],
)
def test_instants_that_span_files_are_counted(streams, rows, expected):
    """Once per instant and symbol, however many files hold rows of it."""
    assert notes(streams, trades(*rows)) == expected


def test_instants_are_counted_as_they_lie_in_time(streams):
    """Files whose stretches overlap: their rows of one instant meet only when sorted."""
    rows = [("A", 0, 1.0, "x"), ("A", 5, 1.0, "x"), ("A", 9, 1.0, "x"), ("A", 5, 2.0, "y"), ("A", 6, 2.0, "y")]

    assert notes(streams, trades(*rows), unsorted="sort") == [f"1 instant has {NOTE}"]


def test_the_note_stands_where_renaming_files_changes_the_data(tmp_path):
    """Two files with one second in common: the names decide the order, and both orders carry the note."""

    def data(first, second):
        folder = tmp_path / f"{first}{second}"
        folder.mkdir()
        for name, seconds, price in ((first, (0, 1), 10.0), (second, (1, 2), 10.1)):
            stamps = [NOON + timedelta(seconds=each) for each in seconds]
            values = {"price": [price] * 2, "size": [1.0] * 2, "side": ["buy"] * 2}
            frame = pl.DataFrame({"symbol": ["A"] * 2, "timestamp": stamps, **values})
            frame.write_parquet(folder / f"{name}.parquet")
        source = Parquet(path=str(folder), stream="trades")
        universe, quality = Universe(symbols=("A",)), Quality(unsorted="sort")
        return load(source, universe=universe, window=Window(), timezone=EVENT, quality=quality)

    one, other = data("a", "b"), data("b", "a")

    assert tape_digest(one.tape) != tape_digest(other.tape)
    assert one.quality["trades"]["notes"] == other.quality["trades"]["notes"] == [f"1 instant has {NOTE}"]


def test_bars_are_not_counted(loaded, bars):
    """Two rows of one bar are the quality gate's to judge."""
    stamp = datetime(2024, 1, 2, tzinfo=UTC).date()
    rows = bars([("A", stamp), ("A", stamp)]).with_columns(pl.Series("file", ["x", "y"]), pl.Series("row", [1, 1]))

    assert loaded(rows, duplicate="drop").quality["bars"]["notes"] == []
