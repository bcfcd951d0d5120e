"""Bars out of parquet files, written here with polars."""

# ruff: noqa: DTZ001 - stamps without a zone are among what is tested

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from runner.errors import DataError
from runner.market.input_files import InputFile, read_bytes
from runner.market.source import Source
from runner.market.sources.parquet import Parquet
from runner.spec.universe import Universe

DAY = date(2024, 1, 2)
ONE = {"symbol": ["A"], "timestamp": [DAY], "open": [10.0], "high": [11.0], "low": [9.0], "close": [10.5], "volume": [100.0]}
A = Universe(symbols=("A",))
VALUES = ("symbol", "timestamp", "open", "high", "low", "close", "volume")


@pytest.fixture
def write(tmp_path):
    """Write a file under the test's folder and give its path: `write("a.parquet", close=[…])`; None removes a column."""

    def to(name, **changed):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pl.DataFrame({key: value for key, value in {**ONE, **changed}.items() if value is not None}).write_parquet(path)
        return path

    return to


def told(source, universe=A):
    with pytest.raises(DataError) as caught:
        source.read(universe)
    return str(caught.value).split("\n", 1)[1]


def read(source, universe=A):
    return source.read(universe)[0].frame.select(VALUES).rows()


def test_a_file_round_trips(write, tmp_path):
    """What was written is what is read, with the digest of the file's bytes and each row's place."""
    path = write("a.parquet", extra=["ignored"])

    raw = Parquet(path=str(path)).read(A)[0]

    assert raw.frame.select(VALUES).rows() == [("A", DAY, 10.0, 11.0, 9.0, 10.5, 100.0)]
    assert raw.frame.select("file", "row").rows() == [("a.parquet", 1)]
    assert raw.digests == {"a.parquet": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_a_file_becomes_a_tape(write, loaded, daily, ns):
    """All the way from a file to instants."""
    path = write("a.parquet", timestamp=[datetime(2024, 1, 2, 5, tzinfo=UTC)])

    tape = loaded(Parquet(path=str(path)).read(A)[0].frame, timezone=daily).tape

    assert tape.ts.tolist() == [ns("2024-01-02 21:00")]


def test_a_folder_is_searched_at_any_depth_in_the_order_of_names(write, tmp_path):
    """Files of other kinds are left alone, names are relative to the folder."""
    write("data/b.parquet", close=[2.0])
    write("data/2024/z.parquet", close=[1.0])
    (tmp_path / "data" / "readme.txt").write_text("not bars")

    raw = Parquet(path=str(tmp_path / "data")).read(A)[0]

    assert raw.frame["close"].to_list() == [1.0, 2.0]
    assert list(raw.digests) == ["2024/z.parquet", "b.parquet"]


def test_a_glob_names_files_from_its_fixed_part(write, tmp_path):
    """Only matching files are read."""
    write("data/2023/a.parquet")
    write("data/2024/a.parquet")
    write("data/2024/b.parquet")

    raw = Parquet(path=str(tmp_path / "data" / "*" / "a.parquet")).read(A)[0]

    assert list(raw.digests) == ["2023/a.parquet", "2024/a.parquet"]


def test_a_relative_glob_starts_in_the_working_directory(write, tmp_path, monkeypatch):
    """A pattern without a folder in front names files by themselves."""
    write("a.parquet")
    write("sub/b.parquet")
    monkeypatch.chdir(tmp_path)

    assert list(Parquet(path="*.parquet").read(A)[0].digests) == ["a.parquet"]
    assert list(Parquet(path="**/*.parquet").read(A)[0].digests) == ["a.parquet", "sub/b.parquet"]


def test_a_name_with_brackets_is_a_file_before_it_is_a_glob(write):
    """A path that exists is taken as it is."""
    assert list(Parquet(path=str(write("[1].parquet"))).read(A)[0].digests) == ["[1].parquet"]


def test_home_and_working_directory_are_understood(write, tmp_path, monkeypatch):
    """`~` is the home folder; a relative path starts in the working directory."""
    write("bars/a.parquet")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    assert read(Parquet(path="~/bars/a.parquet")) == read(Parquet(path="bars/a.parquet")) == read(Parquet(path="bars"))


def test_columns_are_mapped_by_their_exact_names(write):
    """Ours to theirs; a constant symbol names files that don't."""
    path = write("a.parquet", symbol=None, timestamp=None, close=None, Close=[10.4], Date=[DAY])

    rows = read(Parquet(path=str(path), columns={"timestamp": "Date", "close": "Close"}, symbol="A"))

    assert rows == [("A", DAY, 10.0, 11.0, 9.0, 10.4, 100.0)]


def test_two_names_may_share_a_column(write):
    """A file of prices only can serve one column as all four prices, if that is what is written."""
    shared = dict.fromkeys(("open", "high", "low"), "close")

    assert read(Parquet(path=str(write("a.parquet")), columns=shared)) == [("A", DAY, 10.5, 10.5, 10.5, 10.5, 100.0)]


def test_two_names_do_not_share_a_column_by_a_slip(write):
    """The volume out of the closes, and the open out of the highs."""
    path = str(write("a.parquet"))

    assert 'data.columns.volume: must not be the column that close is read from, was "close"' in told(
        Parquet(path=path, columns={"volume": "close"})
    )
    assert 'data.columns.open: must not be the column of high, was "high"' in told(
        Parquet(path=path, columns={"open": "high"})
    )


def test_a_symbol_column_of_nonsense_can_be_ignored(write):
    """`columns: {symbol: null}` with a constant symbol leaves the file's column alone."""
    path = write("a.parquet", symbol=["n/a"])

    assert read(Parquet(path=str(path), columns={"symbol": None}, symbol="A"))[0][0] == "A"


def test_no_volume_is_declared_with_null(write):
    """Volume is then unknown, which is not zero."""
    path = write("a.parquet", volume=None)

    assert read(Parquet(path=str(path), columns={"volume": None}))[0][-1] is None


@pytest.mark.parametrize("close", [[10], [Decimal("10.00")], pl.Series([10.0], dtype=pl.Float32)])
def test_numbers_of_any_type_become_float64(write, close):
    """Integers, decimals and single precision are numbers."""
    frame = Parquet(path=str(write("a.parquet", close=close))).read(A)[0].frame

    assert frame["close"].dtype == pl.Float64
    assert frame["close"].to_list() == [10.0]


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["A"])])
def test_coded_text_names_symbols(write, dtype):
    """Dictionary-coded tickers are text."""
    assert read(Parquet(path=str(write("a.parquet", symbol=pl.Series(["A"], dtype=dtype)))))[0][0] == "A"


