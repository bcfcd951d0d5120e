"""What text files don't say about themselves, declared parameter by parameter."""

# ruff: noqa: DTZ001 - stamps without a zone are among what is tested

import gzip
import hashlib
import io
import zipfile
from datetime import UTC, date, datetime
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from runner.errors import DataError
from runner.market.sources.csv import Beside, Csv
from runner.spec.universe import Universe

A = Universe(symbols=("A",))
BAR = ("timestamp", "open", "high", "low", "close", "volume")
NAMELESS = {"columns": {"symbol": None}, "symbol": "A"}
"""Files of one instrument that don't name it."""


@pytest.fixture
def source(tmp_path):
    """Write a file and return the source that reads it: `source("line", …, name="a.csv", **parameters)`."""

    def make(*lines, name="a.csv", **parameters):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
        return Csv.model_validate({"path": str(path), **NAMELESS, **parameters})

    return make


def frame(source):
    return source.read(A)[0].frame


def column(source, name):
    return frame(source)[name].to_list()


def told(source):
    with pytest.raises(DataError) as caught:
        source.read(A)
    return str(caught.value).split("\n", 1)[1]


def test_files_without_a_header_have_their_columns_named(source):
    """The first line is a row, and counts as the first."""
    found = source("20110103 090100;1;2;0.5;1.5;7", names=BAR, delimiter=";", timestamp_format="%Y%m%d %H%M%S")

    assert frame(found).select(*BAR, "row").rows() == [(datetime(2011, 1, 3, 9, 1), 1.0, 2.0, 0.5, 1.5, 7.0, 1)]


def test_names_must_be_those_of_all_columns(source):
    """Too few or too many names would move every price by a column."""
    assert told(source("2024-01-02,1,2,0.5,1.5,7,8", names=BAR)) == (
        "  data.names: must name every column of a.csv, was 6 names for 7 columns. Write one name per column, from the left; "
        "the first line is 2024-01-02,1,2,0.5,1.5,7,8."
    )


@pytest.mark.parametrize(
    "lines", [("a,b,c,d,e,f,g", "2024-01-02,1,2,0.5,1.5,7,8,9"), ("2024-01-02,1,2,0.5,1.5,7,8", "x,,,,,,,9")]
)
def test_a_line_with_too_many_cells_is_a_fault_even_where_cells_are_not_read(source, lines):
    """An unquoted thousands separator shifts what stands behind it."""
    names = {"names": (*BAR, "more")} if "," not in lines[0][:2] and lines[0][0] == "2" else {}
    columns = {"columns": {"symbol": None, **dict(zip(BAR, "abcdef", strict=True))}} if not names else {}

    assert "was found more fields than defined in 'Schema'." in told(source(*lines, **names, **columns))


def test_lines_above_the_header_are_skipped(source):
    """A banner is neither header nor row."""
    found = source("Timestamps are UTC,https://a.b", ",".join(BAR), "2024-01-02,1,2,0.5,1.5,7", skip_lines=1)

    assert column(found, "timestamp") == [date(2024, 1, 2)]


def test_a_column_without_a_name_is_called_so(source):
    """The index that pandas writes has an empty name."""
    columns = {"symbol": None, "timestamp": ""}
    found = source(",open,high,low,close,volume", "2004-08-19,1,2,0.5,1.5,7", columns=columns)

    assert column(found, "timestamp") == [date(2004, 8, 19)]


def test_cells_that_mean_nothing_is_known_are_declared(source):
    """They empty numbers only: a stamp or a symbol of that text stays what it is."""
    lines = (",".join(BAR), "0,-,2,0.5,1.5,0")
    found = source(*lines, null_values=["-", "0"], timestamp_unit="ms", date="2024-01-02")

    assert frame(found).select(BAR).rows() == [(datetime(2024, 1, 2), None, 2.0, 0.5, 1.5, None)]


def test_a_cell_must_match_exactly(source):
    """`0` doesn't empty `0.5`, and a dash that isn't declared is no number."""
    assert "data.columns.open: must be a column of numbers" in told(
        source(",".join(BAR), "2024-01-02,-,2,0.5,1.5,7", null_values=["0"])
    )


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=5))
def test_prices_in_fractions_of_a_cent_are_exact(tmp_path_factory, prices):
    """136300 hundredths of a cent are 13.63 to the last bit, as Python's division gives it."""
    path = tmp_path_factory.mktemp("scale") / "a.csv"
    path.write_text("".join(f"2024-01-02,{price},{price},{price},{price},7\n" for price in prices))
    (raw,) = Csv.model_validate({"path": str(path), "names": BAR, "price_scale": 0.0001, **NAMELESS}).read(A)

    assert raw.frame.select("open", "volume").rows() == [(price / 10_000, 7.0) for price in prices]
    assert raw.notes == ("prices were multiplied by 0.0001",)


