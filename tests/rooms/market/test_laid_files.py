"""Rows of many files laid symbol by symbol: the same rows in the same order as sorting them afterwards gives."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from runner.errors import DataError
from runner.market.laid_files import Laid, stretches_of
from runner.market.sources.parquet import Parquet
from runner.spec.universe import Universe

TICKERS = ("B", "A", "C")
LONG = 300
"""Rows of a stretch that is worth laying."""
STAMPS = pl.Datetime("us", "UTC")
START = datetime(2024, 1, 2, tzinfo=UTC)


def file_of(symbols, *, stamps=STAMPS, unknown=()):
    """A file with these symbols; each value says which row it is."""
    rows = list(range(len(symbols)))
    return pl.DataFrame(
        {
            "symbol": pl.Series(symbols, dtype=pl.String),
            "timestamp": pl.Series([START + timedelta(minutes=row) for row in rows], dtype=pl.Datetime("us", "UTC")).cast(
                stamps
            ),
            "price": pl.Series([None if row in unknown else row / 8 for row in rows], dtype=pl.Float64),
            "row": pl.Series([row + 1 for row in rows], dtype=pl.UInt32),
        }
    )


def plan_of(files):
    names = tuple(f"{number}.parquet" for number in range(len(files)))
    found = [stretches_of(file["symbol"].rle().struct.unnest(), TICKERS) for file in files]
    return Laid.of(found, tickers=TICKERS, files=names, stamps=STAMPS, values=("price",))


def laid(files, piece=LONG):
    plan = plan_of(files)
    pieces = [[file[at : at + piece] for at in range(0, file.height, piece)] for file in files]
    with ThreadPoolExecutor(1) as pool:
        unknown = [plan.take(number, each, pool) for number, each in enumerate(pieces)]
    return plan.frame(plan.symbols(), plan.origins(), frozenset().union(*unknown))


def expected(files):
    """By ticker, then by file, then by row: Python's sort is stable."""
    every = [
        (symbol, stamp, price, f"{number}.parquet", row)
        for number, file in enumerate(files)
        for symbol, stamp, price, row in file.rows()
        if symbol in TICKERS
    ]
    return sorted(every, key=lambda row: TICKERS.index(row[0]))


STRETCHES = st.lists(st.tuples(st.sampled_from(["A", "B", "C", "X", None]), st.integers(LONG, LONG + 9)), max_size=5)


@given(st.lists(STRETCHES, min_size=1, max_size=4), st.integers(50, 400))
def test_rows_lie_as_if_sorted_afterwards(listed, piece):
    """Whatever the files hold, in whatever pieces they are decoded; rows of other symbols are left out."""
    files = [file_of([symbol for symbol, rows in each for _ in range(rows)]) for each in listed]

    assert laid(files, piece).rows() == expected(files)


def test_what_is_unknown_stays_unknown():
    """A null isn't a number, nor is it whatever lay in memory before."""
    files = [file_of(["A"] * LONG), file_of(["A"] * LONG, unknown=(0, 7))]

    assert laid(files)["price"].to_list() == [price for _, _, price, *_ in expected(files)]


def test_short_stretches_are_not_laid():
    """Moving rows one by one is dearer than sorting them."""
    assert plan_of([file_of(["A", "B"] * LONG)]) is None


def test_a_column_that_pieces_do_not_have_is_unknown():
    """Files may have no volume."""
    files = [file_of(["A"] * LONG), file_of(["A"] * LONG)]
    plan = plan_of(files)
    with ThreadPoolExecutor(1) as pool:
        unknown = [plan.take(0, [files[0]], pool), plan.take(1, [files[1].drop("price")], pool)]

    found = plan.frame(plan.symbols(), plan.origins(), frozenset().union(*unknown))["price"]

    assert found.to_list() == [*files[0]["price"].to_list(), *[None] * LONG]


def test_rows_without_a_stamp_are_not_taken():
    """They have no place in time, and whoever reads the file as a whole shows them."""
    file = file_of(["A"] * LONG)

    with ThreadPoolExecutor(1) as pool:
        assert plan_of([file]).take(0, [file.with_columns(timestamp=pl.lit(None, dtype=STAMPS))], pool) is None


def bars_of(symbols, *, naive=False, **changed):
    """Bars with these symbols, one a minute."""
    stamps = [START + timedelta(minutes=row) for row in range(len(symbols))]
    prices = [100.0 + row / 64 for row in range(len(symbols))]
    columns = {"open": prices, "high": prices, "low": prices, "close": prices, "volume": [1.0] * len(symbols)}
    stamps = [stamp.replace(tzinfo=None) for stamp in stamps] if naive else stamps
    return pl.DataFrame({"symbol": symbols, "timestamp": stamps, **columns, **changed})


def sorted_afterwards(frame):
    """The rows as text, by the universe's order."""
    text = frame.with_columns(pl.col("symbol", "file").cast(pl.String))
    return text.sort(pl.col("symbol").cast(pl.Enum(TICKERS)), maintain_order=True)