def test_only_the_universe_is_read(write):
    """Other symbols of the file are left out; rows keep their place in the file."""
    path = write("a.parquet", **{key: value * 2 for key, value in ONE.items() if key != "symbol"}, symbol=["B", "A"])

    assert Parquet(path=str(path)).read(A)[0].frame.select("symbol", "row").rows() == [("A", 2)]


def test_stamps_of_different_units_and_zones_are_brought_together(write, tmp_path):
    """Milliseconds and nanoseconds, UTC and Paris: the instants stay what they are."""
    moment = pl.Series([datetime(2024, 1, 2, 14, 30)]).dt.replace_time_zone("UTC")
    write("data/a.parquet", timestamp=moment.dt.cast_time_unit("ms"))
    write("data/b.parquet", timestamp=moment.dt.convert_time_zone("Europe/Paris").dt.cast_time_unit("ns"))

    frame = Parquet(path=str(tmp_path / "data")).read(A)[0].frame

    assert frame["timestamp"].to_physical().to_list() == [1704205800 * 10**9] * 2


def test_impossible_stamps_are_found_before_units_are_brought_together(write, tmp_path):
    """The year 5138 doesn't fit nanoseconds; it is a fault of the row, not a crash."""
    write("data/a.parquet", timestamp=pl.Series([10**17]).cast(pl.Datetime("us")))
    write("data/b.parquet", timestamp=pl.Series([10**12]).cast(pl.Datetime("ms")))

    text = told(Parquet(path=str(tmp_path / "data")))

    assert text.startswith("  data: stamps must lie in 1970 to 2100, was 1 stamp outside.")
    assert text.endswith("\n    row 1 of a.parquet: A 5138-11-16 09:46:40")