def test_date_and_time_in_columns_of_their_own_are_joined(source):
    """The joined text is read by the format."""
    lines = ("Date,Time,open,high,low,close,volume", "01/31/2024,09:30,1,2,0.5,1.5,7")
    found = source(*lines, timestamp_columns=["Date", "Time"], timestamp_format="%m/%d/%Y %H:%M")

    assert column(found, "timestamp") == [datetime(2024, 1, 31, 9, 30)]


def test_parts_of_a_stamp_must_be_columns(source):
    """The nearest name is shown."""
    assert told(source("Date,Tme,open,high,low,close,volume", "x,y,1,2,0.5,1.5,7", timestamp_columns=["Date", "Time"])) == (
        '  data.timestamp_columns: must name columns of a.csv, was "Time". Did you mean Tme? '
        "Known: Date, Tme, close, high, low, open, volume."
    )


@pytest.mark.parametrize(
    ("stamp", "parameters", "read"),
    [
        ("1672531436", {"timestamp_unit": "s"}, datetime(2023, 1, 1, 0, 3, 56, tzinfo=UTC)),
        ("34200000", {"timestamp_unit": "ms", "date": "2014-06-06"}, datetime(2014, 6, 6, 9, 30)),
        ("34200000", {"timestamp_unit": "ms", "date_from_name": "%Y%m%d"}, datetime(2014, 6, 9, 9, 30)),
        ("09:30:00", {"date_from_name": "%Y%m%d"}, datetime(2014, 6, 9, 9, 30)),
        ("093000", {"date": "2014-06-06", "timestamp_format": "%H%M%S"}, datetime(2014, 6, 6, 9, 30)),
        ("09-AM", {"date": "2014-06-06", "timestamp_format": "%I-%p"}, datetime(2014, 6, 6, 9)),
    ],
)
def test_stamps_that_count_or_say_the_time_alone(source, stamp, parameters, read):
    """Since 1970 or since midnight, with the day from a parameter or from the file's name."""
    found = source(f"{stamp},1,2,0.5,1.5,7", names=BAR, name="20140609_trade.csv", **parameters)

    assert column(found, "timestamp") == [read]


def test_each_file_of_a_folder_has_the_day_of_its_own_name(source, tmp_path):
    """Files are read in the order of their names."""
    for day in ("20140606", "20140609"):
        made = source("0,1,2,0.5,1.5,7", name=f"bars/{day}.csv", names=BAR, timestamp_unit="ms", date_from_name="%Y%m%d")

    found = made.model_copy(update={"path": str(tmp_path / "bars")})

    assert column(found, "timestamp") == [datetime(2014, 6, 6), datetime(2014, 6, 9)]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"timestamp_format": "%Y", "timestamp_unit": "s"},
            'data.timestamp_format: must be null with timestamp_unit, was "%Y". Write one of the two.',
        ),
        (
            {"timestamp_format": "%H:%M"},
            'data.timestamp_format: must name the day, was "%H:%M". Write the letters of a date, e.g. %Y-%m-%d; if the stamps '
            "don't name the day, write date or date_from_name.",
        ),
        (
            {"timestamp_format": "%Y%m%d", "date": "2014-06-06"},
            'data.timestamp_format: must not name the day that date or date_from_name gives, was "%Y%m%d". '
            "Write date: null and date_from_name: null, or a format of the time of day alone.",
        ),
        (
            {"date": "2014-06-06", "date_from_name": "%Y%m%d"},
            'data.date_from_name: must be null with date, was "%Y%m%d". Write one of the two.',
        ),
        (
            {"date": "2014-06-31"},
            'data.date: must be a day of the calendar, was "2014-06-31". Write YYYY-MM-DD, e.g. "2012-06-21".',
        ),
        (
            {"date_from_name": "%H%M"},
            'data.date_from_name: must be the format of a day, was "%H%M". '
            'Write how the name spells its day with %Y %y %m %b %d %j, e.g. date_from_name: "%Y%m%d".',
        ),
        (
            {"date_from_name": "%Y%m%d"},
            'a.csv: its name must spell one day as "%Y%m%d", was a name without one. '
            "Write the format of the day in the name, or the day itself as date.",
        ),
    ],
)
def test_contradictions_are_found_without_reading(source, parameters, message):
    """Each with what to write."""
    faults = source("x,1,2,0.5,1.5,7", names=BAR, **parameters).check(A)

    assert message in [str(fault) for fault in faults]


@pytest.mark.parametrize("suffix", [".zip", ".csv.gz"])
def test_packed_files_of_a_folder_are_found_and_read(tmp_path, suffix):
    """The digest is that of the packed bytes."""
    text = b"2024-01-02,1,2,0.5,1.5,7\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inside.csv", text)
    data = packed.getvalue() if suffix == ".zip" else gzip.compress(text)
    (tmp_path / f"a{suffix}").write_bytes(data)

    (raw,) = Csv.model_validate({"path": str(tmp_path), "names": BAR, **NAMELESS}).read(A)

    assert raw.frame["open"].to_list() == [1.0]
    assert raw.digests == {f"a{suffix}": hashlib.sha256(data).hexdigest()}