def read(folder):
    return Parquet(path=str(folder)).read(Universe(symbols=TICKERS))[0]


def written(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, frame in files.items():
        frame.write_parquet(folder / f"{name}.parquet", row_group_size=LONG // 2)
    return folder


def test_files_of_long_stretches_give_the_rows_of_files_mixed_row_by_row(tmp_path):
    """The way rows are read leaves no trace: values, places, digests of the same bytes and notes."""
    one, other = bars_of(["C"] * LONG + ["A"] * LONG + ["X"] * LONG), bars_of(["A"] * LONG + ["B"] * LONG)
    swapped = other.with_columns(volume=pl.when(pl.col("open") > 101).then(pl.col("volume")))
    folder = written(tmp_path / "laid", one=one, other=swapped)

    whole = read(folder)
    # A file of short stretches more, of a symbol that isn't asked for, and nothing is laid.
    mixed = read(written(folder, third=bars_of(["Y", "Z"] * LONG * 9)))

    assert whole.frame.schema["symbol"] == pl.Enum(TICKERS)
    assert mixed.frame.schema["symbol"] == pl.String
    assert_frame_equal(sorted_afterwards(whole.frame), sorted_afterwards(mixed.frame))
    assert whole.digests == {name: mixed.digests[name] for name in ("one.parquet", "other.parquet")}
    assert (whole.notes, whole.stream, whole.levels) == (mixed.notes, mixed.stream, mixed.levels)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(bars_of(["A"] * LONG, open=[None] * LONG), id="empty prices"),
        pytest.param(bars_of(["A"] * LONG, volume=[str(row) for row in range(LONG)]), id="numbers as text"),
        pytest.param(bars_of(["A"] * LONG).with_columns(pl.col("symbol").cast(pl.Categorical)), id="symbols as categories"),
        pytest.param(pl.concat([bars_of(["A"] * LONG), bars_of(["A"]).clear(1)]), id="an empty row"),
        pytest.param(
            bars_of(["A"] * LONG).with_columns(pl.col("timestamp").cast(pl.Datetime("ms", "UTC"))), id="another unit"
        ),
    ],
)
def test_what_files_may_hold_is_read_the_same_way(tmp_path, other):
    """Beside a file that is laid, whatever else sources read."""
    folder = written(tmp_path / "some", one=bars_of(["C"] * LONG + ["B"] * LONG), other=other)

    whole = read(folder).frame
    mixed = read(written(folder, third=bars_of(["Y", "Z"] * LONG * 9))).frame

    stamps = pl.col("timestamp").cast(pl.Datetime("ns", "UTC"))
    assert_frame_equal(sorted_afterwards(whole).with_columns(stamps), sorted_afterwards(mixed).with_columns(stamps))


def test_files_of_several_schemas_are_laid_together(tmp_path):
    """Whole numbers, another order of columns, one more of them, no rows at all: each file's rows are its own."""
    a, b, c = (bars_of([symbol] * (LONG + rows)) for rows, symbol in enumerate("ABC"))
    files = {
        "f0": a,
        "f1": b.clear(),
        "f2": c.with_columns(pl.col("volume").cast(pl.Int64)),
        "f3": a.with_columns(pl.col("volume") + 1),
        "f4": b.with_columns(note=pl.lit("x")).select(reversed([*b.columns, "note"])),
        "f5": b.clear(),
        "f6": pl.concat([c, a]),
    }
    folder = written(tmp_path / "some", **files)

    whole = read(folder).frame
    mixed = read(written(folder, third=bars_of(["Y", "Z"] * LONG * 9))).frame

    assert whole.schema["symbol"] == pl.Enum(TICKERS)
    assert_frame_equal(sorted_afterwards(whole), sorted_afterwards(mixed))


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"one": bars_of(["C"] * LONG), "other": bars_of(["a"] * LONG + ["B"] * LONG)}, id="an absent symbol"),
        pytest.param({"one": bars_of(list("ABC" * LONG)), "other": bars_of(["A"] * LONG, naive=True)}, id="naive stamps"),
        pytest.param(
            {"one": bars_of(["A"] * LONG + ["B"] * LONG + ["C"] * LONG), "other": bars_of(["A"] * LONG, open=["x"] * LONG)},
            id="text for a price",
        ),
    ],
)
def test_faults_are_told_in_the_same_words(tmp_path, files):
    """Of files laid at once and of files put together afterwards."""

    def told(folder):
        with pytest.raises(DataError) as caught:
            read(folder)
        return str(caught.value)

    folder = written(tmp_path / "some", **files)
    mixed = {"zz": bars_of(["Y", "Z"] * LONG * 9)}

    assert told(folder) == told(written(folder, **mixed)).replace("Y, Z, ", "").replace(", Y, Z", "")