def test_naive_stamps_of_different_units_stay_naive(write, tmp_path):
    """Bringing units together never adds a zone."""
    moment = pl.Series([datetime(2024, 1, 2, 9, 30)])
    write("data/a.parquet", timestamp=moment.dt.cast_time_unit("ms"))
    write("data/b.parquet", timestamp=moment.dt.cast_time_unit("us"))

    assert Parquet(path=str(tmp_path / "data")).read(A)[0].frame.schema["timestamp"] == pl.Datetime("ns")


def test_a_mixture_of_kinds_of_stamps_is_refused(write, tmp_path):
    """Dates in one file and times in another can't both be right."""
    write("data/a.parquet")
    write("data/b.parquet", timestamp=[datetime(2024, 1, 2, 14, 30, tzinfo=UTC)])
    write("data/c.parquet", timestamp=[datetime(2024, 1, 2, 9, 30)])

    assert told(Parquet(path=str(tmp_path / "data"))) == (
        "  data.columns.timestamp: must hold stamps of one kind in every file, "
        "was dates in a.parquet, datetimes with a zone in b.parquet, datetimes without a zone in c.parquet. "
        "Convert the files to one of them; Runner doesn't guess what a mixture means."
    )


def test_an_empty_file_among_others_does_no_harm(write, tmp_path):
    """A file without rows has no stamps to disagree with."""
    write("data/a.parquet")
    pl.DataFrame(ONE).clear().with_columns(pl.col("timestamp").cast(pl.Datetime("us"))).write_parquet(
        tmp_path / "data" / "b.parquet"
    )

    assert len(read(Parquet(path=str(tmp_path / "data")))) == 1


def test_rows_without_anything_are_passed_over_and_noted(write):
    """A row that is empty in every column is no bar, and is counted."""
    raw = Parquet(path=str(write("a.parquet", **{key: [None, *value] for key, value in ONE.items()}))).read(A)[0]

    assert raw.frame["row"].to_list() == [2]
    assert raw.notes == ("a.parquet: 1 empty row was passed over",)


def test_a_path_that_leads_nowhere_is_a_fault(tmp_path, monkeypatch):
    """The path is shown as it was written."""
    monkeypatch.chdir(tmp_path)

    assert told(Parquet(path="nowhere.parquet")) == (
        '  data.path: must lead to at least one file, was "nowhere.parquet". Write the path of a file, of a folder with '
        "*.parquet files, or a glob in quotes; relative paths start in the working directory."
    )
    assert "data.path" in told(Parquet(path="."))
    assert "data.path" in told(Parquet(path="*.parquet"))


def test_missing_columns_are_listed_with_the_nearest(write):
    """Every missing column of every file at once, without reading a row."""
    path = write("a.parquet", close=None, Close=[1.0], volume=None)

    faults = Parquet(path=str(path)).check(A)

    known = "Known: Close, high, low, open, symbol, timestamp."
    assert sorted(str(fault) for fault in faults) == [
        f'data.columns.close: must name a column of a.parquet, was "close". Did you mean Close? {known}',
        f'data.columns.volume: must name a column of a.parquet, was "volume". {known} '
        "Write columns: {volume: null} if the files have no volume.",
    ]


def test_a_file_of_something_else_is_one_fault(tmp_path):
    """With no column in common the fault names the file's columns once, not ours seven times."""
    pl.DataFrame({"factor": [1.0], "day": [DAY]}).write_parquet(tmp_path / "a.parquet")

    assert told(Parquet(path=str(tmp_path))) == (
        "  a.parquet: must have the columns that data.columns names, was a file with none of them. "
        "Write those names in data.columns; a first line of values is no header. Its names are: factor, day."
    )