def test_an_archive_of_several_files_is_a_fault(tmp_path):
    """The names are shown; which is meant is not guessed."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "1")
        archive.writestr("b.csv", "2")

    assert told(Csv.model_validate({"path": str(tmp_path / "a.zip"), "names": BAR, **NAMELESS})) == (
        "  a.zip: must be a file the source can read, was the archive must hold one file and holds 2: a.csv, b.csv. "
        "Check that it is complete and of the right kind."
    )


QUOTES = {
    "stream": "quotes",
    "names": ["timestamp", "bid_price", "bid_size", "ask_price", "ask_size"],
    "columns": {"symbol": None, **{name: name for name in ("bid_price", "bid_size", "ask_price", "ask_size")}},
    "null_values": ["0"],
    "timestamp_unit": "ms",
    "date": "2013-10-07",
}


def test_one_sided_quotes_stay_one_sided(source):
    """The other side isn't carried on from the line before, and a side without a price has no size."""
    found = source("100,1800100,300,0,0", "100,0,5,1818000,3000", **QUOTES, price_scale=0.0001)

    assert frame(found).select("bid_price", "bid_size", "ask_price", "ask_size").rows() == [
        (180.01, 300.0, None, None),
        (None, None, 181.8, 3000.0),
    ]


def test_books_with_levels_in_the_names_of_their_columns(source):
    """`{level}` stands for the number, and as many levels are read as there are."""
    columns = {"symbol": "instrument", "timestamp": "local", "bid_price": "bids[{level}].price"}
    columns |= {"bid_size": "bids[{level}].amount", "ask_price": "asks[{level}].price", "ask_size": "asks[{level}].amount"}
    sides = [f"{side}s[{level}].{what}" for level in (0, 1) for side in ("ask", "bid") for what in ("price", "amount")]
    found = source(
        ",".join(["instrument", "local", *sides]),
        "A,1598918403696000,11,1,10,2,12,3,9,4",
        stream="depth",
        columns=columns,
        symbol=None,
        timestamp_unit="us",
    )

    (raw,) = found.read(A)

    assert raw.levels == 2
    assert raw.frame.select("bid_price_0", "bid_price_1", "ask_price_0", "ask_size_1").rows() == [(10.0, 9.0, 11.0, 3.0)]


BESIDE = {
    "beside": {"find": "_book", "replace": "_stamp"},
    "names": ["ask_price_0", "ask_size_0", "bid_price_0", "bid_size_0", "timestamp", "event"],
    "stream": "depth",
    "timestamp_unit": "s",
    "date_from_name": "%Y-%m-%d",
}


def test_a_second_file_continues_the_lines(source, tmp_path):
    """Line 1 there belongs to line 1 here, and both files are digested."""
    (tmp_path / "2012-06-21_stamp.csv").write_text("34200.004241176,1\n34200.00426064,4\n")

    (raw,) = source("5859400,200,5853300,18", "5859400,200,5853300,19", name="2012-06-21_book.csv", **BESIDE).read(A)

    assert raw.frame["timestamp"].dt.to_string("%H:%M:%S%.9f").to_list() == ["09:30:00.004241176", "09:30:00.004260640"]
    assert raw.frame["bid_size_0"].to_list() == [18.0, 19.0]
    assert sorted(raw.digests) == ["2012-06-21_book.csv", "2012-06-21_stamp.csv"]


@pytest.mark.parametrize(
    ("name", "beside", "message"),
    [
        (
            "2012-06-21_book.csv",
            "34200.004241176,1\n",
            "2012-06-21_book.csv: must be a file the source can read, was 2 lines, while the file beside it has 1. "
            "Check that it is complete and of the right kind.",
        ),
        (
            "2012-06-21_book.csv",
            None,
            "2012-06-21_book.csv: must have 2012-06-21_stamp.csv beside it, was no such file. "
            "Put it beside the other, or correct data.beside.",
        ),
        (
            "2012-06-21.csv",
            None,
            'data.beside.find: must be part of the name of every file, was "_book", not in 2012-06-21.csv. '
            'Write a path that leads to the first files alone, e.g. a glob "*_book*".',
        ),
    ],
)
def test_files_that_do_not_belong_together_are_refused(source, tmp_path, name, beside, message):
    """Another number of lines, no second file, or a first file whose name leads to none."""
    if beside is not None:
        (tmp_path / "2012-06-21_stamp.csv").write_text(beside)

    assert told(source("1,2,3,4", "1,2,3,4", name=name, **BESIDE)).strip() == message


@pytest.mark.parametrize("word", ["", "../stamp", "a\\b"])
def test_the_second_file_lies_in_the_folder_of_the_first(word):
    """Its name can't lead anywhere else."""
    with pytest.raises(ValidationError):
        Beside(find="_book", replace=word)


def test_a_missing_volume_is_unknown(source):
    """Not zero: nobody says that nothing was traded."""
    found = source("timestamp,open,high,low,close", "2024-01-02,1,2,0.5,1.5", columns={"symbol": None, "volume": None})

    assert frame(found)["volume"].fill_null(nan).is_nan().all()