def test_a_missing_symbol_column_says_how_to_name_the_instrument(write):
    """Files of one instrument get it from the configuration."""
    assert told(Parquet(path=str(write("a.parquet", symbol=None)))) == (
        '  data.columns.symbol: must name a column of a.parquet, was "symbol". '
        "Known: close, high, low, open, timestamp, volume. "
        'Write symbol: "…" with the instrument if the files don\'t name it.'
    )


def test_a_constant_symbol_never_overrides_a_column(write):
    """Several symbols must not be read as one."""
    assert told(Parquet(path=str(write("a.parquet")), symbol="A")) == (
        '  data.symbol: must be null when the files name their symbols, was "A" while a.parquet has a column "symbol". '
        "Write symbol: null to read that column, or columns: {symbol: null} to ignore it."
    )


def test_ignoring_the_symbol_column_needs_a_constant(write):
    """Rows of nobody can't be traded."""
    assert told(Parquet(path=str(write("a.parquet")), columns={"symbol": None})) == (
        '  data.symbol: must be set when columns.symbol is null, was null. Write the instrument of the files, e.g. symbol: "AAPL".'
    )


def test_a_constant_symbol_is_held_against_the_universe(write):
    """The universe can't name a symbol the files can't have."""
    source = Parquet(path=str(write("a.parquet", symbol=None)), symbol="A")

    assert [str(fault) for fault in source.check(Universe(symbols=("A", "B")))] == [
        'universe.symbols: must name symbols the data have, was "B". Known: A.'
    ]


def test_symbols_that_are_not_there_are_listed(write):
    """With what is there, and the nearest."""
    assert told(Parquet(path=str(write("a.parquet", symbol=["AAPL"]))), Universe(symbols=("AAPL", "aapl"))) == (
        '  universe.symbols: must name symbols the data have, was "aapl". Did you mean AAPL? Known: AAPL.'
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"close": [True]},
            "  data.columns.close: must be a column of numbers, was Boolean in a.parquet. "
            "Write it as numbers, or name another column in data.columns.",
        ),
        (
            {"close": ["1,5"]},
            '  data.columns.close: must be a column of numbers, was "1,5" in a.parquet. '
            "Write plain numbers such as 1234.5, and leave the cell empty where a value isn't known.\n"
            "    row 1 of a.parquet: A 2024-01-02 close=1,5",
        ),
        (
            {"symbol": [3988]},
            "  data.columns.symbol: must be a column of text, was Int64 in a.parquet. "
            "Write tickers as text, or name another column in data.columns.",
        ),
        (
            {"symbol": pl.Series([None], dtype=pl.String)},
            "  data.columns.symbol: every row must name its symbol, was an empty cell. "
            "Repair the rows or leave them out of the file.\n"
            "    row 1 of a.parquet: None 2024-01-02",
        ),
    ],
)
def test_columns_of_the_wrong_type_are_faults(write, changed, message):
    """The column, its type and the file are named."""
    assert told(Parquet(path=str(write("a.parquet", **changed)))) == message


def test_a_file_that_is_not_parquet_is_a_fault(tmp_path):
    """A damaged file is named with what the reader said."""
    (tmp_path / "a.parquet").write_bytes(b"hello")

    assert told(Parquet(path=str(tmp_path))).startswith("  a.parquet: must be a file the source can read, was ")


def test_a_truncated_file_is_a_fault(write):
    """Half a file is no file."""
    path = write("a.parquet")
    path.write_bytes(path.read_bytes()[:-20])

    assert told(Parquet(path=str(path))).startswith("  a.parquet: must be a file the source can read, was ")


def test_a_file_that_vanished_is_a_fault(tmp_path):
    """A file can go between the search and the reading; the fault names it with the system's words."""
    with pytest.raises(DataError) as caught:
        read_bytes(InputFile("a.parquet", tmp_path / "a.parquet"))

    assert str(caught.value).split("\n", 1)[1] == (
        "  a.parquet: must be readable, was No such file or directory. Check the file and its permissions."
    )


def test_parquet_is_a_source():
    """The kind keeps the contract of sources."""
    assert isinstance(Parquet(path="a.parquet"), Source)
